import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
ROOMS = ("contracts", "mock_server", "fuzz", "hakuna_mock")
LARGEST_FOLDER = 15
"""Modules that a folder may hold beside its `__init__.py`."""


def test_the_borders_between_the_rooms_hold():
    done = subprocess.run(
        [BIN / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_no_module_is_imported_by_what_it_imports_not_even_later():
    graph = grimp.build_graph(*ROOMS, cache_dir=None)
    TopologicalSorter(
        {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    ).prepare()


@pytest.mark.parametrize(
    "folder",
    sorted(
        {path.parent for room in ROOMS for path in (ROOT / room).rglob("*.py")},
        key=str,
    ),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_folder_reads_like_a_table_of_contents(folder):
    modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
    assert len(modules) <= LARGEST_FOLDER
    assert (folder / "__init__.py").read_text("utf-8").strip(), "an empty room says nothing"


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
    for room in ROOMS:
        assert (ROOT / room / "py.typed").is_file()


def test_no_source_file_has_grown_beyond_one_purpose():
    long = {
        str(path.relative_to(ROOT)): lines
        for room in (*ROOMS, "tests")
        for path in (ROOT / room).rglob("*.py")
        if (lines := len(path.read_text("utf-8").splitlines())) > 400
    }
    assert long == {}
