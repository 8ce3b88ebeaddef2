"""Every rule is complete, its examples are true, and the catalogue of the facts is covered."""

from collections.abc import Iterable

import pytest
from plays import FLAG, REJECT, performed, rules_of

from contracts import RULES, Basis, Policy, Severity, State
from contracts.findings.sources import PAGES
from contracts.json_text.parser import parse
from contracts.json_text.pointer import at
from contracts.orders.events import ALL_EVENTS
from contracts.rules import Example, Rule, Stage
from contracts.scenarios.rule_examples import requests_of

VIOLATION, WARNING, ADVICE = Severity.VIOLATION, Severity.WARNING, Severity.ADVICE
OPEN = State.OPEN

CATALOGUE = {
    # requests
    "auth-invalid": VIOLATION,
    "auth-environment-mismatch": VIOLATION,
    "auth-bearer-header": ADVICE,
    "auth-credentials-conflict": WARNING,
    "version-header-missing": ADVICE,
    "version-header-unexpected": WARNING,
    "idempotency-key-missing": ADVICE,
    "idempotency-key-reused": VIOLATION,
    "content-type": ADVICE,
    "body-invalid": VIOLATION,
    "unknown-event-type": VIOLATION,
    "unknown-field": ADVICE,
    "json-duplicate-key": WARNING,
    "timestamp-format": VIOLATION,
    "country-format": VIOLATION,
    "currency-format": VIOLATION,
    "country-unknown": WARNING,
    "currency-unknown": WARNING,
    "currency-country-mismatch": WARNING,
    "email-format": ADVICE,
    "zip-format": ADVICE,
    # placements
    "order-id-reused": VIOLATION,
    "line-item-id-duplicate": WARNING,
    "protection-missing-reference": WARNING,
    "protection-dangling-reference": VIOLATION,
    "protection-self-reference": VIOLATION,
    "protection-references-protection": WARNING,
    "protection-exceeds-product": VIOLATION,
    "protection-brand-case": ADVICE,
    "protection-price-zero": ADVICE,
    "legacy-linkage": ADVICE,
    # state
    "refund-missing-protection": VIOLATION,
    "cancel-missing-protection": VIOLATION,
    "pairing-split-across-events": ADVICE,
    "termination-kind-mixed": ADVICE,
    "unknown-order": VIOLATION,
    "out-of-order-arrival": WARNING,
    "unknown-line-item": VIOLATION,
    "item-entry-repeated": ADVICE,
    "duplicate-event": WARNING,
    "over-fulfillment": WARNING,
    "over-refund": WARNING,
    "over-cancellation": WARNING,
    "cancel-quantity-missing": ADVICE,
    "cancel-timestamp-alias": ADVICE,
    "refund-before-fulfillment": ADVICE,
    "cancel-after-fulfillment": WARNING,
    "protection-cancel-after-shipment": WARNING,
    "protection-revocation-window": WARNING,
    "product-return-window": WARNING,
    "protection-fulfilled-alone": ADVICE,
    "order-cancel-after-fulfillment": VIOLATION,
    "order-already-cancelled": VIOLATION,
    "event-after-order-cancelled": VIOLATION,
    "timestamp-before-placement": WARNING,
    "timestamp-regression": WARNING,
    "timestamp-future": ADVICE,
}

ALWAYS_REFUSED = {
    "auth-invalid",
    "auth-environment-mismatch",
    "body-invalid",
    "unknown-event-type",
    "timestamp-format",
    "country-format",
    "currency-format",
    "idempotency-key-reused",
    "idempotency-key-invalid",
    "production-path",
    "wrong-endpoint",
    "fault-unknown",
}

each_rule = pytest.mark.parametrize(
    "rule", [pytest.param(rule, id=rule.id) for rule in RULES.values()]
)


def examples(kind: str, rules: Iterable[Rule] = RULES.values()):
    return pytest.mark.parametrize(("rule", "example"), _examples(kind, rules))


def examples_alone(kind: str, rules: Iterable[Rule] = RULES.values()):
    alone = [pytest.param(example.values[1], id=example.id) for example in _examples(kind, rules)]
    return pytest.mark.parametrize("example", alone)


def _examples(kind: str, rules: Iterable[Rule]):
    return [
        pytest.param(rule, example, id=f"{rule.id}-{number}")
        for rule in rules
        for number, example in enumerate(getattr(rule, kind), 1)
    ]


@pytest.mark.parametrize(("rule_id", "severity"), CATALOGUE.items())
def test_each_rule_of_the_catalogue_exists_with_its_severity(rule_id: str, severity: Severity):
    assert RULES[rule_id].severity is severity


