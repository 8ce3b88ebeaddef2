"""A run against real servers: clean on a good one, exact on a bad one, repeatable, bounded."""

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler

import pytest
from depth import DEEP
from quiet_server import QuietServer
from running_mock import running_mock
from wrong_server import wrong_server

from contracts.orders.ledger import Ledger
from contracts.rules import RULES
from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from fuzz.client.http_client import TargetError
from fuzz.client.target_session import TargetSession
from fuzz.engine.campaign import Campaign, Limits, replayed
from fuzz.engine.simplify import one_request_per_step, retagged
from fuzz.generate.actions import next_step
from fuzz.generate.choices import SeededChoices
from fuzz.generate.client_simulator import ClientSimulator
from fuzz.generate.context import SEND, SETTINGS, Context, Step
from fuzz.model.oracle import HttpRequest, Model
from mock_server import Settings

KEY = "sk_test_" + "look"
NOW = 1_767_225_600_000_000_000
EXAMPLES = 100 if DEEP else 6
"""Conversations of a run that finds nothing; a bug is found in fewer."""


def fuzzed(url: str, *, examples: int = EXAMPLES, seed: int = 1, **options):
    session = TargetSession(url, **options)
    session.identify(KEY)
    try:
        return Campaign(session, seed, Limits(examples=examples)).run()
    finally:
        session.close()


@pytest.fixture
def mock():
    with running_mock(Settings(port=0)) as here:
        yield here.url


@pytest.mark.parametrize("enforcement", ["flag", "reject"])
def test_our_own_server_is_clean_in_both_modes(enforcement):
    with running_mock(Settings(port=0, enforcement=enforcement)) as here:
        result = fuzzed(here.url)
    assert result.counterexamples == []
    assert result.progress.examples == EXAMPLES
    assert result.stopped == f"--max-examples {EXAMPLES}"


def test_a_run_reaches_the_rules(mock):
    result = fuzzed(mock, examples=30)
    reached = {rule for rule, _ in result.progress.fired}
    assert len(reached) > 0.9 * len(RULES), set(RULES) - reached


def test_a_server_that_shows_no_findings_is_judged_by_its_replies():
    with wrong_server(None) as url:
        result = fuzzed(url)
    # The toy does not know paths, live keys and byte order marks, and its library answers odd HTTP
    # in HTML; everything else it answers correctly.
    found = {found.failure.check_failure.check for found in result.counterexamples}
    assert found <= {"reply-status", "reply-body"}


def test_with_one_key_everything_happens_in_one_world():
    key = "sk_test_" + "theonlyone"
    with running_mock(Settings(port=0, api_key=(key,))) as here:
        for _ in range(2):
            assert fuzzed(here.url, only_key=key).counterexamples == []


def test_a_frozen_clock_far_away_is_not_a_failure():
    with running_mock(Settings(port=0, clock=1_000_000_000 * 10**9)) as here:
        assert fuzzed(here.url).counterexamples == []


@pytest.fixture
def refunds_too_much(monkeypatch):
    """A server that lets a refund take one unit more than there is."""
    good = Ledger.refund
    monkeypatch.setattr(Ledger, "refund", lambda self, units: good(self, min(units, 1)))


@pytest.mark.usefixtures("refunds_too_much")
def test_a_planted_bug_is_found_and_shrunk(mock):
    result = fuzzed(mock, examples=6)
    assert result.counterexamples
    smallest = min(result.counterexamples, key=lambda found: len(found.steps))
    assert smallest.confirmed
    assert len(smallest.steps) <= 3
    assert len(smallest.steps) < smallest.recorded
    last = json.loads(smallest.steps[-1].requests[-1].body)
    assert last["type"] == "order_refund_added"
    assert result.first_failure_requests


@pytest.mark.usefixtures("refunds_too_much")
def test_each_different_failure_is_reported_once(mock):
    kinds = [found.failure.kind for found in fuzzed(mock, examples=6).counterexamples]
    assert kinds
    assert len(kinds) == len(set(kinds))


def steps_of_seed(seed: int) -> list[str]:
    model = Model(now=NOW)  # some steps have times near the clock's
    context = Context(
        (ClientSimulator("sk_test_fuzz_a", "tag"), ClientSimulator("sk_test_fuzz_b", "tag")),
        model,
        True,
    )
    steps = []
    for number in range(seed, seed + 40):
        step = next_step(context, SeededChoices(number))
        for request in step.requests:
            model.predict(request)
        steps.append(step)
    return steps


def test_the_same_seed_makes_the_same_steps():
    assert steps_of_seed(7) == steps_of_seed(7) != steps_of_seed(8)


