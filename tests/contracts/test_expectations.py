from dataclasses import replace

import pytest

from contracts import RULES, Enforcement, Policy
from contracts.expectations import Outcome, compare, compare_end, rehearse
from contracts.instant import parse_instant
from contracts.scenario import StepExpectation, read_scenario
from contracts.scenarios import shipped

NOW = parse_instant("2026-06-01T00:00:00Z")
QA = {
    "docs-examples-alone",
    "docs-page-top-to-bottom",
    "happy-return",
    "forgotten-plan",
    "late-correction",
    "plan-first",
    "partial-quantities",
    "half-covered",
    "placeholder-sku-mix-up",
    "same-product-two-lines",
    "stock-out-half",
    "cancel-forgets-then-refunds-plan",
    "payment-failed",
    "cancel-after-partial-shipment",
    "windows",
    "retry-without-key",
    "webhook-race",
    "idempotency-matrix",
    "gatekeeping-matrix",
    "bad-links",
}
NEEDS_MORE_THAN_A_SCENARIO = {"production-path", "auth-environment-mismatch"}


def mismatches(scenario, policy=None):
    played = rehearse(scenario, NOW, policy)
    found = [
        one for asked, got in played.requests for one in compare(asked.step, asked.expect, got)
    ]
    return [*found, *compare_end(scenario, played)]


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_scenario_causes_what_it_says(name):
    assert mismatches(shipped()[name]) == []


def test_the_catalogue_holds_the_qa_cases_stories_and_a_pair_for_each_rule():
    names = set(shipped())
    assert names >= QA
    assert {"busy-order", "two-orders-interleaved"} <= names
    for rule in RULES:
        assert f"{rule}-passes" in names
        assert (f"{rule}-violates" in names) is (rule not in NEEDS_MORE_THAN_A_SCENARIO)


@pytest.mark.parametrize("rule", sorted(set(RULES) - NEEDS_MORE_THAN_A_SCENARIO))
def test_the_violating_scenario_of_a_rule_fires_it_and_the_passing_one_does_not(rule):
    fired = {
        kind: {
            found
            for _, got in rehearse(shipped()[f"{rule}-{kind}"], NOW).requests
            for found in got.findings | got.advice
        }
        for kind in ("passes", "violates")
    }
    later = rehearse(shipped()[f"{rule}-violates"], NOW).open_findings
    assert rule in fired["violates"] | later
    assert rule not in fired["passes"]


def test_under_reject_a_violation_is_refused_and_the_scenario_says_so():
    found = mismatches(shipped()["forgotten-plan"], Policy(Enforcement.REJECT))
    assert ("status", 200, 400) in [(one.what, one.expected, one.got) for one in found]


@pytest.mark.parametrize(
    ("expected", "what"),
    [
        (StepExpectation(status=400), "status"),
        (StepExpectation(error_code="unauthorized"), "error_code"),
        (StepExpectation(findings=frozenset({"over-refund"})), "findings"),
        (StepExpectation(advice=frozenset({"zip-format"})), "advice"),
    ],
)
def test_each_unmet_expectation_is_named(expected, what):
    got = Outcome(200, None, frozenset(), frozenset())
    assert [one.what for one in compare(0, expected, got)] == [what]


def test_what_cannot_be_seen_is_not_compared():
    expected = StepExpectation(findings=frozenset({"over-refund"}), advice=frozenset())
    assert list(compare(0, expected, Outcome(200, None, None, None))) == []


def test_the_end_of_a_scenario_is_compared():
    scenario = replace(
        shipped()["happy-return"],
        open_findings=frozenset({"over-refund"}),
        orders={"ord-1": {"status": "closed"}, "ord-9": {"status": "placed"}},
    )
    found = {one.what: one.got for one in mismatches(scenario)}
    assert found == {
        "open_findings": [],
        "orders/ord-1/status": "fulfilled",
        "orders/ord-9/status": None,
    }


def test_each_key_of_a_scenario_has_a_world_of_its_own():
    scenario = read_scenario(
        {
            "name": "x",
            "steps": [
                {"shorthand": "P{d:1}"},
                {"shorthand": "F{d:1}", "key": "b", "expect": {"findings": ["unknown-order"]}},
            ],
        }
    )
    assert mismatches(scenario) == []
