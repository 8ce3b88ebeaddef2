"""Steps with usual values in place of odd ones: what a reader need not think about.

Names, customers, times, headers and order ids become those of a plain event, as long as the steps
still fail.
"""

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from contracts.event_kinds import EVENT_KINDS, ITEM_LISTS, ORDER_PLACED, TIME_FIELDS
from contracts.http.idempotency import KEY_HEADER
from contracts.scenarios.rule_examples import usual_headers
from fuzz.engine.simplify import event_in
from fuzz.generate.client_simulator import Body, placement, reference_of
from fuzz.generate.context import Step
from fuzz.model.oracle import HttpRequest
from fuzz.model.requests import EVENTS

Fails = Callable[[Sequence[Step]], bool]
_Change = Callable[[Step, int], Step]
"""Makes a step plainer; it also gets the step's place."""


def with_usual_values(
    steps: Sequence[Step], tag: str, keys: Sequence[str], fails: Fails
) -> list[Step]:
    """The steps with usual values wherever they fail with them, too."""
    kept = list(steps)

    def still_fail(changed: list[Step]) -> bool:
        return changed != kept and fails(changed)

    changes = list(_changes(tag, keys))
    everything = kept
    for change in changes:
        everything = [change(step, place) for place, step in enumerate(everything)]
    everything = _renumbered(everything, tag)
    if still_fail(everything):
        return everything
    for change in changes:
        changed = [change(step, place) for place, step in enumerate(kept)]
        if still_fail(changed):
            kept = changed
            continue
        for place, step in enumerate(kept):
            changed = [*kept[:place], change(step, place), *kept[place + 1 :]]
            if still_fail(changed):
                kept = changed
    renumbered = _renumbered(kept, tag)
    return renumbered if still_fail(renumbered) else kept


def keys_sent(request: HttpRequest, keys: Sequence[str]) -> Iterator[str]:
    """The API keys in the headers of a request; one may be the beginning of another."""
    sent = " ".join(value for _, value in request.headers)
    for key in sorted(keys, key=len, reverse=True):
        if key in sent:
            yield key
            sent = sent.replace(key, "")


def _changes(tag: str, keys: Sequence[str]) -> Iterator[_Change]:
    def usual_headers_of(request: HttpRequest, place: int) -> HttpRequest:
        own = next(keys_sent(request, keys), None)
        if own is None or (request.method, request.path) != ("POST", EVENTS):
            return request
        name = dict(request.headers).get(KEY_HEADER) or f"{tag}-plain-{place}"
        return replace(request, headers=(*{**usual_headers(0, own), KEY_HEADER: name}.items(),))

    def in_requests(change: Callable[[HttpRequest, int], HttpRequest]) -> _Change:
        return lambda step, place: replace(
            step, requests=tuple(change(request, place) for request in step.requests)
        )

    def in_bodies(change: Callable[[Body], Body]) -> _Change:
        def changed(request: HttpRequest, _place: int) -> HttpRequest:
            body = event_in(request.body)
            if body is None:
                return request
            return replace(request, body=json.dumps(change(copy.deepcopy(body))).encode())

        return in_requests(changed)

    yield in_requests(usual_headers_of)
    for change in (_usual_fields, _usual_customer, _usual_lines, _usual_times):
        yield in_bodies(change)


class _Simplest:
    """Choices that always take the simplest option."""

    def pick(self, _count: int) -> int:
        return 0


_USUAL = placement(_Simplest(), "", 0)["payload"]


def _usual_fields(body: Body) -> Body:
    """Fields in their usual order, without those that mean nothing; whole numbers."""
    order = {name: place for place, name in enumerate(_FIELDS)}

    def usual(value: Any) -> Any:
        if isinstance(value, list):
            return [usual(item) for item in value]
        if isinstance(value, dict):
            known = sorted((name for name in value if name in order), key=order.__getitem__)
            return {name: usual(value[name]) for name in known}
        return int(value) if isinstance(value, float) and value.is_integer() else value

    changed: Body = usual(body)
    return changed


_FIELDS = (
    *("type", "payload", "order_id", ORDER_PLACED.time, "order_currency"),
    *("customer", "first_name", "last_name", "email"),
    *("customer_billing_address", "address_line_1", "address_line_2", "city", "country", "zip"),
    *(kind.items for kind in EVENT_KINDS.values() if kind.items is not None),
    *("id", "line_item_id", "quantity", "price_amount", "product_id", "product_title"),
    *("product_brand", "custom_properties", "product_reference"),
    *(name for name in TIME_FIELDS if name != ORDER_PLACED.time),
)


def _usual_customer(body: Body) -> Body:
    payload = body["payload"]
    for name in ("customer", "customer_billing_address", "order_currency"):
        if name in payload:
            payload[name] = _USUAL[name]
    return body


def _usual_lines(body: Body) -> Body:
    """The lines with a usual title, brand and price."""
    lines = body["payload"].get(ORDER_PLACED.items)
    for line in lines if isinstance(lines, list) else ():
        if isinstance(line, dict) and isinstance(line.get("custom_properties"), dict | None):
            plan = reference_of(line) is not None
            product = _USUAL["line_items"][0]
            line.update(_PLAN if plan else {name: product[name] for name in _PLAN})
    return body


_PLAN = {
    "price_amount": 8499,
    "product_title": "Hakuna.care protection",
    "product_brand": "hakuna",
}


def _usual_times(body: Body) -> Body:
    """Every time at nine o'clock of its day."""
    payload = body["payload"]
    holders = [payload]
    for name in ITEM_LISTS:
        holders += payload[name] if isinstance(payload.get(name), list) else []
    for holder in holders:
        for name in TIME_FIELDS if isinstance(holder, dict) else ():
            if isinstance(holder.get(name), str) and len(holder[name]) >= len("2024-03-01T09"):
                holder[name] = f"{holder[name][:10]}T09:00:00.000Z"
    return body


def _renumbered(steps: Sequence[Step], tag: str) -> list[Step]:
    """The steps with the usual order ids, in the order in which they come."""
    new_ids: dict[str, str] = {}

    def renumbered(request: HttpRequest) -> HttpRequest:
        body = event_in(request.body)
        order_id = body["payload"].get("order_id") if body else None
        if body is None or not isinstance(order_id, str) or not order_id:
            return request
        new = new_ids.setdefault(order_id, f"ord-{tag}-{len(new_ids) + 1}")
        if new == order_id:
            return request
        body["payload"]["order_id"] = new
        return replace(request, body=json.dumps(body).encode())

    return [replace(step, requests=tuple(map(renumbered, step.requests))) for step in steps]
