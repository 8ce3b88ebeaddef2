"""The events endpoint, asked in process or over a real socket: one set of tests for both.

    def test_a_clean_event_has_no_findings(endpoint):
        assert endpoint.send(event("P{d:1}")).rules == []

`InProcess` judges with `contracts` alone and takes the reply from the verdict's delivery;
`OverHttp` asks a server that listens. What a test says holds for both and is said once.
"""

import itertools
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any
from uuid import UUID

from multidict import CIMultiDict
from running_mock import running_mock
from server_mock import Reply, encoded

from contracts import Policy, Request, Session, World
from contracts.http.credentials import read_credentials
from contracts.judging.replies import ENDPOINT
from contracts.orders.presentation import describe_order
from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from contracts.timing.rfc3339 import parse_instant
from contracts.worlds.control import settings_changed
from fuzz.client.http_client import Target

NOW = parse_instant("2026-01-01T00:00:00Z")
_NUMBERS = itertools.count(1)
"""Of requests and of clients: each test has keys that no other has used."""


class Endpoint(ABC):
    """The endpoint as two good clients see it, each under a key of its own."""

    def __init__(self) -> None:
        number = next(_NUMBERS)
        self.key = f"sk_test_shop{number}"
        self.other_key = f"sk_test_other{number}"

    @abstractmethod
    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """One request as it is."""

    @abstractmethod
    def settings(self, key: str | None = None, **changes: Any) -> None:
        """Change the settings of a key's world."""

    @abstractmethod
    def orders(self, key: str | None = None) -> dict[str, Any]:
        """The placed orders of a key's world by id: `status` and `lines`."""

    @abstractmethod
    def findings(self, key: str | None = None) -> list[dict[str, Any]]:
        """The findings of a key's world as JSON, in the order in which they arose."""

    @abstractmethod
    def events(self, key: str | None = None) -> list[str]:
        """The ids of the accepted events of a key's world, in the order in which they came."""

    def send(
        self,
        body: Any,
        changes: Mapping[str, str | None] | None = None,
        *,
        key: str | None = None,
        method: str = "POST",
        path: str = ENDPOINT,
    ) -> Reply:
        """One event; `changes` are made to a good client's headers (None leaves one out)."""
        headers = {**usual_headers(next(_NUMBERS), key or self.key), **(changes or {})}
        sent = {name: value for name, value in headers.items() if value is not None}
        return self.ask(method, path, sent, encoded(body))

    def play(self, shorthand: str, *, key: str | None = None) -> list[Reply]:
        """The events of a shorthand text, one after the other."""
        return [self.send(body, key=key) for body in bodies(shorthand)]

    def told(self, key: str | None = None) -> list[str]:
        """All findings by rule, sorted; those that a later event settled say so."""
        return sorted(
            finding["rule"] if finding["state"] == "open" else f"{finding['rule']} (resolved)"
            for finding in self.findings(key)
        )

    def stored(self, key: str | None = None) -> tuple[Any, ...]:
        """All that accepted events have left in a key's world, but for findings."""
        return self.events(key), self.orders(key)

    def line(self, label: str, order: str = "1") -> dict[str, Any]:
        """A line of an order, by the label that shorthand calls it by."""
        lines = {item["id"]: item for item in self.orders()[f"ord-{order}"]["lines"]}
        return lines[f"line-{label}"]


class InProcess(Endpoint):
    """Judged here, each key in a world of its own, and one for requests without a good key."""

    def __init__(self) -> None:
        super().__init__()
        self._sessions: dict[str | None, Session] = {}

    def _session(self, key: str | None) -> Session:
        return self._sessions.setdefault(key, Session(World(Policy())))

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        number = next(_NUMBERS)
        request = Request(
            method,
            path,
            tuple(headers.items()),
            body,
            NOW,
            f"evt-{UUID(int=number, version=4)}",
            f"req-{number}",
            seq=number,
        )
        key = read_credentials(request, Policy()).key
        sent = self._session(key).judge(request).delivery
        return Reply(sent.status, CIMultiDict(sent.headers), sent.body)

    def settings(self, key: str | None = None, **changes: Any) -> None:
        session = self._session(key or self.key)
        session.apply([settings_changed(session.world, changes, NOW, 0)])

    def orders(self, key: str | None = None) -> dict[str, Any]:
        orders = self._session(key or self.key).world.placed_orders
        return {order.order_id: describe_order(order) for order in orders}

    def findings(self, key: str | None = None) -> list[dict[str, Any]]:
        return [finding.to_json() for finding in self._session(key or self.key).world.findings]

    def events(self, key: str | None = None) -> list[str]:
        return [event.event_id for _, event in self._session(key or self.key).world.events]


class OverHttp(Endpoint):
    """A server that listens, asked by a client that knows nothing of it."""

    def __init__(self, target: Target) -> None:
        super().__init__()
        self._target = target

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        reply = self._target.ask(method, path, body, headers)
        return Reply(reply.status, CIMultiDict(reply.headers), reply.body)

    def _control(self, method: str, path: str, key: str | None, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {key or self.key}"}
        sent = None if body is None else json.dumps(body).encode()
        reply = self._target.ask(method, f"/_mock/v1{path}", sent, headers)
        assert reply.status == 200, reply.body
        return reply.json()

    def settings(self, key: str | None = None, **changes: Any) -> None:
        self._control("PUT", "/settings", key, changes)

    def orders(self, key: str | None = None) -> dict[str, Any]:
        rows = self._control("GET", "/orders?limit=1000", key)
        names = ("order_id", "status", "lines")
        return {row["order_id"]: {name: row[name] for name in names} for row in rows}

    def findings(self, key: str | None = None) -> list[dict[str, Any]]:
        return self._control("GET", "/findings?limit=1000", key)

    def events(self, key: str | None = None) -> list[str]:
        return [item["event_id"] for item in self._control("GET", "/events?limit=1000", key)]


@contextmanager
def over_http() -> Iterator[Target]:
    """A client of a server that listens."""
    with running_mock() as here, closing(Target(here.url)) as target:
        yield target
