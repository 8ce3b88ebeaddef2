"""What is said of clients that get no answer: retried, how, how soon, or not at all."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plays import NOW, REJECT, Shop, event_id, rules_of, told

from contracts import Policy, Severity, State
from contracts.faults.catalogue import CATALOGUE
from contracts.faults.fault import FAULT_HEADER
from contracts.faults.outage import Outage, read_outage
from contracts.faults.retry_tracking import MAX_REMEMBERED
from contracts.findings.finding import OFF
from contracts.http.idempotency import KEY_HEADER
from contracts.shorthand import bodies
from contracts.timing.moment import Moment
from contracts.timing.rfc3339 import SECOND
from contracts.timing.world_clock import WorldClock

PLACED, SHIPPED = bodies("P{d:2} F{d:1}")


def sends(shop: Shop, body=PLACED, fault: str | None = None, key: str | None = "k", **parts):
    return shop.send(body, {FAULT_HEADER: fault, KEY_HEADER: key}, **parts)


@pytest.mark.parametrize("fault", ["unavailable", "server_error", "rate_limited", "bad_gateway"])
def test_a_status_on_demand_is_answered_and_nothing_is_stored(fault):
    shop = Shop()
    verdict = sends(shop, fault=fault)
    assert verdict.status == CATALOGUE[fault].status
    assert verdict.accepted is None
    assert shop.world.orders == {}


@pytest.mark.parametrize("fault", ["reset", "timeout"])
def test_a_cut_before_processing_stores_nothing_and_says_nothing(fault):
    shop = Shop()
    verdict = sends(shop, fault=fault)
    assert (verdict.status, verdict.accepted, verdict.event_id) == (None, None, None)


def test_a_cut_after_processing_stores_the_event_and_says_nothing():
    shop = Shop()
    verdict = sends(shop, fault="commit_drop")
    assert (verdict.status, verdict.event_id) == (None, event_id(1))
    assert shop.order().is_placed


def test_a_retry_under_the_same_key_gets_the_same_event_and_settles_the_finding():
    shop = Shop()
    sends(shop, fault="commit_drop")
    assert told(shop) == ["retry-missing"]
    again = sends(shop)
    assert (again.event_id, again.replayed) == (event_id(1), True)
    assert told(shop) == ["retry-missing (resolved)"]
    (finding,) = shop.log
    assert "under the same key" in finding.related[0].message


@pytest.mark.parametrize(("key", "message"), [("k2", "under another"), (None, "without its key")])
def test_a_retry_under_another_key_or_none_is_a_second_event_and_is_told(key, message):
    shop = Shop()
    sends(shop, fault="commit_drop")
    again = sends(shop, key=key)
    assert again.event_id == event_id(2)
    assert "retry-key-changed" in rules_of(again)
    assert "retry-missing (resolved)" in told(shop)
    (finding,) = [item for item in again.findings if item.rule == "retry-key-changed"]
    assert message in finding.message
    assert finding.related[0].event_id == event_id(1)


def test_attempts_that_never_had_a_key_are_told_so():
    shop = Shop()
    sends(shop, fault="commit_drop", key=None)
    (finding,) = [
        item for item in sends(shop, key=None).findings if item.rule == "retry-key-changed"
    ]
    assert "neither attempt had a Hakuna-Idempotency-Key" in finding.message


def test_an_event_that_was_not_stored_may_come_again_under_another_key():
    shop = Shop()
    sends(shop, fault="unavailable")
    assert rules_of(sends(shop, key="k2")) == []
    assert told(shop) == ["retry-missing (resolved)"]


def test_an_event_that_was_not_stored_and_never_comes_again_is_advice():
    shop = Shop()
    (finding,) = sends(shop, fault="unavailable").findings
    assert finding.rule == "retry-missing"
    assert (finding.severity, finding.event_id) == (Severity.ADVICE, None)


def test_a_retry_that_is_cut_again_leaves_the_finding_open_until_one_is_answered():
    shop = Shop()
    for _ in range(3):
        sends(shop, fault="commit_drop")
    assert told(shop) == ["retry-missing"]
    sends(shop)
    assert told(shop) == ["retry-missing (resolved)"]
    assert len(shop.world.replies) == 1


def test_a_client_that_asked_before_the_cut_owes_no_retry():
    """Its first request was answered; a replay that is cut tells it nothing new."""
    shop = Shop()
    sends(shop)
    sends(shop, fault="commit_drop")
    assert told(shop) == []


def test_who_changes_the_key_while_nothing_is_stored_and_then_keeps_it_is_good():
    shop = Shop()
    sends(shop, fault="unavailable", key="k1")
    sends(shop, fault="commit_drop", key="k2")
    assert rules_of(sends(shop, fault="unavailable", key="k2")) == []
    assert rules_of(sends(shop, key="k2")) == []
    assert shop.last.replayed


def test_the_key_to_keep_is_that_of_the_attempt_that_was_stored():
    shop = Shop()
    sends(shop, fault="unavailable", key="k1")
    sends(shop, fault="commit_drop", key="k2")
    assert "retry-key-changed" in rules_of(sends(shop, key="k1"))


def test_a_retry_that_is_stored_and_cut_off_is_a_warning_in_place_of_the_advice():
    shop = Shop()
    sends(shop, fault="unavailable")
    sends(shop, fault="commit_drop")
    assert [(item.severity, str(item.state)) for item in shop.log] == [
        (Severity.ADVICE, "resolved"),
        (Severity.WARNING, "open"),
    ]
    sends(shop)
    assert told(shop) == ["retry-missing (resolved)", "retry-missing (resolved)"]


def test_another_event_is_no_retry():
    shop = Shop()
    sends(shop, fault="commit_drop")
    sends(shop, SHIPPED, key="k2")
    assert told(shop) == ["retry-missing"]


@pytest.mark.parametrize("fault", ["bad_json", "empty"])
def test_a_reply_that_cannot_be_read_needs_no_retry_but_forbids_another_key(fault):
    shop = Shop()
    assert sends(shop, fault=fault).event_id == event_id(1)
    assert told(shop) == []
    assert "retry-key-changed" in rules_of(sends(shop, key="k2"))


def test_a_200_that_cannot_be_read_settles_what_waited_for_a_retry():
    shop = Shop()
    sends(shop, fault="unavailable")
    sends(shop, fault="empty")
    assert told(shop) == ["retry-missing (resolved)"]


@pytest.mark.parametrize("fault", ["delay", "extra_fields"])
def test_a_reply_that_is_merely_odd_is_an_answer(fault):
    shop = Shop()
    assert sends(shop, fault=fault).status == 200
    assert rules_of(sends(shop, key="k2")) == ["duplicate-event"]


def test_attempts_beyond_the_limit_of_a_second_are_one_storm():
    shop = Shop()
    for number in range(20):
        sends(shop, fault="unavailable", monotonic_ns=number * SECOND // 100)
    assert [
        number
        for number, verdict in enumerate(shop.verdicts, 1)
        if "retry-storm" in rules_of(verdict)
    ] == [6]


def test_the_limit_of_a_storm_is_a_setting():
    shop = Shop(Policy(retries_per_second=2))
    for _ in range(3):
        sends(shop, fault="unavailable")
    assert "retry-storm" in rules_of(shop.last)


def test_attempts_further_apart_are_no_storm():
    shop = Shop()
    for number in range(20):
        sends(shop, fault="unavailable", monotonic_ns=number * SECOND // 4)
    assert told(shop) == ["retry-missing"]


@pytest.mark.parametrize("clock", ["received_at", "monotonic_ns"])
def test_who_waits_as_long_as_retry_after_says_by_either_clock_is_good(clock):
    start = {"received_at": NOW, "monotonic_ns": 0}[clock]
    for waited, fired in ((29, ["retry-after-ignored"]), (30, [])):
        shop = Shop()
        sends(shop, fault="rate_limited; retry_after=30", **{clock: start})
        assert rules_of(sends(shop, **{clock: start + waited * SECOND})) == fired


def test_a_delayed_reply_is_heeded_from_when_it_comes():
    for waited, fired in ((1.9, []), (2, ["retry-after-ignored"]), (31.9, ["retry-after-ignored"])):
        shop = Shop()
        sends(shop, fault="429; retry_after=30; delay_ms=2000")
        assert rules_of(sends(shop, monotonic_ns=int(waited * SECOND))) == fired
    assert rules_of(sends(shop, monotonic_ns=32 * SECOND)) == []


def test_the_reply_says_how_long_to_wait():
    verdict = sends(Shop(), fault="429; retry_after=7")
    assert ("Retry-After", "7") in verdict.headers


def test_a_rule_that_is_off_stays_silent_and_waits_for_nothing():
    shop = Shop(Policy(levels={"retry-missing": OFF}))
    sends(shop, fault="commit_drop")
    sends(shop)
    assert told(shop) == []


def test_rejecting_refuses_no_retry_for_what_a_fault_did():
    shop = Shop(REJECT)
    sends(shop, fault="commit_drop")
    assert sends(shop, key="k2").status == 200


@pytest.mark.parametrize("fault", ["unavailable", "commit_drop"])
def test_a_retry_that_is_refused_for_good_is_an_answer_too(fault):
    shop = Shop(REJECT)
    sends(shop, SHIPPED, fault=fault)
    assert sends(shop, SHIPPED).status == 404
    assert "retry-missing (resolved)" in told(shop)


def test_only_so_many_unanswered_events_are_remembered():
    shop = Shop()
    for number in range(MAX_REMEMBERED + 1):
        body = {**PLACED, "payload": {**PLACED["payload"], "order_id": f"o-{number}"}}
        sends(shop, body, fault="commit_drop", key=f"k-{number}")
    first = {**PLACED, "payload": {**PLACED["payload"], "order_id": "o-0"}}
    assert "retry-key-changed" not in rules_of(sends(shop, first, key="other"))


@given(st.lists(st.sampled_from([None, *CATALOGUE]), min_size=1, max_size=6))
def test_whatever_is_played_a_retry_under_one_key_stores_the_event_once(faults):
    shop = Shop()
    for fault in (*faults, None):
        sends(shop, fault=fault)
    stored = [verdict.event_id for verdict in shop.verdicts if verdict.accepted]
    assert len(stored) == 1
    assert shop.last.event_id == stored[0]
    assert shop.last.status == 200
    assert not [
        item for item in shop.log if item.rule == "retry-missing" and item.state is State.OPEN
    ]


@given(st.lists(st.sampled_from(sorted(CATALOGUE)), min_size=1, max_size=6))
def test_a_fault_never_changes_what_the_event_does(faults):
    """Faults before processing store nothing; the others store what would have been stored."""
    plain, faulty = Shop(), Shop()
    sends(plain)
    for fault in faults:
        sends(faulty, fault=fault)
    if any(CATALOGUE[item].processed for item in faults):
        assert faulty.order().lines == plain.order().lines
    else:
        assert faulty.world.orders == {}


class TestOutage:
    def at(self, seconds: float) -> Moment:
        return Moment(NOW + round(seconds * SECOND))

    @pytest.mark.parametrize(("mode", "status"), [("refuse", 503), ("hang", None), ("reset", None)])
    def test_every_event_meets_it(self, mode, status):
        shop = Shop(Policy(outage=read_outage(mode, self.at(0), None)))
        assert sends(shop).status == status
        assert sends(shop, SHIPPED).accepted is None

    def test_it_ends_by_itself(self):
        outage = read_outage({"mode": "refuse", "seconds": 30}, self.at(0), None)
        assert [outage.is_on(self.at(item)) for item in (0, 29.9, 30, 31)] == [
            True,
            True,
            False,
            False,
        ]
        assert outage.to_json(self.at(10)) == {"mode": "refuse", "seconds": 30, "left_s": 20.0}
        assert outage.to_json(self.at(30)) is None

    def test_it_is_stronger_than_any_fault(self):
        shop = Shop(Policy(outage=Outage("refuse", self.at(0))))
        assert sends(shop, fault="extra_fields").status == 503

    def test_what_is_shown_goes_on_and_anything_else_begins_anew(self):
        outage = read_outage({"mode": "hang", "seconds": 30}, self.at(0), None)
        shown = outage.to_json(self.at(10))
        assert read_outage(shown, self.at(10), outage) is outage
        again = read_outage({"mode": "hang", "seconds": 30}, self.at(10), outage)
        assert again.begun == self.at(10)

    @pytest.mark.parametrize("asked", [None, False])
    def test_nothing_ends_it(self, asked):
        assert read_outage(asked, self.at(0), Outage("hang", self.at(0))) is None

    @pytest.mark.parametrize(
        "asked",
        [
            7,
            True,
            "refused",
            {"mode": "x"},
            {"mode": []},
            {"mode": {}},
            {"seconds": 0},
            {"seconds": True},
            {"second": 1},
        ],
    )
    def test_what_is_no_outage_is_refused(self, asked):
        with pytest.raises(ValueError, match=r"must be|there is no"):
            read_outage(asked, self.at(0), None)


class TestMoments:
    @given(st.integers(), st.integers(), st.integers(), st.integers())
    def test_waited_is_what_either_clock_says_and_never_less_than_nothing(self, a, b, c, d):
        waited = Moment(c, d).since(Moment(a, b))
        assert waited == max(c - a, d - b, 0)

    def test_a_clock_that_stands_is_advanced_and_runs_on_from_there(self):
        clock = WorldClock(100).advanced(5)
        assert clock.time(1) == clock.time(999) == 105
        running = clock.running(1000)
        assert [running.time(item) for item in (1000, 1001)] == [105, 106]

    def test_a_clock_that_runs_is_ahead_by_what_it_was_advanced(self):
        times = itertools.accumulate([WorldClock(), 5, 7], lambda clock, by: clock.advanced(by))
        assert [time.time(100) for time in times] == [100, 105, 112]
