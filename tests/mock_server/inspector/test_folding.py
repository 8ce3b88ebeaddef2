"""Many findings in little room."""

from dataclasses import replace

from contracts.findings.finding import Basis, Finding, Resolution, Severity
from mock_server.inspector.finding_groups import MAX_SHOWN, fold

ONE = Finding(
    rule="over-refund",
    severity=Severity.WARNING,
    basis=Basis.INFERRED,
    pointer="",
    message="",
    fix="",
    source="",
    order_id="ord-1",
    event_id="evt-1",
    request_id="req-1",
)


def findings(*rules: str) -> list[Finding]:
    return [replace(ONE, rule=rule, request_id=f"req-{n}") for n, rule in enumerate(rules)]


def test_few_findings_are_all_shown():
    few = findings("a", "a", "b", "b")
    assert fold(few).shown == few
    assert fold(few).folded == []


def test_of_many_the_first_of_each_rule_is_shown_and_nothing_is_lost():
    many = findings(*"aabbabccab" * 6)
    folded = fold(many)
    assert [item.rule for item in folded.shown] == ["a", "b", "c"]
    assert folded.repeated
    assert sorted(map(id, folded.shown + folded.folded)) == sorted(map(id, many))


def test_further_rules_are_not_called_the_same():
    folded = fold(findings(*"abcdefg"))
    assert len(folded.shown) == MAX_SHOWN
    assert not folded.repeated


def test_the_worst_come_first_and_what_is_resolved_last():
    settled = replace(ONE, rule="s", severity=Severity.VIOLATION)
    settled = settled.resolved(Resolution("evt-1", "s", "", "evt-2", "paid"))
    worst = replace(ONE, rule="w", severity=Severity.VIOLATION)
    assert [item.rule for item in fold([settled, ONE, worst]).shown] == ["w", "over-refund", "s"]