@pytest.mark.usefixtures("refunds_too_much")
def test_the_same_seed_finds_the_same(mock):
    first, second = (fuzzed(mock, seed=3, examples=2) for _ in range(2))
    # Later ones may differ: the order of parallel requests is chance.
    assert first.counterexamples[0].failure.kind == second.counterexamples[0].failure.kind
    assert first.first_failure_requests == second.first_failure_requests


def test_a_step_under_another_tag_is_the_same_step_with_other_names():
    for step in steps_of_seed(1):
        there = retagged(step, "tag", "gat")
        assert retagged(there, "gat", "tag") == step


def test_a_run_ends_at_its_time_limit(mock):
    session = TargetSession(mock)
    session.identify(KEY)
    result = Campaign(session, 1, Limits(seconds=0.5)).run()
    session.close()
    assert result.stopped == "--time-limit 0.5"
    assert result.progress.examples > 0


def test_progress_is_reported_after_each_example(mock):
    session = TargetSession(mock)
    session.identify(KEY)
    seen = []
    Campaign(session, 1, Limits(examples=5), lambda progress: seen.append(progress.examples)).run()
    session.close()
    assert seen == [1, 2, 3, 4, 5]


def test_an_unreachable_target_is_an_error_before_the_run():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(TargetError):
        TargetSession(f"http://127.0.0.1:{port}").identify(KEY)


class Odd(BaseHTTPRequestHandler):
    """Answers every POST in one odd way."""

    disable_nagle_algorithm = True
    protocol_version = "HTTP/1.1"
    mode = ""

    def log_message(self, *_args):
        """Stay silent."""

    def do_GET(self):
        self.answer(404, b"{}")

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.mode == "hangs":
            time.sleep(3)
        if self.mode == "closes":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if self.mode == "garbage":
            self.wfile.write(b"\x00\x01garbage\r\n\r\n")
            self.close_connection = True
            return
        self.answer(302, b"") if self.mode == "redirects" else self.answer(200, b"<html>")

    def __getattr__(self, name):
        """Answer every other method like POST."""
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
    handler = type("Handler", (Odd,), {"mode": request.param})
    server = QuietServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", request.param
    server.shutdown()
    server.server_close()
    thread.join(5)


CHECK_OF_MODE = {
    "hangs": "no-answer",
    "closes": "no-answer",
    "garbage": "no-answer",
    "redirects": "reply-status",
    "answers html": "reply-body",
}


@pytest.mark.parametrize("odd", CHECK_OF_MODE, indirect=True)
def test_an_odd_reply_is_a_finding_and_never_a_traceback(odd):
    url, mode = odd
    # An HTML page is noticed where a 200 is due, which is not how each example begins.
    result = fuzzed(url, examples=10 if mode == "answers html" else 2, timeout=0.3)
    assert CHECK_OF_MODE[mode] in {
        found.failure.check_failure.check for found in result.counterexamples
    }


def test_a_target_that_dies_ends_the_run_and_keeps_what_was_found():
    with running_mock(Settings(port=0)) as here:
        session = TargetSession(here.url, timeout=1)
        session.identify(KEY)
        seen = []

        def on_progress(progress):
            seen.append(progress.examples)

        campaign = Campaign(session, 1, Limits(examples=50), on_progress)
        campaign._example(list(range(5)))
    result = campaign.run()
    session.close()
    assert result.stopped == "the target is gone"
    assert "does not answer" in result.broke
    assert {found.failure.check_failure.check for found in result.counterexamples} == {"no-answer"}


def test_a_step_of_several_requests_becomes_one_step_for_each():
    steps = [step for seed in range(0, 400, 40) for step in steps_of_seed(seed)]
    single = one_request_per_step(steps)
    assert sum(len(step.requests) for step in single) == sum(len(step.requests) for step in steps)
    assert all(len(step.requests) == 1 for step in single if step.mode == SEND)
    assert len(single) > len(steps)


def test_the_settings_that_count_are_those_of_the_key_that_counts(mock):
    session = TargetSession(mock)
    keys = session.fresh_keys("tag0000001")
    session.identify(KEY)
    headers = {**usual_headers(1, keys[1]), "X-API-KEY": keys[0]}
    refund = bodies("R{d:1}")[0]
    request = HttpRequest(tuple(headers.items()), json.dumps(refund).encode())
    steps = [
        Step("settings", mode=SETTINGS, key=keys[0], settings={"enforcement": "reject"}),
        Step("a key in a header that does not count", (request,)),
    ]
    found = replayed(session, steps, "tag0000001", keys)
    session.close()
    assert found is None
