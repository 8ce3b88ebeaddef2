from dataclasses import replace

import pytest

from contracts import RULES, Enforcement, Policy
from contracts.scenarios.catalogue import shipped, shipped_scenario
from contracts.scenarios.format import StepExpectation, read_scenario
from contracts.scenarios.runner import Outcome, compare, compare_end, dry_run
from contracts.timing.rfc3339 import parse_instant

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
NEEDS_MORE_THAN_A_SCENARIO = {
    "production-path",
    "wrong-endpoint",
    "auth-environment-mismatch",
}


def mismatches(scenario, policy=None):
    played = dry_run(scenario, NOW, policy)
    found = [
        item
        for asked, actual in played.requests
        for item in compare(asked.step, asked.expect, actual)
    ]
    return [*found, *compare_end(scenario, played.open_findings, played.orders)]


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
            for _, actual in dry_run(shipped()[f"{rule}-{kind}"], NOW).requests
            for found in actual.findings | actual.advice
        }
        for kind in ("passes", "violates")
    }
    later = dry_run(shipped()[f"{rule}-violates"], NOW).open_findings
    assert rule in fired["violates"] | later
    assert rule not in fired["passes"]


def test_under_reject_a_violation_is_refused_and_the_scenario_says_so():
    found = mismatches(shipped()["forgotten-plan"], Policy(Enforcement.REJECT))
    assert ("status", 200, 400) in [(item.what, item.expected, item.actual) for item in found]


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
    actual = Outcome(200, None, frozenset(), frozenset())
    assert [item.what for item in compare(0, expected, actual)] == [what]


def test_what_cannot_be_seen_is_not_compared():
    expected = StepExpectation(findings=frozenset({"over-refund"}), advice=frozenset())
    assert list(compare(0, expected, Outcome(200, None, None, None))) == []


def test_the_end_of_a_scenario_is_compared():
    scenario = replace(
        shipped()["happy-return"],
        open_findings=frozenset({"over-refund"}),
        orders={"ord-1": {"status": "closed"}, "ord-9": {"status": "placed"}},
    )
    found = {mismatch.what: mismatch.actual for mismatch in mismatches(scenario)}
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


def statuses(*steps):
    played = dry_run(read_scenario({"name": "x", "steps": list(steps)}), NOW)
    return [actual.status for asked, actual in played.requests if not asked.step.is_control]


def control(method, path, body=None):
    message = {} if body is None else {"body": body}
    return {"control": {"method": method, "path": f"/_mock/v1/{path}", **message}}


EVENT = {"shorthand": "P{d:1}"}
ARMED = control("POST", "faults", {"id": "mine", "effect": "unavailable", "times": 9})


@pytest.mark.parametrize(
    "refused",
    [
        control("POST", "faults", {"effect": "nothing"}),
        control("POST", "clock", {"advance": "soon"}),
        control("PUT", "settings", {"enforcement": "strict"}),
        control("PUT", "settings", {"enforcement": "reject", "rules": None}),
        control("PUT", "settings", {"rules": {"zip-format": "loud"}}),
        control("PUT", "settings", {"retries_per_second": "many"}),
        control("PUT", "settings", {"outage": {"mode": "sleep"}}),
    ],
)
def test_a_call_of_the_control_api_that_a_server_refuses_changes_nothing(refused):
    assert statuses(refused, EVENT, {"shorthand": "R{zz:1}"}) == [200, 200]


def test_faults_are_armed_and_disarmed_by_calls_of_the_control_api():
    item, none = control("DELETE", "faults/mine"), control("DELETE", "faults")
    assert statuses(ARMED, EVENT, item, EVENT) == [503, 200]
    assert statuses(ARMED, EVENT, none, EVENT) == [503, 200]
    outage = control("PUT", "settings", {"outage": "refuse"})
    ended = control("PUT", "settings", {"outage": None})
    assert statuses(outage, EVENT, ended, EVENT) == [503, 200]


def test_a_rate_of_one_plays_always():
    always = control("POST", "faults", {"effect": "unavailable", "rate": 1})
    assert statuses(always, EVENT, EVENT) == [503, 503]


def test_the_limit_of_a_storm_is_told_by_the_settings():
    two = control("PUT", "settings", {"retries_per_second": 2})
    again = {**EVENT, "headers": {"Hakuna-Mock-Fault": "unavailable"}}
    played = dry_run(read_scenario({"name": "x", "steps": [two, again, again, again]}), NOW)
    assert "retry-storm" in played.requests[-1][1].findings


def test_a_late_reply_is_late_in_a_dry_run_too():
    late = {"Hakuna-Mock-Fault": "429; delay_ms=2000; retry_after=60; times=1"}
    step = {**EVENT, "headers": late}
    played = dry_run(read_scenario({"name": "x", "steps": [step, step]}), NOW)
    assert "retry-after-ignored" in played.requests[-1][1].findings


def test_a_scenario_has_a_name_that_no_shorthand_has_and_shorthand_makes_no_catalogue():
    assert all(shipped_scenario(name) is item for name, item in shipped().items())
    before = shipped.cache_info()
    assert [shipped_scenario(text) for text in ("P{d:1}", "X", "a.json")] == [None] * 3
    assert shipped.cache_info() == before
