"""A run keeps its time limit, shrinking included. The clock is one that each request moves on."""

import itertools
from types import SimpleNamespace

import pytest
from wrong_server import wrong_server

from fuzz.client import target_session
from fuzz.client.http_client import Target, TargetError
from fuzz.client.target_session import TargetSession
from fuzz.engine import campaign
from fuzz.engine.campaign import GRACE_SECONDS, Campaign, Limits

REQUEST_SECONDS = 0.05


@pytest.fixture
def clock(monkeypatch):
    """Time that passes with requests only."""
    now = SimpleNamespace(seconds=1000.0, request=REQUEST_SECONDS)
    fake = SimpleNamespace(
        monotonic=lambda: now.seconds,
        time_ns=lambda: 1_767_225_600_000_000_000,
        perf_counter=lambda: 0.0,
    )
    monkeypatch.setattr(campaign, "time", fake)
    monkeypatch.setattr(target_session, "time", fake)
    ask = Target.ask

    def slow(self, *arguments, **named):
        now.seconds += now.request
        return ask(self, *arguments, **named)

    monkeypatch.setattr(Target, "ask", slow)
    return now


@pytest.mark.parametrize("seconds", [1.0, 3.0, 8.0])
@pytest.mark.parametrize("mistake", ["accepts any body", "gives a retry a new id", None])
def test_a_run_takes_no_longer_than_its_limit_and_the_grace(clock, seconds, mistake):
    began = clock.seconds
    with wrong_server(mistake) as url:
        session = TargetSession(url)
        session.identify("sk_test_look")
        result = Campaign(session, 1, Limits(seconds=seconds)).run()
        session.close()
    assert result.stopped == f"--time-limit {seconds:g}"
    assert clock.seconds - began <= seconds + GRACE_SECONDS + 2 * REQUEST_SECONDS


def test_a_failure_that_could_not_be_shrunk_is_kept_and_says_so(clock):
    clock.request = 0.3
    with wrong_server("accepts any body") as url:
        shrunk = {}
        for seconds in (0.1, 60.0):
            session = TargetSession(url)
            session.identify("sk_test_look")
            limits = Limits(seconds=seconds, failures=1)
            shrunk[seconds] = Campaign(session, 1, limits).run().counterexamples
            session.close()
    (early,), (late,) = shrunk.values()
    assert early.cut_short
    assert not late.cut_short
    assert len(late.steps) <= len(early.steps)


def test_what_a_request_may_take_is_what_the_run_has_left(clock, monkeypatch):
    def hangs(_self, *_arguments, **_named):
        clock.seconds += 5
        raise TargetError("the request took too long (timed out)")

    monkeypatch.setattr(Target, "ask", hangs)
    limits = []
    monkeypatch.setattr(Target, "limit", lambda _self, seconds: limits.append(seconds))
    session = TargetSession("http://127.0.0.1:9", expires_at=clock.seconds + 3)
    with pytest.raises(target_session.OutOfTimeError):
        session.control.call("GET", "/health", "sk_test_look")
    with pytest.raises(target_session.OutOfTimeError):
        session.control.call("GET", "/health", "sk_test_look")
    assert limits == [3]
    session.expires_at = None
    with pytest.raises(TargetError):
        session.control.call("GET", "/health", "sk_test_look")
    assert limits == [3, None]


def test_the_doors_of_a_run_are_counted_from_where_it_is_told_to_begin(clock):
    with wrong_server(None) as url:
        session = TargetSession(url)
        session.identify("sk_test_look")
        began = clock.seconds - 50
        result = Campaign(session, 1, Limits(seconds=50), began=began).run()
        session.close()
    assert result.progress.examples == 0
    assert list(itertools.islice(result.counterexamples, 1)) == []
