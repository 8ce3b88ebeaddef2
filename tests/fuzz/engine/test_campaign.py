"""A run against real servers: clean on a good one, exact on a bad one, repeatable, bounded."""

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from running_mock import running_mock
from wrong_server import wrong_server

from contracts.orders.ledger import Ledger
from contracts.rules import RULES
from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from fuzz.client.http_client import TargetError
from fuzz.client.target_session import Line
from fuzz.engine.campaign import Campaign, Limits, replayed
from fuzz.engine.simplify import renamed, singly
from fuzz.generate.actions import next_step
from fuzz.generate.choices import Rolled
from fuzz.generate.client_simulator import Shop
from fuzz.generate.context import SEND, SETTINGS, Step, Talk
from fuzz.model.oracle import Asked, Model
from mock_server import Settings

KEY = "sk_test_" + "look"
NOW = 1_767_225_600_000_000_000


def fuzzed(url: str, *, examples: int = 60, seed: int = 1, **told):
    line = Line(url, **told)
    line.look(KEY)
    try:
        return Campaign(line, seed, Limits(examples=examples)).run()
    finally:
        line.close()


@pytest.fixture
def mock():
    with running_mock(Settings(port=0)) as here:
        yield here.url


@pytest.mark.parametrize("enforcement", ["flag", "reject"])
def test_our_own_server_is_clean_in_both_modes(enforcement):
    with running_mock(Settings(port=0, enforcement=enforcement)) as here:
        outcome = fuzzed(here.url, examples=45)
    assert outcome.counterexamples == []
    assert (outcome.progress.examples, outcome.stopped) == (45, "--max-examples 45")


def test_a_run_reaches_the_rules(mock):
    outcome = fuzzed(mock, examples=90)
    reached = {rule for rule, _ in outcome.progress.fired}
    assert len(reached) > 0.9 * len(RULES), set(RULES) - reached


def test_a_server_whose_findings_cannot_be_seen_is_judged_by_its_answers():
    with wrong_server(None) as url:
        outcome = fuzzed(url)
    # The toy does not know paths, live keys, byte order marks and odd HTTP (its library answers
    # that in HTML); all else it answers rightly.
    found = {one.failure.problem.check for one in outcome.counterexamples}
    assert found <= {"reply-status", "reply-body"}


def test_with_one_key_everything_happens_in_one_world():
    key = "sk_test_" + "theonlyone"
    with running_mock(Settings(port=0, api_key=(key,))) as here:
        for _ in range(2):
            assert fuzzed(here.url, only_key=key).counterexamples == []


def test_a_stopped_clock_far_away_is_no_failure():
    with running_mock(Settings(port=0, clock=1_000_000_000 * 10**9)) as here:
        assert fuzzed(here.url).counterexamples == []


@pytest.fixture
def refunds_too_much(monkeypatch):
    """A server that lets a refund take one unit more than there is."""
    good = Ledger.refund
    monkeypatch.setattr(Ledger, "refund", lambda self, asked: good(self, min(asked, 1)))


@pytest.mark.usefixtures("refunds_too_much")
def test_a_planted_bug_is_found_shrunk_and_shown_with_what_suffices(mock):
    outcome = fuzzed(mock)
    assert outcome.counterexamples
    smallest = min(outcome.counterexamples, key=lambda one: len(one.steps))
    assert smallest.confirmed
    assert len(smallest.steps) <= 3
    assert len(smallest.steps) < smallest.recorded
    last = json.loads(smallest.steps[-1].requests[-1].body)
    assert last["type"] == "order_refund_added"
    assert outcome.first_failure_requests


@pytest.mark.usefixtures("refunds_too_much")
def test_different_failures_are_told_apart_and_each_is_reported_once(mock):
    kinds = [one.failure.kind for one in fuzzed(mock, examples=60).counterexamples]
    assert len(kinds) == len(set(kinds))


def moves_of(seed: int) -> list[str]:
    model = Model(now=NOW)  # some steps have times near the clock's
    talk = Talk((Shop("sk_test_fuzz_a", "tag"), Shop("sk_test_fuzz_b", "tag")), model, True)
    steps = []
    for number in range(seed, seed + 40):
        step = next_step(talk, Rolled(number))
        for asked in step.requests:
            model.ask(asked)
        steps.append(step)
    return steps


def test_the_same_seed_makes_the_same_steps():
    assert moves_of(7) == moves_of(7) != moves_of(8)


