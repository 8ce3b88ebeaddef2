"""`make new-rule`: what it writes is clean, and nothing fails but the demand for examples."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fresh_clone import copy_compiled, copy_tracked_files

RULE = "gift-card-refund"
BIN = Path(sys.executable).parent
DEMANDS = {f"test_a_rule_has_examples_that_pass_and_examples_that_violate[{RULE}]"}
"""The tests that fail until somebody fills the examples in."""

TESTS = (
    "tests/contracts/rules",
    "tests/fuzz/model/test_contract_fields.py",
    "tests/fuzz/model/test_agreement.py::test_both_know_the_same_rules",
    "tests/house/test_reference.py::test_the_reference_is_current",
)
"""Those that look at every rule."""

OF_A_FAMILY = (
    "tests/contracts/rules/test_rules.py",
    "tests/contracts/rules/test_customer.py",
    *TESTS[1:],
)
"""Where the stub joins a known file: the tests of other families ran beside the first stub."""


def run(copy, *command):
    """A command in the copy, with the packages of the copy."""
    return subprocess.run(
        command,
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "PATH": f"{BIN}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


def new_rule(copy, *arguments):
    return run(copy, sys.executable, ".ci/new_rule.py", *arguments)


def copied(to):
    copy_tracked_files(to)
    copy_compiled(to)
    return to


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    """A copy for those who change nothing."""
    return copied(tmp_path_factory.mktemp("untouched"))


@pytest.fixture(scope="module", params=[None, "customer"], ids=["new family", "known family"])
def family(request):
    return request.param


@pytest.fixture(scope="module")
def copy(tmp_path_factory, family):
    """A copy that has the stubs."""
    folder = copied(tmp_path_factory.mktemp("copy"))
    arguments = [RULE] if family is None else [RULE, "--family", family]
    written = new_rule(folder, *arguments)
    assert written.returncode == 0, written.stderr
    return folder


def test_the_stubs_are_clean_and_only_the_examples_are_missing(copy, family):
    paths = [
        f"contracts/rules/families/{family or 'gift_card_refund'}.py",
        "fuzz/model/value_rules.py",
    ]
    packages = ("-p", "contracts.rules", "-p", "fuzz.model")
    lint = [("ruff", "check", *paths), ("ruff", "format", "--check", *paths)]
    if family is None:  # the slow ones: one stub is written like the other
        lint += [("mypy", "--config-file", "pyproject.toml", *packages), ("lint-imports",)]
    for command in lint:
        linted = run(copy, str(BIN / command[0]), *command[1:])
        assert linted.returncode == 0, linted.stdout + linted.stderr
    tests = TESTS if family is None else OF_A_FAMILY
    tested = run(copy, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)
    failed = {
        line.partition("::")[2].partition(" ")[0]
        for line in tested.stdout.splitlines()
        if line.startswith("FAILED")
    }
    assert failed == DEMANDS, tested.stdout[-3000:]


def test_the_changelog_gets_a_line_and_the_reference_the_rule(copy):
    changelog = (copy / "CHANGELOG.md").read_text("utf-8")
    assert changelog.index(f"- Rule `{RULE}`") < changelog.index("- `hakuna-mock serve`")
    assert RULE in (copy / "docs/reference/rules.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["Gift"], "write two words or more"),
        (["zip-format"], "there is a rule zip-format already"),
        (
            [RULE, "--family", "gifts"],
            "there is no contracts/rules/families/gifts.py; choose one of",
        ),
    ],
)
def test_what_cannot_be_written_is_an_error_with_a_way_out(untouched, arguments, words):
    before = {path: path.read_bytes() for path in untouched.rglob("*.py")}
    refused = new_rule(untouched, *arguments)
    assert (refused.returncode, words in refused.stderr) == (2, True), refused.stderr
    assert {path: path.read_bytes() for path in untouched.rglob("*.py")} == before


def test_a_second_rule_of_a_new_family_is_told_to_join_it(untouched):
    family = untouched / "contracts/rules/families" / f"{RULE.replace('-', '_')}.py"
    family.write_text('"""The family of another rule."""\n', "utf-8")
    try:
        refused = new_rule(untouched, RULE)
    finally:
        family.unlink()
    assert (refused.returncode, f"add FAMILY={family.stem}" in refused.stderr) == (2, True)


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_make_passes_the_id_and_the_family_on():
    shown = subprocess.run(
        ["make", "-n", "new-rule", f"ID={RULE}", "FAMILY=customer"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert f".ci/new_rule.py '{RULE}' --family 'customer'" in shown.stdout
