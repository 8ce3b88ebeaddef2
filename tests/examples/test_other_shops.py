"""The shops of `examples/node` and `examples/php`, with the real runtimes against a real server."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from running_mock import running_mock
from runtimes import needed

from mock_server import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "examples" / "README.md").read_text("utf-8")
ROW = re.compile(r"^\| \[(\w+)\]\(\w+\).*\| `([^`]+)` \| `([^`]+)` \|$", re.MULTILINE)
COMMANDS = {folder: (tests, bug) for folder, tests, bug in ROW.findall(README)}
OTHERS = sorted(set(COMMANDS) - {"python"})


@pytest.fixture(scope="module")
def mock():
    with running_mock() as here:
        yield here


@pytest.fixture
def shop(mock, tmp_path):
    """Run a command of the README in a copy of an example: exit code and output."""

    def run(folder: str, command: str, **environ: str) -> tuple[int, str]:
        program, *arguments = command.split()
        copy = tmp_path / folder
        ignored = shutil.ignore_patterns(".phpunit*", "node_modules")
        shutil.copytree(ROOT / "examples" / folder, copy, ignore=ignored)
        done = subprocess.run(
            [needed(program), *arguments],
            cwd=copy,
            env={**os.environ, "HAKUNA_MOCK_URL": mock.url, **environ},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_every_example_is_in_the_readme():
    examples = [path for path in (ROOT / "examples").iterdir() if path.is_dir()]
    shops = {path.name for path in examples if not list(path.glob("compose*"))}
    assert set(COMMANDS) == shops
    readme = (ROOT / "examples/README.md").read_text("utf-8")
    assert not [path.name for path in examples if f"{path.name}" not in readme]


@pytest.mark.parametrize("folder", OTHERS)
def test_the_shops_own_tests_pass(shop, folder):
    code, out = shop(folder, COMMANDS[folder][0])
    assert code == 0, out
    assert re.search(r"# pass 9\b|OK \(9 tests", out), out


@pytest.mark.parametrize("folder", OTHERS)
def test_the_planted_bug_fails_with_the_explanation(shop, folder):
    code, out = shop(folder, COMMANDS[folder][1])
    assert code == 1
    assert "violation refund-missing-protection (documented): order 2024-0815, event evt-" in out
    assert "refunds 1 × Phone 14 (1) but not the protection that belongs to it (2)" in out
    assert "fix: add 2, quantity 1" in out


@pytest.mark.parametrize("folder", OTHERS)
def test_off_loopback_the_admin_token_comes_from_the_environment(shop, folder):
    with running_mock(Settings(port=0, admin_token="choose-one")) as here:
        told = {"HAKUNA_MOCK_URL": here.url, "HAKUNA_MOCK_ADMIN_TOKEN": "choose-one"}
        code, out = shop(folder, COMMANDS[folder][0], **told)
    assert code == 0, out
