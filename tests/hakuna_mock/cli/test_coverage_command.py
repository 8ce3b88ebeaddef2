"""Coverage files: written by runs, shown and merged by the command."""

import json

import pytest
from running_mock import running_mock

from contracts.rules import RULES
from contracts.worlds.coverage import DIMENSIONS
from mock_server import Settings


@pytest.fixture
def two_runs(run):
    run("play", "P{d:1,p:1>d} F{d:1} R{d:1}", "--coverage", "one.json")
    run("play", "P{d:1} X", "--coverage", "two.json")
    return "one.json", "two.json"


def test_a_run_is_shown_with_bars_and_the_names_that_are_missing(run, two_runs):
    ran = run("coverage", two_runs[0])
    assert ran.code == 0
    assert "event types         ████████████········   3 of 5" in ran.out
    assert "event types never exercised:\n  order_line_items_cancelled, order_cancelled" in ran.out


def test_rules_are_named_by_the_event_type_that_never_met_them(run, two_runs):
    out = run("coverage", two_runs[1]).out
    rules = sum("order_refund_added" in rule.events for rule in RULES.values())
    assert f"\n  order_refund_added: none of its {rules} rules was\n" in out


def test_a_file_of_an_older_version_is_merged_and_weighs_the_same(run, two_runs, tmp_path):
    document = json.loads((tmp_path / two_runs[0]).read_text())
    del document["rules_by_type"]
    (tmp_path / "older.json").write_text(json.dumps(document))
    percents = [
        next(line for line in run("coverage", name).out.splitlines() if line.startswith("all "))
        for name in ("older.json", two_runs[0])
    ]
    assert percents[0] == percents[1]
    both = json.loads(run("coverage", "older.json", two_runs[1], "--output-format", "json").out)
    assert both["rules_violated"]["items"]["refund-missing-protection"] == 1
    assert "order_refund_added refund-missing-protection" not in both["rules_by_type"]["fired"]


def test_runs_are_merged(run, two_runs):
    document = json.loads(run("coverage", *two_runs, "--output-format", "json").out)
    assert document["event_types"]["score"] == 4
    assert document["event_types"]["items"]["order_placed"] == 2


def test_the_merged_output_can_be_merged_again(run, two_runs, tmp_path):
    merged = run("coverage", *two_runs, "--output-format", "json").out
    (tmp_path / "both.json").write_text(merged)
    again = json.loads(run("coverage", "both.json", "--output-format", "json").out)
    assert again == json.loads(merged)


def test_a_least_share_can_be_asked_for(run, two_runs):
    assert run("coverage", *two_runs, "--min", "10").code == 0
    ran = run("coverage", *two_runs, "--min", "99")
    assert ran.code == 1
    assert "--min asks for 99" in ran.err


def test_verify_covers_nearly_all_and_writes_it_down(run, tmp_path):
    with running_mock(Settings(port=0)) as here:
        ran = run("verify", "--target", here.url, "--coverage", "all.json")
    assert ran.code == 0, ran.out
    assert "covered: 5/5 event types" in ran.out
    document = json.loads((tmp_path / "all.json").read_text())
    violated = document["rules_violated"]["items"]
    # A scenario is sent with a test key, and to the endpoint.
    assert {rule for rule, times in violated.items() if not times} == {
        "auth-environment-mismatch",
        "production-path",
        "wrong-endpoint",
    }


def test_what_a_server_saw_is_the_server_s_to_tell(run):
    with running_mock(Settings(port=0)) as here:
        ran = run("play", "P{d:1}", "--target", here.url, "--coverage", "x.json")
    assert ran.code == 2
    assert "/_mock/v1/coverage" in ran.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "c.json:1: this is not JSON"),
        ("[]", "this is not a coverage document"),
        (json.dumps({name: {"items": {"x": -1}} for name in DIMENSIONS}), "whole number"),
    ],
)
def test_a_file_that_is_no_coverage_is_told_in_words(run, tmp_path, text, message):
    (tmp_path / "c.json").write_text(text)
    ran = run("coverage", "c.json")
    assert ran.code == 2
    assert message in ran.err


def test_a_missing_file_is_told_by_name(run):
    ran = run("coverage", "nothing.json")
    assert ran.code == 2
    assert "nothing.json: No such file" in ran.err
