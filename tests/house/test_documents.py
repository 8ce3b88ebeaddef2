import re
import subprocess
from pathlib import Path

import pytest

from contracts import RULES, __version__
from hakuna_mock.cli.main import COMMANDS
from mock_server.settings import OPTIONS

ROOT = Path(__file__).parents[2]
TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    if (ROOT / name).is_file()
]
TEXTS = {path: path.read_text("utf-8", "replace") for path in TRACKED}


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"`(?:[a-z_]+/)*([a-z_]+\.py)`", read("ARCHITECTURE.md"))))
)
def test_every_file_that_the_architecture_names_exists(name):
    assert any(path.name == name for path in TRACKED)


def test_every_command_and_option_that_the_readme_names_exists():
    text = read("README.md")
    named = set(re.findall(r"hakuna-mock (?!events|schema openapi)([a-z]+)\b", text))
    assert named & set(COMMANDS)
    assert {
        name for name in named if name in ("serve", "check", "play", "explain", "rules", "schema")
    } <= set(COMMANDS)
    for variable in re.findall(r"HAKUNA_MOCK_([A-Z_]+)", text):
        assert variable.lower() in OPTIONS
    for rule in re.findall(r"explain ([a-z-]+)", text):
        assert rule in RULES


def test_the_changelog_speaks_of_this_version_and_counts_the_rules():
    text = read("CHANGELOG.md")
    assert f"## {__version__}" in text
    assert f"{len(RULES)} rules" in text


def test_no_tracked_file_names_a_download_host_or_a_path_of_a_machine():
    machine = re.compile(r"(?<![\w.])/(?:root|home/\w+|work/(?:main|shared))/")
    hosts = re.compile(
        "|".join(
            ["index" + "-url", "pypi" + r"\.org", "npmjs" + r"\.org", "deb" + r"\.debian\.org"]
        )
    )
    for path, text in TEXTS.items():
        assert not hosts.search(text), path
        assert not machine.search(text), path


def test_no_tracked_file_holds_a_whole_key():
    key = re.compile(r"sk_(?:live_[A-Za-z0-9]|test_[A-Za-z0-9]{20})")
    for path, text in TEXTS.items():
        assert not key.search(text), path


def test_every_pinned_dependency_is_pinned_to_one_version_without_an_address():
    for line in read("constraints.txt").splitlines():
        assert re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9A-Za-z.]+", line), line