@pytest.mark.usefixtures("refunds_too_much")
def test_the_same_seed_finds_the_same(mock):
    first, second = (fuzzed(mock, seed=3) for _ in range(2))
    # Later ones may differ: which of two requests at the same moment came first is nobody's choice.
    assert first.counterexamples[0].failure.kind == second.counterexamples[0].failure.kind
    assert first.first_failure_requests == second.first_failure_requests


def test_a_step_under_another_tag_is_the_same_step_with_other_names():
    for step in moves_of(1):
        there = renamed(step, "tag", "gat")
        assert renamed(there, "gat", "tag") == step


def test_a_run_ends_at_its_time_limit(mock):
    line = Line(mock)
    line.look(KEY)
    outcome = Campaign(line, 1, Limits(seconds=0.5)).run()
    line.close()
    assert outcome.stopped == "--time-limit 0.5"
    assert outcome.progress.examples > 0


def test_whoever_watches_is_told_after_each_example(mock):
    line = Line(mock)
    line.look(KEY)
    seen = []
    Campaign(line, 1, Limits(examples=5), lambda now: seen.append(now.examples)).run()
    line.close()
    assert seen == [1, 2, 3, 4, 5]


def test_an_unreachable_target_is_told_before_the_run():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(TargetError):
        Line(f"http://127.0.0.1:{port}").look(KEY)


class Odd(BaseHTTPRequestHandler):
    """Answers a few requests well enough, and then in one odd way."""

    protocol_version = "HTTP/1.1"
    how = ""

    def log_message(self, *_args):
        """Stay silent."""

    def do_GET(self):
        self.answer(404, b"{}")

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.how == "hangs":
            time.sleep(3)
        if self.how == "closes":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if self.how == "garbage":
            self.wfile.write(b"\x00\x01garbage\r\n\r\n")
            self.close_connection = True
            return
        self.answer(302, b"") if self.how == "redirects" else self.answer(200, b"<html>")

    def __getattr__(self, name):
        """Every other method is answered as POST is."""
        if name.startswith("do_"):
            return self.do_POST
        raise AttributeError(name)

    def answer(self, status, data):
        self.send_response(status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def odd(request):
    handler = type("Handler", (Odd,), {"how": request.param})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", request.param
    server.shutdown()
    server.server_close()
    thread.join(5)


CAUGHT_AS = {
    "hangs": "no-answer",
    "closes": "no-answer",
    "garbage": "no-answer",
    "redirects": "reply-status",
    "answers html": "reply-body",
}


@pytest.mark.parametrize("odd", CAUGHT_AS, indirect=True)
def test_a_target_that_answers_oddly_is_a_finding_and_never_a_traceback(odd):
    url, how = odd
    # A page in place of a reply is seen where a 200 is due, which is not where each example begins.
    outcome = fuzzed(url, examples=10 if how == "answers html" else 2, timeout=0.3)
    assert CAUGHT_AS[how] in {one.failure.problem.check for one in outcome.counterexamples}


def test_a_target_that_dies_ends_the_run_and_what_was_found_is_kept():
    with running_mock(Settings(port=0)) as here:
        line = Line(here.url, timeout=1)
        line.look(KEY)
        seen = []

        def watch(now):
            seen.append(now.examples)

        campaign = Campaign(line, 1, Limits(examples=50), watch)
        campaign._example(list(range(5)))
    outcome = campaign.run()
    line.close()
    assert outcome.stopped == "the target is gone"
    assert "does not answer" in outcome.broke
    assert {one.failure.problem.check for one in outcome.counterexamples} == {"no-answer"}


def test_a_story_of_several_requests_is_told_request_by_request():
    steps = [step for seed in range(40) for step in moves_of(seed)]
    single = singly(steps)
    assert sum(len(one.requests) for one in single) == sum(len(one.requests) for one in steps)
    assert all(len(one.requests) == 1 for one in single if one.how == SEND)
    assert len(single) > len(steps)


def test_the_world_that_is_asked_is_that_of_the_key_that_counts(mock):
    line = Line(mock)
    keys = line.keys("tag0000001")
    line.look(KEY)
    headers = {**usual_headers(1, keys[1]), "X-API-KEY": keys[0]}
    refund = bodies("R{d:1}")[0]
    asked = Asked(tuple(headers.items()), json.dumps(refund).encode())
    steps = [
        Step("settings", how=SETTINGS, key=keys[0], settings={"enforcement": "reject"}),
        Step("a key in a header that does not count", (asked,)),
    ]
    found = replayed(line, steps, "tag0000001", keys)
    line.close()
    assert found is None
