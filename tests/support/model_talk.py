"""A conversation with the fuzzer's naive model, told in shorthand."""

import json
from collections.abc import Mapping
from typing import Any

from contracts.shorthand import bodies
from fuzz.model.oracle import Asked, Expected, Model
from fuzz.model.times import time_of

KEY = "sk_test_talk"
NOW = time_of("2030-01-01T00:00:00Z") or 0
USUAL = {
    "Authorization": f"Bearer {KEY}",
    "Hakuna-Version": "v2.0",
    "Content-Type": "application/json",
}


class Talk:
    """Asks the model; every event gets an idempotency key of its own unless headers say else."""

    def __init__(self, **settings: Any) -> None:
        self.model = Model(now=NOW, **settings)
        self.replies: list[Expected] = []

    def say(self, text: str, headers: Mapping[str, str | None] | None = None) -> Expected:
        """The reply to the last event of a shorthand text."""
        for body in bodies(text):
            reply = self.send(body, headers)
        return reply

    def send(self, body: Any, headers: Mapping[str, str | None] | None = None) -> Expected:
        """The reply to a body: a document, or bytes as they stand."""
        usual = {**USUAL, "Hakuna-Idempotency-Key": f"key-{len(self.replies)}"}
        sent = {**usual, **(headers or {})}
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        lines = tuple((name, value) for name, value in sent.items() if value is not None)
        self.replies.append(self.model.ask(Asked(lines, raw)))
        return self.replies[-1]

    @property
    def open(self) -> list[str]:
        """The open findings of the world, one name a finding."""
        return sorted(self.model.open_findings(KEY).elements())

    def line(self, name: str, order: str = "ord-1") -> dict[str, Any]:
        """A line of an order, by its label."""
        lines = self.model.orders(KEY)[order]["lines"]
        return next(line for line in lines if line["id"] == f"line-{name}")


def said(text: str, **settings: Any) -> dict[str, str]:
    """The findings of the last event of a shorthand text, told to a fresh model."""
    return dict(Talk(**settings).say(text).findings)
