"""A conversation that touches every assumption that can be, held against a provider.

All shipped scenarios and some bodies of their own, under one key, as a polite client sends them.
"""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from contracts import Request, World
from contracts.drift.drift import Drift
from contracts.drift.exchange import ProviderReply
from contracts.judging.replies import ENDPOINT
from contracts.judging.shadow import Shadowed, shadow
from contracts.scenarios.catalogue import shipped
from contracts.scenarios.format import FreshKeys, key_names, requests_of
from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from contracts.timing.rfc3339 import parse_instant
from contracts.worlds.apply import apply

NOW = parse_instant("2026-01-01T00:00:00Z")
KEY = "sk_test_" + "audit"


@dataclass(frozen=True)
class Sent:
    headers: tuple[tuple[str, str], ...]
    body: bytes


@cache
def conversation() -> tuple[Sent, ...]:
    """Every request, each order and idempotency key of its own."""
    return tuple(_all())


def _all() -> Iterator[Sent]:
    for number, scenario in enumerate(shipped().values()):
        if len(key_names(scenario)) > 1 or scenario.is_on_demand:
            continue
        fresh = FreshKeys(lambda: str(uuid.uuid4()))
        for request in requests_of(scenario, dict.fromkeys(key_names(scenario), KEY)):
            step = request.step
            if step.is_control or step.method != "POST" or step.path != ENDPOINT:
                continue
            if any("sk_live_" in value for value in request.headers.values()):
                continue
            headers = fresh.headers(request.key, request.headers)
            body = request.body.replace(b'"order_id": "', b'"order_id": "s%d-' % number)
            yield Sent(tuple(headers.items()), body)
    yield from _of_the_wire()


def _of_the_wire() -> Iterator[Sent]:
    """What no scenario does: nulls, 1.0, large bodies, corrected retries, two things wrong."""
    (placed,) = bodies("P#wire{d:1}")
    good = dict(usual_headers(900, KEY))

    def sent(body: object, **changes: str | None) -> Sent:
        headers = {**good, "Hakuna-Idempotency-Key": str(uuid.uuid4())}
        for name, value in changes.items():
            headers[name.replace("_", "-")] = value
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Sent(tuple((header, value) for header, value in headers.items() if value), text)

    def order(number: int, **payload: object) -> dict:
        return {**placed, "payload": {**placed["payload"], "order_id": f"wire-{number}", **payload}}

    yield sent(order(1))
    yield sent(order(2, cart_id=None))
    yield sent(json.dumps(order(3)).replace('"quantity": 1', '"quantity": 1.0').encode())
    yield sent(order(4, cart_id="x" * 300))
    line = order(5)["payload"]["line_items"][0]
    many = [{**line, "id": f"line-{n}"} for n in range(120)]
    yield sent(order(5, line_items=many))
    notes = {f"note-{n}": "n" * 250 for n in range(300)}
    yield sent(order(10, line_items=[{**line, "custom_properties": notes}]))
    spent = str(uuid.uuid4())
    yield sent(order(6, order_currency=7), Hakuna_Idempotency_Key=spent)
    yield sent(order(6), Hakuna_Idempotency_Key=spent)
    yield sent(order(7, order_currency=7), Authorization=None)
    yield sent(order(8), Authorization=None)
    yield sent(order(9, line_items=[{**line, "id": "line-unsold"}]))
    (shipped_there,) = bodies("F#nowhere{d:1}")
    shipped_there["payload"]["fulfillment_items"][0]["quantity"] = "one"
    yield sent(shipped_there)


@dataclass
class Audit:
    """What came of it: the world as the provider left it, and what was counted."""

    world: World
    exchanges: list[tuple[Request, ProviderReply, Shadowed]]

    @property
    def drift(self) -> Drift:
        return self.world.drift


def audited(reply: Callable[[Request], ProviderReply], *, complete: bool = True) -> Audit:
    """Send the whole conversation to a provider."""
    audit = Audit(World(), [])
    position = 0
    for number, sent in enumerate(conversation(), start=1):
        request = Request(
            "POST",
            ENDPOINT,
            sent.headers,
            sent.body,
            NOW + number * 10**6,
            f"evt-00000000-0000-4000-9000-{number:012}",
            f"req-{number}",
            monotonic_ns=number * 10**10,
            seq=number,
        )
        answer = reply(request)
        shadowed = shadow(request, audit.world, answer, complete=complete)
        for effect in shadowed.effects:
            position += 1
            apply(audit.world, effect, position)
        audit.exchanges.append((request, answer, shadowed))
    return audit
