"""The reference is made from the code: after a change of commands, routes, rules or the plugin
`python docs/generate` writes it anew.
"""

import re
import subprocess
import sys
from pathlib import Path

from contracts.rules import RULES
from hakuna_mock.cli.main import COMMANDS
from mock_server.control import ROUTES

ROOT = Path(__file__).parents[2]
GENERATOR = ROOT / "docs" / "generate"


def generate(*arguments: str, where: Path = GENERATOR) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, where, *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )


def read(name: str) -> str:
    return (ROOT / "docs" / "reference" / name).read_text("utf-8")


def test_the_reference_is_current():
    done = generate("--check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_page_that_is_not_current_is_named_and_written_again(tmp_path):
    copy = tmp_path / "docs"
    for source in (GENERATOR, ROOT / "docs" / "reference"):
        (copy / source.name).mkdir(parents=True)
        for path in source.glob("*.*"):
            (copy / source.name / path.name).write_bytes(path.read_bytes())
    schemas = tmp_path / "contracts" / "schemas"
    schemas.mkdir(parents=True)
    envelope = ROOT / "contracts" / "schemas" / "envelope.json"
    (schemas / envelope.name).write_bytes(envelope.read_bytes())
    page = copy / "reference" / "rules.md"
    page.write_text(page.read_text("utf-8") + "by hand\n", "utf-8")
    done = generate("--check", where=copy / "generate")
    assert (done.returncode, done.stdout) == (
        1,
        "docs/reference/rules.md is not current: python docs/generate\n",
    )
    assert generate(where=copy / "generate").stdout == "wrote docs/reference/rules.md\n"
    assert page.read_text("utf-8") == read("rules.md")


def test_nothing_is_left_out():
    commands = re.findall(r"^## ([a-z]+)$", read("command-line.md"), re.MULTILINE)
    assert set(COMMANDS) <= set(commands)
    rules = re.findall(r"^## ([a-z-]+)$", read("rules.md"), re.MULTILINE)
    assert rules == list(RULES)
    calls = re.findall(r"^### ([A-Z]+ /\S+)$", read("control-api.md"), re.MULTILINE)
    assert len(calls) == len(set(calls)) == len(ROUTES)


def test_the_examples_are_answers_of_a_mock_that_worked():
    text = read("control-api.md")
    statuses = re.findall(r"^(\d{3}) [A-Z][A-Za-z ]+$", text, re.MULTILINE)
    assert statuses.count("409") == 1  # the verdict on a shop that forgot the protection
    assert {status for status in statuses if status != "409"} == {"200"}
    assert "sk_test_" not in text.replace("sk_test_…", "")