def test_rules_beyond_the_catalogue_are_labelled_as_choices_of_this_tool():
    for rule in RULES.values():
        assert rule.id in CATALOGUE or rule.basis is Basis.HOUSE


def test_exactly_these_rules_refuse_in_every_enforcement():
    assert {rule.id for rule in RULES.values() if rule.always_refuses} == ALWAYS_REFUSED


@each_rule
def test_a_rule_says_what_why_and_what_to_do(rule: Rule):
    assert rule.title
    assert not rule.title.endswith(".")
    assert len(rule.why) > 40
    assert rule.fix


@each_rule
def test_a_rule_names_its_sources(rule: Rule):
    assert rule.sources
    assert set(rule.sources) <= PAGES.keys()
    assert rule.source


@each_rule
def test_a_rule_has_examples_that_pass_and_examples_that_violate(rule: Rule):
    assert rule.passes
    assert rule.violates


@each_rule
def test_a_rule_names_the_events_it_can_fire_for(rule: Rule):
    assert rule.events
    assert set(rule.events) <= set(ALL_EVENTS)


@examples("violates")
def test_a_violating_example_fires_its_rule(rule: Rule, example: Example):
    assert rule.id in {finding.rule for finding in performed(example).log}


@examples("passes")
def test_a_passing_example_does_not_fire_its_rule(rule: Rule, example: Example):
    assert rule.id not in {finding.rule for finding in performed(example).log}


@examples_alone("passes")
def test_a_passing_example_leaves_no_violation_open(example: Example):
    assert not [
        item for item in performed(example).log if item.severity is VIOLATION and item.state is OPEN
    ]


@examples("violates")
def test_the_rule_is_the_only_violation_of_its_violating_example(rule: Rule, example: Example):
    violated = {item.rule for item in performed(example).log if item.severity is VIOLATION}
    assert violated <= {rule.id} | _UNAVOIDABLE.get(rule.id, set())


_UNAVOIDABLE = {
    # Two of our rules speak of the same event in these examples, by the facts themselves.
    "out-of-order-arrival": {"unknown-order"},
    "pairing-split-across-events": {"refund-missing-protection"},
    "termination-kind-mixed": {"cancel-missing-protection"},
}


@examples("violates")
def test_a_finding_carries_the_evidence_of_its_rule(rule: Rule, example: Example):
    for item in performed(example).log:
        if item.rule == rule.id:
            if rule.stage is not Stage.SCHEMA:  # those have the basis of a part of the schema
                assert item.basis is rule.basis
                assert item.source == rule.source
            assert item.message
            assert item.fix


@examples("violates")
def test_a_violating_example_fires_only_for_the_events_that_the_rule_names(
    rule: Rule, example: Example
):
    for verdict in performed(example).verdicts:
        if rule.id in rules_of(verdict) and verdict.event_type:
            assert verdict.event_type in rule.events


@examples_alone("violates")
def test_a_pointer_leads_to_a_place_of_the_body(example: Example):
    (*_, (_, raw)) = requests_of(example)
    for finding in performed(example).last.findings:
        if finding.pointer and "missing" not in finding.message:
            at(parse(raw).value, finding.pointer)


@examples("violates")
def test_a_rule_that_is_off_says_nothing(rule: Rule, example: Example):
    shop = performed(example, Policy(levels={rule.id: "off"}))
    assert rule.id not in {finding.rule for finding in shop.log}


@examples("violates")
def test_a_rule_speaks_as_loud_as_the_policy_says(rule: Rule, example: Example):
    for level in Severity:
        shop = performed(example, Policy(levels={rule.id: level}))
        assert {item.severity for item in shop.log if item.rule == rule.id} == {level}


@examples_alone("violates")
def test_rejecting_refuses_what_violates_and_nothing_else(example: Example):
    flagged, rejected = performed(example, FLAG), performed(example, REJECT)
    for message, verdict in zip(flagged.verdicts, rejected.verdicts, strict=True):
        violated = any(finding.severity is VIOLATION for finding in message.findings)
        if verdict.fault:
            return  # what is answered is the fault's
        assert (verdict.status != 200) == violated
        assert (verdict.accepted is None) == violated
        if violated:
            return  # from here on the two worlds differ


@examples("violates")
def test_flagging_refuses_only_what_is_always_refused(rule: Rule, example: Example):
    last = performed(example).last
    if last.fault is None:
        assert (last.status != 200) == rule.always_refuses


@examples("violates", [item for item in RULES.values() if item.always_refuses])
def test_a_rule_that_always_refuses_does_so_even_when_it_is_off(rule: Rule, example: Example):
    assert performed(example, Policy(levels={rule.id: "off"})).last.status != 200
