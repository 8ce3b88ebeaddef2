"""Judging without a server: what a shop sends, and what is said about it.

shop = played("P{d:1, p:1>d} F{d:1} R{d:1}@5")
assert told(shop) == ["refund-missing-protection"]
"""

import copy
import json
from collections.abc import Iterable, Mapping
from typing import Any

from contracts import (
    Enforcement,
    Policy,
    Request,
    Session,
    Severity,
    State,
    Verdict,
    World,
)
from contracts.judging.replies import ENDPOINT
from contracts.orders.ledger import Ledger
from contracts.orders.order import Order
from contracts.rules import Example
from contracts.scenarios.rule_examples import requests_of, usual_headers
from contracts.shorthand import bodies
from contracts.timing.rfc3339 import parse_instant

NOW = parse_instant("2026-01-01T00:00:00Z")
FLAG = Policy()
REJECT = Policy(enforcement=Enforcement.REJECT)

Changes = Mapping[str, str | None]


def event_id(number: int) -> str:
    """The id that the n-th request of a shop gets if it is accepted (from 1)."""
    return f"evt-00000000-0000-4000-8000-{number:012}"


def encoded(body: Any) -> bytes:
    """A body as it travels: bytes as they are, text in UTF-8, anything else as JSON."""
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


class Shop:
    """A shop with one API key: its world, the findings about it, and every verdict so far."""

    def __init__(self, policy: Policy = FLAG) -> None:
        self.policy = policy
        self.session = Session(World(policy))
        self.world = self.session.world
        self.log = self.world.findings
        self.verdicts: list[Verdict] = []

    def request(self, body: Any, changes: Changes | None = None, **parts: Any) -> Request:
        """The next request; `changes` are made to a good client's headers (None leaves one out)."""
        number = len(self.verdicts) + 1
        headers = {**usual_headers(number), **(changes or {})}
        usual = {
            "method": "POST",
            "path": ENDPOINT,
            "headers": tuple((name, value) for name, value in headers.items() if value is not None),
            "body": encoded(body),
            "received_at": NOW,
            "event_id": event_id(number),
            "request_id": f"req-{number}",
            "seq": number,
        }
        return Request(**{**usual, **parts})

    def receive(self, request: Request) -> Verdict:
        """What is answered; what was accepted is stored, as a server would."""
        verdict = self.session.judge(request)
        self.verdicts.append(verdict)
        return verdict

    def send(self, body: Any, changes: Changes | None = None, **parts: Any) -> Verdict:
        """Send one body, by default with everything else right."""
        return self.receive(self.request(body, changes, **parts))

    def play(self, shorthand: str) -> "Shop":
        """Send the events of a shorthand text, each under an idempotency key of its own."""
        for body in bodies(shorthand):
            self.send(body)
        return self

    @property
    def last(self) -> Verdict:
        """The latest verdict."""
        return self.verdicts[-1]

    @property
    def statuses(self) -> list[int]:
        """What HTTP said, in order."""
        return [verdict.status for verdict in self.verdicts]

    def order(self, name: str = "1") -> Order:
        """The order that shorthand calls by that name."""
        return self.world.orders[f"ord-{name}"]

    def ledger(self, label: str) -> Ledger:
        """The counts of a line of the first order, by its label."""
        return self.order().lines[f"line-{label}"].ledger

    def snapshot(self) -> tuple[Any, Any]:
        """Everything that is stored, as a copy of its own."""
        return copy.deepcopy((self.world.orders, self.world.replies))


def played(shorthand: str, policy: Policy = FLAG) -> Shop:
    """A new shop that has sent these events."""
    return Shop(policy).play(shorthand)


def performed(example: Example, policy: Policy = FLAG) -> Shop:
    """A new shop that has sent the requests of a rule's example."""
    shop = Shop(policy)
    for headers, raw in requests_of(example):
        shop.send(raw, headers=tuple(headers.items()), path=example.path)
    return shop


def told(shop: Shop) -> list[str]:
    """All findings by rule, sorted; those that a later event settled say so."""
    return sorted(
        item.rule if item.state is State.OPEN else f"{item.rule} (resolved)" for item in shop.log
    )


def rules_of(verdict: Verdict) -> list[str]:
    """The rules that fired for one request, sorted."""
    return sorted(finding.rule for finding in verdict.findings)


def message_of(shop: Shop, rule: str) -> str:
    """The words of the one finding of that rule: where, what, and what to do."""
    (finding,) = [item for item in shop.log if item.rule == rule]
    return f"{finding.pointer}: {finding.message}; {finding.fix}"


def severities(shop: Shop, rule: str) -> list[Severity]:
    """How bad each finding of that rule is."""
    return [item.severity for item in shop.log if item.rule == rule]


def header(verdict: Verdict, name: str) -> str | None:
    """A header of the reply."""
    return dict(verdict.headers).get(name)


def errors(verdict: Verdict) -> list[str]:
    """The texts of a refusal."""
    return verdict.body["error"]["validation_errors"]


def code(verdict: Verdict) -> str | None:
    """The `error_code` of a refusal; None for an accepted event."""
    return verdict.body.get("error", {}).get("error_code")


def every_text(verdict: Verdict) -> Iterable[str]:
    """Everything of a verdict that people or machines get to read."""
    yield json.dumps(verdict.body, ensure_ascii=False)
    yield from (value for pair in verdict.headers for value in pair)
    for finding in verdict.findings:
        yield json.dumps(finding.to_json(), ensure_ascii=False)
