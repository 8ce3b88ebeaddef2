"""A finding: what it shows, and how it is resolved."""

import dataclasses

import pytest
from other_validator import jsonschema_validator
from plays import event_id, performed, played

from contracts import RULES, Finding, Severity, State
from contracts.findings.finding import Related, Resolution, most_severe_first

SPLIT = "P{d:1,p:1>d} F{d:1} R{d:1} R{p:1}"


def finding_of(text: str, rule: str) -> Finding:
    (found,) = [item for item in played(text).log if item.rule == rule]
    return found


def a_finding(rule: str, severity: Severity) -> Finding:
    template = finding_of("R{d:1}", "unknown-order")
    return dataclasses.replace(template, rule=rule, severity=severity)


def test_severities_are_ranked_from_violation_to_advice():
    assert sorted(Severity, key=lambda item: item.rank) == [
        Severity.VIOLATION,
        Severity.WARNING,
        Severity.ADVICE,
    ]


def test_the_most_severe_rules_come_first_each_once():
    found = (
        a_finding("b", Severity.ADVICE),
        a_finding("a", Severity.WARNING),
        a_finding("b", Severity.VIOLATION),
        a_finding("c", Severity.WARNING),
        a_finding("a", Severity.WARNING),
    )
    assert most_severe_first(found) == ("b", "a", "c")


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_finding_shows_itself_as_the_finding_schema_says(rule):
    for example in rule.violates:
        for item in performed(example).log:
            jsonschema_validator("finding").validate(item.to_json())


def test_a_finding_is_open_until_something_resolves_it():
    item = finding_of("P{d:1,p:1>d} F{d:1} R{d:1}", "refund-missing-protection")
    assert item.state is State.OPEN
    assert item.to_json()["state"] == "open"


def test_a_resolved_finding_names_the_event_that_resolved_it():
    item = finding_of(SPLIT, "refund-missing-protection")
    assert item.state is State.RESOLVED
    assert item.related[-1].event_id == event_id(4)
    assert "the rest of the pair ended" in item.related[-1].message


def test_a_resolved_finding_can_be_seen_as_it_was_before():
    item = finding_of("P{d:1,p:1>d} F{d:1} R{d:1}", "refund-missing-protection")
    settled = Resolution(item.owner, item.rule, item.subject, "evt-later", "because")
    assert item.resolved(settled).reopened() == item


def test_the_advice_about_a_split_pair_names_the_event_that_split_it():
    item = finding_of(SPLIT, "pairing-split-across-events")
    assert item.related == (Related(event_id(3), "ended the product without its protection"),)
    assert event_id(3) in item.message


def test_the_subject_stays_out_of_the_shown_form():
    assert "subject" not in finding_of(SPLIT, "pairing-split-across-events").to_json()


class TestResolution:
    resolution = Resolution("evt-1", "a-rule", "prd-d", "evt-2", "done")
    finding = dataclasses.replace(
        a_finding("a-rule", Severity.VIOLATION), event_id="evt-1", subject="prd-d"
    )

    def test_it_settles_the_open_finding_of_its_event_rule_and_subject(self):
        assert self.resolution.settles(self.finding)

    @pytest.mark.parametrize(
        "change",
        [
            {"event_id": "evt-9"},
            {"event_id": None},
            {"rule": "another-rule"},
            {"subject": "prd-a"},
            {"state": State.RESOLVED},
        ],
        ids=str,
    )
    def test_it_settles_no_other(self, change):
        assert not self.resolution.settles(dataclasses.replace(self.finding, **change))
