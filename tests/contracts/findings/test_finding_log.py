"""The findings of a world: kept, counted, resolved, evicted."""

import dataclasses

from conversations import stories
from hypothesis import given
from hypothesis import strategies as st
from plays import Shop, event_id, played, told

from contracts import Severity, State
from contracts.findings.finding import Resolution, more_message
from contracts.findings.finding_log import FindingLog

(TEMPLATE,) = played("R{d:1}").log
SPLIT = "P{d:1,p:1>d} F{d:1} R{d:1} R{p:1}"


def finding(number: int, severity: Severity = Severity.WARNING, event: str | None = None):
    return dataclasses.replace(TEMPLATE, rule=f"r-{number}", severity=severity, event_id=event)


def resolution(number: int, event: str) -> Resolution:
    return Resolution(event, f"r-{number}", "", "evt-later", "settled")


def add(log: FindingLog, *findings, of_replay: bool = False) -> None:
    for item in findings:
        log.add(item, len(log) + 1, of_replay=of_replay)


def resolve(log: FindingLog, *resolutions) -> None:
    for item in resolutions:
        log.resolve(item)


def test_findings_are_kept_oldest_first():
    log = FindingLog()
    add(log, finding(1), finding(2))
    add(log, finding(3))
    assert [item.rule for item in log] == ["r-1", "r-2", "r-3"]
    assert [item.rule for item in log] == ["r-1", "r-2", "r-3"]


def test_open_findings_are_counted_by_severity():
    log = FindingLog()
    add(log, finding(1, Severity.VIOLATION), finding(2, Severity.ADVICE), finding(3))
    assert log.open_counts == dict.fromkeys(Severity, 1)


def test_an_empty_log_counts_nothing():
    assert FindingLog().open_counts == dict.fromkeys(Severity, 0)
    assert not list(FindingLog())


def test_what_is_resolved_is_kept_as_resolved_and_no_longer_counted():
    log = FindingLog()
    add(log, finding(1, event="evt-1"), finding(2, event="evt-1"))
    resolve(log, resolution(1, "evt-1"))
    assert [(item.rule, item.state) for item in log] == [
        ("r-1", State.RESOLVED),
        ("r-2", State.OPEN),
    ]
    assert log.open_counts[Severity.WARNING] == 1


def test_resolving_twice_counts_once():
    log = FindingLog()
    add(log, finding(1, event="evt-1"))
    resolve(log, resolution(1, "evt-1"), resolution(1, "evt-1"))
    assert log.open_counts[Severity.WARNING] == 0


def test_resolving_what_was_never_found_changes_nothing():
    log = FindingLog()
    add(log, finding(1, event="evt-1"))
    resolve(log, resolution(1, "evt-2"), resolution(2, "evt-1"))
    assert log.open_counts[Severity.WARNING] == 1


def test_the_findings_of_an_event_can_be_asked_for():
    log = FindingLog()
    add(log, finding(1, event="evt-1"), finding(2), finding(3, event="evt-1"))
    assert [item.rule for item in log.of_event("evt-1")] == ["r-1", "r-3"]
    assert log.of_event("evt-2") == ()


def test_what_a_replay_causes_belongs_to_its_request_and_not_to_the_event():
    log = FindingLog()
    add(log, finding(1, event="evt-1"))
    add(log, finding(1, event="evt-1"), of_replay=True)
    assert len(log.of_event("evt-1")) == 1
    assert len(list(log)) == 2


class TestLimit:
    def test_the_oldest_go_first_and_are_counted(self):
        log = FindingLog(limit=2)
        add(log, finding(1), finding(2))
        add(log, finding(3))
        assert [item.rule for item in log] == ["r-2", "r-3"]
        assert log.evicted == 1

    def test_an_evicted_violation_still_counts(self):
        log = FindingLog(limit=1)
        add(log, finding(1, Severity.VIOLATION), finding(2, Severity.ADVICE))
        assert log.open_counts[Severity.VIOLATION] == 1

    def test_an_evicted_finding_is_no_longer_among_those_of_its_event(self):
        log = FindingLog(limit=1)
        add(log, finding(1, event="evt-1"), finding(2, event="evt-1"))
        assert [item.rule for item in log.of_event("evt-1")] == ["r-2"]

    def test_resolving_an_evicted_finding_is_no_error(self):
        log = FindingLog(limit=1)
        add(log, finding(1, event="evt-1"), finding(2, event="evt-2"))
        resolve(log, resolution(1, "evt-1"))
        assert [item.rule for item in log] == ["r-2"]

    def test_the_length_says_how_many_were_ever_added(self):
        log = FindingLog(limit=1)
        add(log, finding(1), finding(2))
        assert len(log) == 2


class TestFindingsThatStandForMany:
    """Of one rule and event so many are listed; the rest is one finding that counts them."""

    def many(self, *subjects: str):
        return dataclasses.replace(
            finding(1, Severity.VIOLATION, "evt-1"), count=len(subjects), subjects=subjects
        )

    def test_it_counts_for_all_of_them(self):
        log = FindingLog()
        add(log, self.many("a", "b", "c"))
        assert log.open_counts[Severity.VIOLATION] == 3

    def test_each_one_that_is_settled_leaves_one_less(self):
        log = FindingLog()
        add(log, self.many("a", "b", "c"))
        resolve(log, Resolution("evt-1", "r-1", "b", "evt-2", "settled"))
        (left,) = log
        assert (left.count, left.subjects, left.state) == (2, ("a", "c"), State.OPEN)
        assert left.message == more_message(2)
        assert log.open_counts[Severity.VIOLATION] == 2

    def test_it_is_resolved_with_the_last_of_them(self):
        log = FindingLog()
        add(log, self.many("a", "b"))
        for subject in "aabb":
            resolve(log, Resolution("evt-1", "r-1", subject, "evt-2", "settled"))
        assert [item.state for item in log] == [State.RESOLVED]
        assert log.open_counts[Severity.VIOLATION] == 0


class TestOfAConversation:
    def test_findings_of_refused_requests_are_kept_too(self):
        shop = Shop()
        shop.send("{")
        assert told(shop) == ["body-invalid"]
        assert [item.event_id for item in shop.log] == [None]

    def test_what_a_placement_causes_for_waiting_events_carries_their_ids(self):
        shop = played("F{d:2}@1 P{d:1}@0")
        late = {item.rule: item.event_id for item in shop.log}
        assert late["over-fulfillment"] == event_id(1)
        assert late["out-of-order-arrival"] == event_id(1)
        assert {item.rule for item in shop.log.of_event(event_id(2))} == set()

    def test_resolved_and_open_findings_of_one_story(self):
        log = played(SPLIT).log
        assert log.open_counts == {
            Severity.VIOLATION: 0,
            Severity.WARNING: 0,
            Severity.ADVICE: 1,
        }

    @given(stories(), st.integers(1, 3))
    def test_the_counts_are_those_of_the_kept_open_findings_while_nothing_is_evicted(
        self, story, sendings
    ):
        shop = Shop()
        for body in story.bodies:
            for _ in range(sendings):
                shop.send(body)
        for severity, count in shop.log.open_counts.items():
            kept = [item for item in shop.log if item.severity is severity]
            assert count == sum(item.state is State.OPEN for item in kept)
