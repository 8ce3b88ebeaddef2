"""One running mock for a test module, and short ways to ask it. Every test has a key of its own."""

import itertools
import json
from dataclasses import dataclass
from typing import Any

import pytest
from running_mock import running_mock

from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from fuzz.client.http_client import Reply, Target

_NUMBERS = itertools.count(1)


@dataclass
class Shop:
    """A client that does everything right, under one key."""

    target: Target
    key: str

    @property
    def auth(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def post(self, body: Any, **headers: str | None) -> Reply:
        """Send an event; keyword arguments change headers (`_` for `-`), None leaves one out."""
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {**usual_headers(next(_NUMBERS), self.key), **changed}
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.target.post_event(raw, {k: v for k, v in sent.items() if v is not None})

    def play(self, shorthand: str) -> list[Reply]:
        return [self.post(body) for body in bodies(shorthand)]

    def ask(self, path: str, method: str = "GET", body: Any = None, **more: str) -> Reply:
        raw = None if body is None else json.dumps(body).encode()
        return self.target.ask(method, f"/_mock/v1{path}", raw, {**self.auth, **more})

    def get(self, path: str) -> Any:
        reply = self.ask(path)
        assert reply.status == 200, reply.body
        return reply.json()

    def everything(self) -> dict[str, Any]:
        """What the world holds of accepted events."""
        return {"events": self.get("/events?limit=1000"), "orders": self.get("/orders?limit=1000")}


def fired(reply: Reply) -> list[str]:
    """The rules of the reply's header, the most severe first."""
    return [item for item in reply.headers.get("hakuna-mock-findings", "").split(",") if item]


@pytest.fixture(scope="module")
def mock():
    with running_mock() as here:
        yield here


@pytest.fixture
def target(mock):
    made = Target(mock.url)
    yield made
    made.close()


@pytest.fixture
def shop(target):
    return Shop(target, f"sk_test_shop{next(_NUMBERS)}")


@pytest.fixture
def other_shop(target):
    return Shop(target, f"sk_test_other{next(_NUMBERS)}")
