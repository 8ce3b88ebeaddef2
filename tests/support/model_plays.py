"""Plays for the fuzzer's naive model, written in shorthand."""

import json
from collections.abc import Mapping
from typing import Any

from contracts.shorthand import bodies
from fuzz.model.oracle import HttpRequest, Model, Prediction
from fuzz.model.times import time_of

KEY = "sk_test_model"
NOW = time_of("2030-01-01T00:00:00Z") or 0
USUAL = {
    "Authorization": f"Bearer {KEY}",
    "Hakuna-Version": "v2.0",
    "Content-Type": "application/json",
}


class ModelPlays:
    """Events for one model; each gets its own idempotency key, unless its headers have one."""

    def __init__(self, **settings: Any) -> None:
        self.model = Model(now=NOW, **settings)
        self.replies: list[Prediction] = []

    def play(self, text: str, headers: Mapping[str, str | None] | None = None) -> Prediction:
        """The prediction for the last event of a shorthand text."""
        for body in bodies(text):
            reply = self.send(body, headers)
        return reply

    def send(self, body: Any, headers: Mapping[str, str | None] | None = None) -> Prediction:
        """The prediction for a body: a document, or bytes as they are."""
        usual = {**USUAL, "Hakuna-Idempotency-Key": f"key-{len(self.replies)}"}
        sent = {**usual, **(headers or {})}
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        lines = tuple((name, value) for name, value in sent.items() if value is not None)
        self.replies.append(self.model.predict(HttpRequest(lines, raw)))
        return self.replies[-1]

    @property
    def open(self) -> list[str]:
        """The rules of the open findings, one for each finding."""
        return sorted(self.model.open_findings(KEY).elements())

    def line(self, name: str, order: str = "ord-1") -> dict[str, Any]:
        """A line of an order, by its label."""
        lines = self.model.orders(KEY)[order]["lines"]
        return next(line for line in lines if line["id"] == f"line-{name}")


def findings_of(text: str, **settings: Any) -> dict[str, str]:
    """The findings of the last event of a shorthand text, played to a fresh model."""
    return dict(ModelPlays(**settings).play(text).findings)
