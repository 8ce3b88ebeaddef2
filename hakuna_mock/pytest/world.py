"""The world of one test: what the fixture `hakuna` and `hakuna_mock.running()` give."""

import json
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from contracts.findings.finding import Severity
from contracts.http.credentials import mask
from contracts.http.idempotency import KEY_HEADER
from contracts.orders.events import ALL_EVENTS
from contracts.rules import RULES
from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import ShorthandError, bodies
from contracts.suggestions import hint
from fuzz.client.http_client import Reply
from hakuna_mock.pytest.journal_report import report_of
from hakuna_mock.pytest.matching import difference, in_words
from hakuna_mock.reports.model import NEVER, Report, counted
from hakuna_mock.reports.text import steps, text_report
from hakuna_mock.servers.control_client import HakunaError, HakunaServer, refusal

LONGEST_POLL = 5.0
MOST_FRAMES = 20


class Hakuna:
    """A world of its own: a fresh API key, and everything that is known of what it sent.

    Give the code under test `events_url` and `api_key`. Any thread may use the object. Lists hold
    what the control API shows: oldest first, one dictionary a row.
    """

    def __init__(self, server: HakunaServer) -> None:
        self._server = server
        self._permitted: set[str] = set()
        self.told: str | None = None  # what `assert_no_findings` has shown already
        self._before = server.strangers_so_far() if server.own else 0
        self.api_key = "sk_test_" + uuid.uuid4().hex

    def __repr__(self) -> str:
        return f"<Hakuna world of {mask(self.api_key)} at {self.url}>"

    @property
    def url(self) -> str:
        """The server's address without a path."""
        return self._server.url

    @property
    def sandbox_url(self) -> str:
        """What stands before `/events`, for shops that keep a base URL."""
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
        return self._server.rows("/events", self.api_key)

    def orders(self) -> list[dict[str, Any]]:
        """Placed orders with their lines, what is left of them, findings and timeline."""
        return self._server.rows("/orders", self.api_key)

    def requests(self) -> list[dict[str, Any]]:
        """Every request with its reply, refused ones and retries too, with keys masked.

        Of a server of one's own also what came without a usable key since this world began.
        """
        rows = [*self._server.rows("/requests", self.api_key), *self._strangers()]
        return sorted(rows, key=lambda row: int(row["seq"]))

    def findings(self) -> list[dict[str, Any]]:
        """What was found, open and resolved, in the order in which it arose.

        Requests without a usable key count as in `requests`.
        """
        strange = [finding for row in self._strangers() for finding in row["findings"]]
        return [*self._server.rows("/findings", self.api_key), *strange]

    def send(
        self,
        event: Mapping[str, Any] | str | bytes,
        headers: Mapping[str, str | None] | None = None,
    ) -> Reply:
        """Post one event as a good client would: the reply's `status`, `headers`, `json()`.

        Text and bytes are sent as they are. `headers` change the usual ones, None leaves one out.
        """
        usual: dict[str, str | None] = {**self.headers, KEY_HEADER: str(uuid.uuid4())}
        sent = {**usual, **(headers or {})}
        body = json.dumps(event) if isinstance(event, Mapping) else event
        return self._server.post_event(
            body.encode() if isinstance(body, str) else body,
            {name: value for name, value in sent.items() if value is not None},
        )

    def play(self, shorthand: str) -> list[Reply]:
        """Send the events of a shorthand text, such as `P{d:1, p:1>d} F{d:1} R{d:1, p:1}`."""
        __tracebackhide__ = True
        try:
            events, problem = bodies(shorthand), ""
        except ShorthandError as error:
            events, problem = [], str(error)
        if problem:
            raise HakunaError(f"this is not shorthand: {problem}")
        return [self.send(body) for body in events]

    def assert_received(
        self,
        type: str,  # noqa: A002 - the event's own word
        count: int | None = None,
        within: float = 0,
        **subset: Any,
    ) -> list[dict[str, Any]]:
        """The accepted events of a type whose payload holds the `subset`; fails if there is none.

        `count` is how many there must be, `within` how many seconds to wait for them (with
        `count=0`: how long none may come). A retry under the same idempotency key is no new event.
        """
        __tracebackhide__ = True
        if type not in ALL_EVENTS:
            more = hint(type, ALL_EVENTS, f"there are {', '.join(ALL_EVENTS)}")
            raise HakunaError(f"there is no event type {type!r}{more}")
        deadline = time.monotonic() + within
        while True:
            everything = self.events()
            events = [one for one in everything if one["type"] == type]
            found = [one for one in events if not difference(subset, one["body"]["payload"])]
            met = bool(found) if count is None else len(found) == count
            too_many = count is not None and len(found) > count
            left = deadline - time.monotonic()
            if (met and count != 0) or too_many or left <= 0:
                break
            seen = everything[-1]["seq"] if everything else 0
            wait = f"{min(left, LONGEST_POLL):.3f}"
            self._server.get(f"/events?after={seen}&limit=1&wait={wait}", self.api_key)
        if met:
            return found
        said = f"{in_words(type, count, subset, within)}, received {len(found) or 'none'}"
        raise AssertionError("\n".join([said, *self._nearest(events, subset), *self._seen(within)]))

    def assert_no_findings(self, at_least: str = "warning") -> None:
        """Fails, with the explanations, where a finding of that severity or worse is open.

        Rules that the test permitted or expected do not count.
        """
        __tracebackhide__ = True
        if at_least not in tuple(Severity):
            known = ", ".join(Severity)
            raise HakunaError(f"at_least={at_least!r} is no severity; there are {known}")
        said = self.failure(at_least)
        if said:
            self.told = said
            raise AssertionError(said)

    def expect_finding(self, rule: str) -> list[dict[str, Any]]:
        """The findings of a rule that must have fired; they no longer fail the test."""
        __tracebackhide__ = True
        check_rule(rule)
        findings = self.findings()
        fired = [one for one in findings if one["rule"] == rule]
        if not fired:
            counts = Counter(f"{one['severity']} {one['rule']}" for one in findings)
            others = [
                f"  {name}" + (f" ({n} times)" if n > 1 else "") for name, n in counts.items()
            ]
            said = [f"expected finding {rule}, which did not fire", "fired:" if others else ""]
            said += others or ["nothing fired"]
            raise AssertionError("\n".join([*filter(None, said), *self._seen(0)]))
        self._permitted.add(rule)
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
        asked = {
            "effect": effect,
            "match": {name: value for name, value in match.items() if value is not None},
            "times": times,
            "rate": rate,
            "after": after,
            **more,
        }
        body = {name: value for name, value in asked.items() if value not in (None, {})}
        reply = self._server.ask("POST", "/faults", self.api_key, body)
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
        told = None if mode is None else {"mode": mode, "seconds": seconds}
        reply = self._server.ask("PUT", "/settings", self.api_key, {"outage": told})
        if reply.status != 200:
            raise HakunaError(f"there is no such outage: {refusal(reply)}")

    def clock(self, **change: Any) -> dict[str, Any]:
        """What this world's clock shows: `now`, `frozen`, `ahead_s`, after a change.

        `advance` is a timedelta, seconds or text such as "14d", `freeze` true, false or a time (a
        datetime with a zone, or text), `reset` true.
        """
        __tracebackhide__ = True
        body = {name: _as_json(value) for name, value in change.items()} or None
        reply = self._server.ask("POST" if change else "GET", "/clock", self.api_key, body)
        if reply.status != 200:
            raise HakunaError(f"the clock was not set: {refusal(reply)}")
        shown: dict[str, Any] = reply.json()
        return shown

    def reset(self) -> None:
        """Forget everything that was sent in this world, findings too."""
        self._server.before_forgetting(self.api_key)
        reply = self._server.ask("POST", "/reset", self.api_key)
        if reply.status != 200:
            raise HakunaError(f"the world was not reset: {refusal(reply)}")
        if self._server.own:
            self._before = self._server.strangers_so_far()

    def permit(self, rules: Sequence[str]) -> None:
        """Findings of these rules fail nothing; HakunaError for a rule that does not exist."""
        for rule in rules:
            check_rule(rule)
        self._permitted.update(rules)

    def report(self) -> Report:
        """All requests and findings, for any of the renderers."""
        return report_of(self.requests(), self.findings(), self.url)

    def counts(self) -> dict[str, int]:
        """Open findings by severity, the cheapest question there is."""
        rows = self._server.get("/worlds", self.api_key)
        counts = {str(one): int(rows[0]["findings"][one]) if rows else 0 for one in Severity}
        for row in self._strangers():
            for finding in row["findings"]:
                counts[finding["severity"]] += finding["state"] == "open"
        return counts

    def failure(self, fail_on: str, counts: Mapping[str, int] | None = None) -> str | None:
        """The explanation of what is open at or above a severity, None where nothing is.

        `counts` are `counts()` where they are known already.
        """
        if fail_on == NEVER:
            return None
        rank = Severity(fail_on).rank
        counts = self.counts() if counts is None else counts
        if not any(count for name, count in counts.items() if Severity(name).rank <= rank):
            return None
        whole = self.report()
        findings = [one for one in whole.findings if one.rule not in self._permitted]
        report = Report(
            whole.judged, findings, whole.target, events=whole.events, orders=whole.orders
        )
        failing = report.failing(fail_on)
        if not failing:
            return None
        return text_report(report, fail_on=fail_on, coloured=False, quiet=True, most=MOST_FRAMES)

    def failing_rules(self, fail_on: str) -> list[str]:
        """The rules that `failure` speaks of, each once."""
        failing = self.report().failing(fail_on)
        return list(dict.fromkeys(one.rule for one in failing if one.rule not in self._permitted))

    def forget(self) -> None:
        """Delete this world from its server."""
        self._server.before_forgetting(self.api_key)
        for row in self._server.get("/worlds", self.api_key):
            self._server.ask("DELETE", f"/worlds/{row['id']}")

    def _strangers(self) -> list[dict[str, Any]]:
        return self._server.strangers(self._before)

    def _nearest(self, events: Sequence[dict[str, Any]], subset: Mapping[str, Any]) -> list[str]:
        said = []
        for one in events[-3:]:
            why = difference(subset, one["body"]["payload"])
            if why:
                said.append(f"  {one['event_id']}: {why}")
        return said

    def _seen(self, within: float) -> list[str]:
        """What this world has received, and what may have gone wrong where that is nothing."""
        report = self.report()
        if report.judged:
            return [f"{counted(report.events, 'request')} so far:", steps(report, coloured=False)]
        said = ["nothing was received: does the code under test use events_url and api_key?"]
        others = self._elsewhere()
        if others:
            keys = ", ".join(others)
            said.append(f"something was sent under another key ({keys}); use hakuna.api_key")
        if within and _in_event_loop():
            said.append(
                "this call blocks the event loop, so tasks of this test cannot send meanwhile; "
                "await asyncio.to_thread(hakuna.assert_received, …, within=…)"
            )
        return said

    def _elsewhere(self) -> list[str]:
        """Masked keys of other worlds that were used; a shared server has other users."""
        if not self._server.own:
            return []
        worlds = self._server.get("/worlds")
        return [
            row["key_masked"] for row in worlds if row["events"] or any(row["findings"].values())
        ]


def _as_json(value: Any) -> Any:
    """A point or a span in time as the control API takes it."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.isoformat() if isinstance(value, datetime) else value


def check_rule(rule: str) -> None:
    """HakunaError, with the nearest name, where there is no such rule."""
    if not isinstance(rule, str) or rule not in RULES:
        more = hint(str(rule), RULES, "hakuna-mock rules lists them")
        raise HakunaError(f"there is no rule {rule!r}{more}")


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
