import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


def test_the_borders_between_the_rooms_hold():
    done = subprocess.run(
        [BIN / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_judging_loads_no_web_framework_no_event_loop_and_no_slow_validator():
    code = (
        "import sys, contracts, contracts.shorthand, contracts.reference.openapi\n"
        "bad = {'aiohttp', 'asyncio', 'jsonschema', 'hypothesis', 'click'}\n"
        "bad &= set(sys.modules)\n"
        "sys.exit(str(bad) if bad else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_room_is_typed_for_its_users():
    for room in ("contracts", "mock_server", "fuzz", "hakuna_mock"):
        assert (ROOT / room / "py.typed").is_file()


def test_no_source_file_has_grown_beyond_one_purpose():
    long = {
        str(path.relative_to(ROOT)): lines
        for room in ("contracts", "mock_server", "fuzz", "hakuna_mock", "tests")
        for path in (ROOT / room).rglob("*.py")
        if (lines := len(path.read_text("utf-8").splitlines())) > 400
    }
    assert long == {}
