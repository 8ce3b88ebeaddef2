"""The shop of `examples/python`, and that `docs/pytest.md` shows what really happens."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import hakuna_mock
from hakuna_mock.pytest.plugin import FAIL_ON
from hakuna_mock.pytest.runtime import VALUES
from hakuna_mock.pytest.world import Hakuna

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "pytest.md").read_text("utf-8")
CHANGING = re.compile(r"evt-[0-9a-f-]{36}|\d{4}-\d\d-\d\dT[\d:.]+Z|in [\d.]+s")
PLAIN = ("-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:aiohttp", "-p", "no:xdist")


@pytest.fixture
def example(tmp_path):
    """Run pytest in a copy of the example: exit code and output."""
    folder = tmp_path / "shop"
    ignored = shutil.ignore_patterns("__pycache__", ".pytest_cache")
    shutil.copytree(ROOT / "examples" / "python", folder, ignore=ignored)

    def run(*arguments: str, **environ: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "pytest", "-q", *PLAIN, *arguments]
        # Where CI is set pytest prints longer lines than the document shows.
        environment = {
            name: value
            for name, value in os.environ.items()
            if "PYTEST" not in name and name not in ("CI", "BUILD_NUMBER")
        }
        done = subprocess.run(
            command,
            cwd=folder,
            env={**environment, "COLUMNS": "80", **environ},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    return run


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)


def test_the_shops_own_tests_pass(example):
    code, out = example()
    assert (code, re.search(r"\d+ passed", out)[0]) == (0, "7 passed")


def test_the_planted_bug_fails_as_the_document_shows(example):
    (shown,) = blocks("console")
    command, _, expected = shown.partition("\n")
    code, out = example(*command.removeprefix("$ pytest -q ").split())
    assert code == 1
    assert CHANGING.sub("…", out) == CHANGING.sub("…", expected)


def test_the_first_example_of_the_document_fails_for_the_reason_it_names(inner):
    ran = inner(blocks("python")[0])
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["hakuna: unknown-order"])


def test_the_other_examples_of_the_document_work(inner):
    taken_over, given, session, marked, script = blocks("python")[1:]
    inner(
        "import unittest, pytest\n"
        + taken_over
        + "\n    def test_it(self): self.hakuna.play('P{d:1}')\n\n"
        + marked
    ).assert_outcomes(passed=2)
    inner(
        f"{given}\n{session}\n"
        "def test_shop(running_shop): running_shop.play('P{d:1}')\n"
        "def test_shop_goes_on(running_shop): running_shop.play('F{d:1}')\n",
        "-p",
        "hypothesispytest",
    ).assert_outcomes(passed=3)
    exec(compile(script, "docs/pytest.md", "exec"), {})


def test_the_document_names_what_there_is():
    rows = dict.fromkeys(re.findall(r"`([a-z_]+)(?:\(|`)", DOCUMENT))
    public = {name for name in vars(Hakuna) if not name.startswith("_")} | {"api_key"}
    inside = {"delete_failed"}
    assert public - inside <= set(rows)
    for word in (*VALUES, *FAIL_ON, "hakuna_server", "hakuna_env", "hakuna_fail_on"):
        assert word in DOCUMENT
    plugin = (ROOT / "hakuna_mock" / "pytest" / "plugin.py").read_text("utf-8")
    for flag in re.findall(r'"(--hakuna-[a-z-]+)"', plugin):
        assert f"`{flag}" in DOCUMENT
    for flag in re.findall(r"--hakuna-[a-z-]+", DOCUMENT):
        assert f'"{flag}"' in plugin


def test_running_is_documented_where_it_is():
    assert hakuna_mock.running.__doc__
