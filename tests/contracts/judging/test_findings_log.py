"""The keeper of findings, and the world in memory (`contracts/scratch.py`)."""

import dataclasses

from conversations import stories
from hypothesis import given
from hypothesis import strategies as st
from plays import Shop, event_id, played, told

from contracts import FindingLog, ScratchWorld, Severity, State, Verdict
from contracts.findings.finding import Resolution
from contracts.http.idempotency import EarlierReply
from contracts.judging.judge import Accepted
from contracts.orders.events import build_event
from contracts.orders.order import Arrival, Order, Outcome, Step
from contracts.shorthand import bodies

(TEMPLATE,) = played("R{d:1}").log
SPLIT = "P{d:1,p:1>d} F{d:1} R{d:1} R{p:1}"


def accepting(event: str, order: Order, **more) -> Verdict:
    """A verdict that stores an order."""
    accepted = Accepted(event, steps_to(order), **more)
    return Verdict(200, {}, (), (), accepted=accepted)


def finding(number: int, severity: Severity = Severity.WARNING, event: str | None = None):
    return dataclasses.replace(TEMPLATE, rule=f"r-{number}", severity=severity, event_id=event)


def resolution(number: int, event: str) -> Resolution:
    return Resolution(event, f"r-{number}", "", "evt-later", "settled")


def test_findings_are_kept_oldest_first_with_the_number_of_their_request():
    log = FindingLog()
    log.add([finding(1), finding(2)], 7)
    log.add([finding(3)], 8)
    assert [one.rule for one in log] == ["r-1", "r-2", "r-3"]
    assert [one.rule for one in log] == ["r-1", "r-2", "r-3"]


def test_open_findings_are_counted_by_severity():
    log = FindingLog()
    log.add([finding(1, Severity.VIOLATION), finding(2, Severity.ADVICE), finding(3)], 1)
    assert log.open_counts == dict.fromkeys(Severity, 1)


def test_an_empty_log_counts_nothing():
    assert FindingLog().open_counts == dict.fromkeys(Severity, 0)
    assert not list(FindingLog())


def test_what_is_resolved_is_kept_as_resolved_and_no_longer_counted():
    log = FindingLog()
    log.add([finding(1, event="evt-1"), finding(2, event="evt-1")], 1)
    log.resolve([resolution(1, "evt-1")])
    assert [(one.rule, one.state) for one in log] == [
        ("r-1", State.RESOLVED),
        ("r-2", State.OPEN),
    ]
    assert log.open_counts[Severity.WARNING] == 1


def test_resolving_twice_counts_once():
    log = FindingLog()
    log.add([finding(1, event="evt-1")], 1)
    log.resolve([resolution(1, "evt-1"), resolution(1, "evt-1")])
    assert log.open_counts[Severity.WARNING] == 0


def test_resolving_what_was_never_said_changes_nothing():
    log = FindingLog()
    log.add([finding(1, event="evt-1")], 1)
    log.resolve([resolution(1, "evt-2"), resolution(2, "evt-1")])
    assert log.open_counts[Severity.WARNING] == 1


def test_the_findings_of_an_event_can_be_asked_for():
    log = FindingLog()
    log.add([finding(1, event="evt-1"), finding(2), finding(3, event="evt-1")], 1)
    assert [one.rule for one in log.of_event("evt-1")] == ["r-1", "r-3"]
    assert log.of_event("evt-2") == []


def test_what_a_replay_causes_belongs_to_its_request_and_not_to_the_event():
    log = FindingLog()
    log.add([finding(1, event="evt-1")], 1)
    log.add([finding(1, event="evt-1")], 2, of_replay=True)
    assert len(log.of_event("evt-1")) == 1
    assert len(list(log)) == 2


class TestLimit:
    def test_the_oldest_go_first_and_are_counted(self):
        log = FindingLog(limit=2)
        log.add([finding(1), finding(2)], 1)
        log.add([finding(3)], 2)
        assert [one.rule for one in log] == ["r-2", "r-3"]
        assert log.evicted == 1

    def test_an_evicted_violation_still_counts(self):
        log = FindingLog(limit=1)
        log.add([finding(1, Severity.VIOLATION), finding(2, Severity.ADVICE)], 1)
        assert log.open_counts[Severity.VIOLATION] == 1

    def test_an_evicted_finding_is_no_longer_among_those_of_its_event(self):
        log = FindingLog(limit=1)
        log.add([finding(1, event="evt-1"), finding(2, event="evt-1")], 1)
        assert [one.rule for one in log.of_event("evt-1")] == ["r-2"]

    def test_resolving_an_evicted_finding_is_no_error(self):
        log = FindingLog(limit=1)
        log.add([finding(1, event="evt-1"), finding(2, event="evt-2")], 1)
        log.resolve([resolution(1, "evt-1")])
        assert [one.rule for one in log] == ["r-2"]

    def test_the_length_says_how_many_were_ever_added(self):
        log = FindingLog(limit=1)
        log.add([finding(1), finding(2)], 1)
        assert len(log) == 2


class TestRecordingVerdicts:
    def test_findings_of_refused_requests_are_kept_too(self):
        shop = Shop()
        shop.send("{")
        assert told(shop) == ["body-invalid"]
        assert [one.event_id for one in shop.log] == [None]

    def test_what_a_placement_causes_for_waiting_events_carries_their_ids(self):
        shop = played("F{d:2}@1 P{d:1}@0")
        late = {one.rule: one.event_id for one in shop.log}
        assert late["over-fulfillment"] == event_id(1)
        assert late["out-of-order-arrival"] == event_id(1)
        assert {one.rule for one in shop.log.of_event(event_id(2))} == set()

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
            kept = [one for one in shop.log if one.severity is severity]
            assert count == sum(one.state is State.OPEN for one in kept)


def steps_to(order: Order) -> tuple[Step, ...]:
    """One step that leads to the order; of an accepted event only the last step's end is stored."""
    event = build_event(bodies("P{d:1}")[0])
    return (Step(Arrival("evt-1", event), Outcome.APPLIED, order, order),)


class TestScratchWorld:
    order = Order("ord-1")
    reply = EarlierReply("print", "evt-1", "ord-1")

    def test_it_knows_nothing_at_first(self):
        world = ScratchWorld()
        assert world.order("ord-1") is None
        assert world.reply("k") is None

    def test_it_knows_what_was_applied(self):
        world = ScratchWorld()
        world.commit(accepting("evt-1", self.order, idempotency=("k", self.reply)))
        assert world.order("ord-1") is self.order
        assert world.reply("k") is self.reply

    def test_over_another_world_it_reads_through_and_writes_to_itself(self):
        base = ScratchWorld()
        base.commit(accepting("evt-1", self.order, idempotency=("k", self.reply)))
        over = ScratchWorld(base)
        assert over.order("ord-1") is self.order
        assert over.reply("k") is self.reply
        changed = dataclasses.replace(self.order, placed_by="evt-2")
        over.commit(accepting("evt-2", changed))
        assert over.order("ord-1") is changed
        assert base.order("ord-1") is self.order
