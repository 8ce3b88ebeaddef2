import json
import subprocess
import sys

import pytest

from contracts import RULES, schemas


def test_every_rule_is_listed_with_severity_and_basis(run):
    out = run("rules").out
    for rule in RULES.values():
        assert any(
            line.split()[:3] == [str(rule.severity), str(rule.basis), rule.id]
            for line in out.splitlines()
        )


def test_the_list_is_there_as_json(run):
    listed = json.loads(run("rules", "--output-format", "json").out)
    assert {item["id"] for item in listed} == set(RULES)


@pytest.mark.parametrize("rule_id", RULES)
def test_every_rule_is_explained_with_why_source_and_examples(run, rule_id):
    ran = run("explain", rule_id)
    assert ran.code == 0
    for heading in ("fix:", "source:", "passes:", "violates:"):
        assert heading in ran.out


def test_a_misspelt_rule_is_a_usage_error_with_the_nearest_name(run):
    ran = run("explain", "over-refnd")
    assert ran.code == 2
    assert "did you mean over-refund?" in ran.err


def test_schemas_are_listed_and_printed_as_they_are_shipped(run):
    listed = run("schema").out
    for name in (*schemas.NAMES, "openapi"):
        assert name in listed
    assert run("schema", "order_placed").out == schemas.text("order_placed")
    assert json.loads(run("schema", "openapi").out)["openapi"] == "3.1.0"


def test_an_unknown_schema_is_a_usage_error(run):
    ran = run("schema", "order_place")
    assert ran.code == 2
    assert "did you mean order_placed?" in ran.err


@pytest.mark.parametrize(
    ("color", "coloured"), [("always", True), ("never", False), ("auto", False)]
)
def test_colours_are_chosen(run, color, coloured):
    assert ("\x1b[" in run("rules", "--color", color).out) is coloured


def test_the_reader_of_the_list_may_go_away():
    command = f"{sys.executable} -m hakuna_mock rules | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_rule_has_its_why_where_python_drops_docstrings():
    command = [sys.executable, "-OO", "-m", "hakuna_mock", "rules", "--output-format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert all(rule["why"] for rule in json.loads(done.stdout))


def test_an_example_is_told_in_english(run):
    for rule in RULES:
        assert "with without" not in run("explain", rule).out
