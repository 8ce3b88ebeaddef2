"""One level a rule: how loud it is, or whether a request that breaks it is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plays import NOW, REJECT, Shop, played

from contracts import RULES, Policy
from contracts.findings.finding import OFF
from contracts.http.idempotency import KEY_HEADER
from contracts.shorthand import bodies
from contracts.timing.moment import Moment
from contracts.worlds.policy import Decision, refuses
from contracts.worlds.rule_levels import (
    LEVELS,
    RuleLevelError,
    check_rule_level,
    rule_levels,
    silenced_refusals,
    with_rule_levels,
)
from contracts.worlds.settings_change import SettingError, change_settings, shown_settings

ALWAYS = sorted(rule.id for rule in RULES.values() if rule.always_refuses)
OTHERS = sorted(rule.id for rule in RULES.values() if not rule.always_refuses)
ANY_LEVELS = st.dictionaries(st.sampled_from(OTHERS), st.sampled_from(LEVELS), max_size=6)
POLICIES = st.sampled_from((Policy(), REJECT))
ORDER = "P{d:1, p:1>d} F{d:1} R{d:2,p:1}@5"
"""Its refund breaks over-refund, a violation."""


def last_of(policy):
    return played(ORDER, policy).verdicts[-1]


@pytest.mark.parametrize("policy", [Policy(), REJECT])
@pytest.mark.parametrize("rule", ["over-refund", "refund-missing-protection"])
def test_refuse_and_accept_hold_whatever_the_enforcement(policy, rule):
    for level, status in (("refuse", 400), ("accept", 200)):
        shop = played("P{d:2, p:2>d} F{d:2} R{d:3}@5", with_rule_levels(policy, {rule: level}))
        if status == 200 and policy is REJECT and rule == "over-refund":
            continue  # the other rule, a violation, refuses this refund
        assert shop.verdicts[-1].status == status
        severities = {
            finding.severity for finding in shop.verdicts[-1].findings if finding.rule == rule
        }
        assert severities == {RULES[rule].severity}


def test_advice_can_be_refused_and_what_is_refused_changes_nothing():
    shop = Shop(with_rule_levels(Policy(), {"idempotency-key-missing": "refuse"}))
    (placement,) = bodies("P{d:1}")
    verdict = shop.receive(shop.request(placement, {KEY_HEADER: None}))
    assert verdict.status == 400
    assert "idempotency-key-missing" in verdict.body["error"]["validation_errors"][0]
    assert shop.world.orders == {}


@given(POLICIES, ANY_LEVELS)
def test_the_decision_of_a_rule_comes_first_then_enforcement_and_severity(policy, levels):
    policy = with_rule_levels(policy, levels)
    for finding in last_of(policy).findings:
        level = levels.get(finding.rule)
        if level in tuple(Decision):
            assert refuses(finding, policy) is (level == "refuse")
        else:
            strict = policy.enforcement == "reject"
            assert refuses(finding, policy) is (strict and finding.severity == "violation")


@given(POLICIES, ANY_LEVELS, ANY_LEVELS)
def test_settings_are_taken_back_as_they_are_shown_and_a_later_level_replaces_one(
    policy, first, second
):
    now = Moment(NOW)
    changed = change_settings(
        change_settings(policy, {"rules": first}, now), {"rules": second}, now
    )
    assert rule_levels(changed) == dict(sorted({**first, **second}.items()))
    shown = shown_settings(changed, now)
    assert change_settings(Policy(), shown, now) == changed
    nothing = dict.fromkeys(shown["rules"])
    assert rule_levels(change_settings(changed, {"rules": nothing}, now)) == {}


def test_a_rule_that_always_refuses_cannot_be_accepted_and_silence_is_told():
    for rule in ALWAYS:
        with pytest.raises(RuleLevelError, match="always refused"):
            check_rule_level(rule, "accept")
        for level in (OFF, "advice"):
            (warning,) = silenced_refusals({rule: level})
            assert warning.startswith(f"{rule} is {level}: a request that breaks it is still refus")
        assert not [*silenced_refusals({rule: "violation"})]
    assert not [*silenced_refusals(dict.fromkeys(OTHERS, OFF))]


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"rules": {"zip-fromat": "off"}}, "/rules/zip-fromat: there is no such rule; did you mea"),
        ({"rules": {"zip-format": "of"}}, "/rules/zip-format: must be one of off, advice"),
        ({"rules": {"zip-format": True}}, "/rules/zip-format: must be one of off, advice"),
        ({"rules": {"zip-format": []}}, "/rules/zip-format: must be one of off, advice"),
        ({"rules": {"auth-invalid": "accept"}}, "/rules/auth-invalid: cannot be accept"),
        ({"protection_products": "plan"}, "/protection_products: must be a list"),
        ({"protection_products": [1]}, "/protection_products: must be a list"),
        ({"protection_products": ["a", "*"]}, "/protection_products/1: must be a product id"),
        ({"protection_products": ["a"] * 1001}, "/protection_products: has 1001 entries"),
        ({"timestamp_tolerance": -1}, "/timestamp_tolerance: must be a whole number from 0 to"),
        ({"timestamp_tolerance": True}, "/timestamp_tolerance: must be a whole number"),
        ({"timestamp_tolerance": 1.0}, "/timestamp_tolerance: must be a whole number"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_its_place(document, problem):
    with pytest.raises(SettingError) as refused:
        change_settings(Policy(), document, Moment(NOW))
    assert str(refused.value).startswith(problem)


def test_plans_and_tolerance_are_settings_of_a_world():
    now = Moment(NOW)
    document = {"protection_products": ["plan-*", "p1"], "timestamp_tolerance": 0}
    policy = change_settings(Policy(), document, now)
    assert policy == Policy(protection_products=("plan-*", "p1"), timestamp_tolerance=0)
    assert shown_settings(policy, now) == {"enforcement": "flag", "rules": {}, **document}
