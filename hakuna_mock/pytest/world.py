"""The world of one test: what the fixture `hakuna` and `hakuna_mock.running()` give."""

import json
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from contracts.findings.finding import Severity
from contracts.http.credentials import mask
from contracts.http.idempotency import KEY_HEADER
from contracts.orders.events import ALL_EVENTS
from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import (
    Play,
    ShorthandError,
    continued,
    parse,
    undated_orders,
)
from contracts.suggestions import hint
from fuzz.client.http_client import Reply
from hakuna_mock.pytest.matching import difference, in_words
from hakuna_mock.pytest.verdict import DEFAULT_FAIL_ON, Verdict, check_rule
from hakuna_mock.reports.model import NEVER, counted
from hakuna_mock.reports.text import steps
from hakuna_mock.servers.control_client import HakunaError, HakunaServer, refusal
from hakuna_mock.servers.real_time import monotonic

MAX_POLL_SECONDS = 5.0


class Hakuna:
    """A world of its own: a fresh API key, and everything that is known of what it sent.

    Give the code under test `events_url` and `api_key`. Any thread may use the object. Lists hold
    what the control API shows: oldest first, one dictionary a row.

    `Hakuna(hakuna_server)` makes one that outlives a test, for a shop that reads its key once.
    """

    def __init__(
        self,
        server: HakunaServer,
        *,
        fail_on: str = DEFAULT_FAIL_ON,
        permitted: Iterable[str] = (),
    ) -> None:
        self._server = server
        self.verdict = Verdict(server, fail_on, permitted)
        """What the plugin asks at the end of a test."""
        self.failed: list[Verdict] = []
        """The worlds of `fresh` whose blocks the last error ended; they are kept to be reported."""
        self._error: BaseException | None = None

    @property
    def api_key(self) -> str:
        """The key of this world; give it to the code under test."""
        return self.verdict.key

    def __repr__(self) -> str:
        return f"<Hakuna world of {mask(self.api_key)} at {self.url}>"

    @property
    def url(self) -> str:
        """The server's address without a path."""
        return self._server.url

    @property
    def sandbox_url(self) -> str:
        """What comes before `/events`, for shops that keep a base URL."""
        return self.events_url.removesuffix("/events")

    @property
    def events_url(self) -> str:
        """Where the code under test posts its events."""
        return self._server.events_url

    @property
    def headers(self) -> dict[str, str]:
        """Headers for every request of this world.

        No `Hakuna-Idempotency-Key` is among them: it must be another one for each event.
        """
        usual = usual_headers(0, self.api_key)
        return {name: value for name, value in usual.items() if name != KEY_HEADER}

    def events(self) -> list[dict[str, Any]]:
        """Accepted events: `event_id`, `type`, `order_id`, `received_at`, `body`, `findings`."""
        __tracebackhide__ = True
        return self._server.rows("/events", self.api_key)

    def orders(self) -> list[dict[str, Any]]:
        """Placed orders with their lines, what is left of them, findings and timeline."""
        __tracebackhide__ = True
        return self._server.rows("/orders", self.api_key)

    def requests(self) -> list[dict[str, Any]]:
        """Every request with its reply, refused ones and retries too, with keys masked.

        The plugin's own server adds what came under no key that it gave out since this world began.
        """
        __tracebackhide__ = True
        return self.verdict.requests()

    def findings(self) -> list[dict[str, Any]]:
        """What was found, open and resolved, in the order in which it arose.

        Other keys and requests without a usable one count as in `requests`.
        """
        __tracebackhide__ = True
        return self.verdict.findings()

    def send(
        self,
        event: Mapping[str, Any] | str | bytes,
        headers: Mapping[str, str | None] | None = None,
    ) -> Reply:
        """Post one event as a good client would: the reply's `status`, `headers`, `json()`.

        Text and bytes are sent as they are. `headers` change the usual ones, None leaves one out.
        """
        __tracebackhide__ = True
        usual: dict[str, str | None] = {**self.headers, KEY_HEADER: str(uuid.uuid4())}
        sent = {**usual, **(headers or {})}
        body = json.dumps(event) if isinstance(event, Mapping) else event
        return self._server.post_event(
            body.encode() if isinstance(body, str) else body,
            {name: value for name, value in sent.items() if value is not None},
        )

    def play(self, shorthand: str) -> list[Reply]:
        """Send the events of a shorthand text, such as `P{d:1, p:1>d} F{d:1} R{d:1, p:1}`.

        It continues what this world knows of an order: an event without `@` happens a day later.
        """
        __tracebackhide__ = True
        plays: tuple[Play, ...] = ()
        problem = ""
        try:
            plays = parse(shorthand)
        except ShorthandError as error:
            problem = str(error)
        if problem:
            raise HakunaError(f"this is not shorthand: {problem}")
        latest_time, key = self._server.control.latest_time, self.api_key
        latest = {order_id: latest_time(order_id, key) for order_id in undated_orders(plays)}
        known = {order_id: at for order_id, at in latest.items() if at is not None}
        return [self.send(body) for body in continued(plays, known, time.time_ns())]

    def assert_received(
        self,
        type: str,  # noqa: A002 - the event's own word
        count: int | None = None,
        within: float = 0,
        **subset: Any,
    ) -> list[dict[str, Any]]:
        """The accepted events of a type whose payload holds the `subset`; fails if there is none.

        `count` is how many there must be, `within` how many seconds to wait for them (with
        `count=0`: how long none may come). A retry under the same idempotency key is not a new
        event.
        """
        __tracebackhide__ = True
        if type not in ALL_EVENTS:
            more = hint(type, ALL_EVENTS, f"there are {', '.join(ALL_EVENTS)}")
            raise HakunaError(f"there is no event type {type!r}{more}")
        deadline = monotonic() + within
        while True:
            everything = self.events()
            events = [event for event in everything if event["type"] == type]
            found = [event for event in events if not difference(subset, event["body"]["payload"])]
            fulfilled = bool(found) if count is None else len(found) == count
            too_many = count is not None and len(found) > count
            left = deadline - monotonic()
            if (fulfilled and count != 0) or too_many or left <= 0:
                break
            seen = everything[-1]["seq"] if everything else 0
            wait = f"{min(left, MAX_POLL_SECONDS):.3f}"
            self._server.get(f"/events?after={seen}&limit=1&wait={wait}", self.api_key)
        if fulfilled:
            return found
        missing = f"{in_words(type, count, subset, within)}, received {len(found) or 'none'}"
        lines = [missing, *self._nearest(events, subset), *self._seen(within)]
        raise AssertionError("\n".join(lines))

    def assert_no_findings(self, at_least: str = "warning") -> None:
        """Fails, with the explanations, where a finding of that severity or worse is open.

        Rules that the test permitted or expected do not count.
        """
        __tracebackhide__ = True
        if at_least not in (*Severity, NEVER):
            known = ", ".join(Severity)
            raise HakunaError(f"at_least={at_least!r} is not a severity; there are {known}")
        explanation = self.verdict.failure(at_least)
        if explanation:
            raise AssertionError(explanation)

    def expect_finding(self, rule: str) -> list[dict[str, Any]]:
        """The findings of a rule that must have fired; they no longer fail the test."""
        __tracebackhide__ = True
        check_rule(rule)
        findings = self.findings()
        fired = [finding for finding in findings if finding["rule"] == rule]
        if not fired:
            counts = Counter(f"{finding['severity']} {finding['rule']}" for finding in findings)
            others = [
                f"  {name}" + (f" ({n} times)" if n > 1 else "") for name, n in counts.items()
            ]
            lines = [f"expected finding {rule}, which did not fire"]
            lines += ["fired:", *others] if others else ["nothing fired"]
            raise AssertionError("\n".join([*lines, *self._seen(0)]))
        self.verdict.permit([rule])
        return fired

    def fault(
        self,
        effect: str | Mapping[str, Any],
        *,
        times: int | None = None,
        rate: float | None = None,
        after: int | None = None,
        type: str | None = None,  # noqa: A002 - the event's own word
        order_id: str | None = None,
        **more: Any,
    ) -> Any:
        """Let the server misbehave for this world's next events, as `POST /_mock/v1/faults` says.

        HakunaError where the server has no faults, or refuses this one.
        """
        __tracebackhide__ = True
        match = {"type": type, "order_id": order_id}
        expected = {
            "effect": effect,
            "match": {name: value for name, value in match.items() if value is not None},
            "times": times,
            "rate": rate,
            "after": after,
            **more,
        }
        body = {name: value for name, value in expected.items() if value not in (None, {})}
        reply = self._server.control.call("POST", "/faults", self.api_key, body)
        if reply.status in (404, 405):
            version = reply.headers.get("hakuna-mock", "of unknown version")
            raise HakunaError(
                f"the server at {self.url} (hakuna-mock {version}) has no faults, so "
                f"hakuna.fault({effect!r}) cannot work; it takes a newer hakuna-mock"
            )
        if not 200 <= reply.status < 300:
            raise HakunaError(f"the server refused the fault {effect!r}: {refusal(reply)}")
        return reply.json()

    def outage(self, mode: str | None, *, seconds: float | None = None) -> None:
        """Let every event of this world fail from now on: `refuse` (503), `hang` or `reset`.

        It ends after so many seconds, or with None for the mode.
        """
        __tracebackhide__ = True
        outage = None if mode is None else {"mode": mode, "seconds": seconds}
        reply = self._server.control.call("PUT", "/settings", self.api_key, {"outage": outage})
        if reply.status != 200:
            raise HakunaError(f"there is no such outage: {refusal(reply)}")

    def clock(self, **change: Any) -> dict[str, Any]:
        """What this world's clock shows: `now`, `frozen`, `ahead_s`, after a change.

        `advance` is a timedelta, seconds or text such as "14d", `freeze` true, false or a time (a
        datetime with a zone, or text), `reset` true.
        """
        __tracebackhide__ = True
        body = {name: _as_json(value) for name, value in change.items()} or None
        method = "POST" if change else "GET"
        reply = self._server.control.call(method, "/clock", self.api_key, body)
        if reply.status != 200:
            raise HakunaError(f"the clock was not set: {refusal(reply)}")
        shown: dict[str, Any] = reply.json()
        return shown

    def reset(self) -> None:
        """Forget everything that was sent in this world, findings too."""
        self.verdict.reset()

    @contextmanager
    def fresh(self) -> Iterator["Hakuna"]:
        """Another world on the same server, with its own key and its own verdict at its end.

        AssertionError where it has an open finding that this world would not permit.
        """
        __tracebackhide__ = True
        world = Hakuna(self._server, fail_on=self.verdict.fail_on, permitted=self.verdict.permitted)
        try:
            yield world
            world.assert_no_findings(world.verdict.fail_on)
        except BaseException as error:
            # Hypothesis fails many times; the last time is the example that it reports.
            if error is not self._error:
                self.delete_failed()
            self._error = error
            self.failed.append(world.verdict)
            raise
        world.verdict.delete()

    def delete_failed(self) -> None:
        """Delete what `fresh` has kept."""
        while self.failed:
            self.failed.pop().delete()

    def _nearest(self, events: Sequence[dict[str, Any]], subset: Mapping[str, Any]) -> list[str]:
        lines = []
        for event in events[-3:]:
            why = difference(subset, event["body"]["payload"])
            if why:
                lines.append(f"  {event['event_id']}: {why}")
        return lines

    def _seen(self, within: float) -> list[str]:
        """What this world has received, and what may have gone wrong where that is nothing."""
        report = self.verdict.report()
        if report.judged:
            lines = [f"{counted(report.events, 'request')} so far:", steps(report, coloured=False)]
            keys = ", ".join(self.verdict.stray_keys())
            if keys:
                lines.append(f"some were sent under another key ({keys}); use hakuna.api_key")
            return lines
        lines = ["nothing was received: does the code under test use events_url and api_key?"]
        if within and _in_event_loop():
            lines.append(
                "this call blocks the event loop, so tasks of this test cannot send meanwhile; "
                "await asyncio.to_thread(hakuna.assert_received, …, within=…)"
            )
        return lines


def _as_json(value: Any) -> Any:
    """A point or a span in time as the control API takes it."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.isoformat() if isinstance(value, datetime) else value


def _in_event_loop() -> bool:
    from asyncio import get_running_loop

    try:
        get_running_loop()
    except RuntimeError:
        return False
    return True


@contextmanager
def running(**settings: Any) -> Iterator[Hakuna]:
    """A fresh world in a server of its own; see `hakuna_mock.running`."""
    from hakuna_mock.servers.thread_server import own_server

    with own_server(**settings) as server:
        yield Hakuna(server)
