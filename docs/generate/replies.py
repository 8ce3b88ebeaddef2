"""What a mock with a seed and a stopped clock answers: the same each time."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from fuzz.client.http_client import TargetError
from hakuna_mock.servers.control_client import HakunaServer
from hakuna_mock.servers.thread_server import own_server

KEY = "sk_test_demo"
CLOCK = "2024-03-10T09:00:00Z"
PATH_VALUES = {
    "event_id": "latest",
    "request_id": "latest",
    "order_id": "ord-1",
    "rule_id": "refund-missing-protection",
}
"""What stands in a path's braces; a route with another name there is shown without an answer."""
UNSHOWN = {"/stream", "/openapi.json", "/scenarios"}
"""An endless answer, and two that fill pages of their own."""
BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/check"): bodies("R{d:1, p:1}@9")[0],
    ("PUT", "/settings"): {"enforcement": "reject", "rules": {"zip-format": "off"}},
    ("POST", "/reset"): None,
    ("POST", "/faults"): {"effect": "commit_drop", "times": 1},
    ("POST", "/clock"): {"advance": "14d"},
}
"""Calls that change something and are shown; `/check` changes nothing."""
MEASURED = {"uptime_s": 12.3, "duration_ms": 0.4, "ahead_s": -86400.0}
"""What differs between runs, and what is shown for it."""
MAX_LETTERS, MAX_MEMBERS, MAX_LINES = 320, 18, 70


@dataclass(frozen=True)
class Shown:
    """An exchange as text."""

    text: str
    language: str


class Replies:
    """A running mock with a played order, to be asked for examples."""

    play = "P{d:1, p:1>d} F{d:1} R{d:1}"

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._server = self._stack.enter_context(self._served())

    def close(self) -> None:
        """End the server."""
        self._stack.close()

    @contextmanager
    def _served(self) -> Iterator[HakunaServer]:
        with own_server(seed="1", clock=CLOCK) as server:
            for number, body in enumerate(bodies(self.play)):
                headers = usual_headers(number, KEY)
                server.post_event(json.dumps(body).encode(), headers)
            yield server

    def shown(self, method: str, path: str) -> Shown | None:
        """Request and answer, or None where there is no example."""
        body = BODIES.get((method, path))
        if path in UNSHOWN or (method != "GET" and (method, path) not in BODIES):
            return None
        for name, value in PATH_VALUES.items():
            path = path.replace(f"{{{name}}}", value)
        if "{" in path:
            return None
        # What a call changes must not show in the answers to others.
        with nullcontext(self._server) if method == "GET" else self._served() as server:
            try:
                reply = server.control.call(method, path, KEY, body)
            except TargetError:
                return None
            port = server.url.rpartition(":")[2]
        asked = f"{method} /_mock/v1{path}"
        if body is not None:
            asked += f"\n\n{_json(body)}"
        message = f"{reply.status} {HTTPStatus(reply.status).phrase}\n\n{_json(reply.json())}"
        return Shown(f"{asked}\n\n{message}".replace(f":{port}", ":4258"), "http")


def _json(value: Any) -> str:
    lines = json.dumps(_cut(value), indent=2, ensure_ascii=False).split("\n")
    if len(lines) > MAX_LINES:
        lines = [*lines[:MAX_LINES], "…"]
    return re.sub(r'"…(": "…)?"', "…", "\n".join(lines))


def _cut(value: Any) -> Any:
    """The value with long lists, objects and texts cut, and without what differs between runs."""
    if isinstance(value, list):
        if len(value) <= 3 and not any(isinstance(item, list | dict) for item in value):
            return [_cut(item) for item in value]
        return [_cut(item) for item in value[:1]] + (["…"] if len(value) > 1 else [])
    if isinstance(value, dict):
        members = {
            name: MEASURED.get(name) or _cut(item)
            for name, item in list(value.items())[:MAX_MEMBERS]
        }
        return members | ({"…": "…"} if len(value) > MAX_MEMBERS else {})
    if isinstance(value, str) and len(value) > MAX_LETTERS:
        return value[: MAX_LETTERS - 1] + "…"
    return value
