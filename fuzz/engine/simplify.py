"""Smaller and plainer forms of steps, for whoever has to read what fails."""

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from contracts.http.idempotency import KEY_HEADER
from contracts.json_text.parser import Document, parse
from contracts.scenarios.rule_examples import usual_headers
from fuzz.generate.client_simulator import ITEMS, Body, placement, reference_of
from fuzz.generate.context import AT_ONCE, CHECK, SEND, Step
from fuzz.model.oracle import Asked
from fuzz.model.requests import EVENTS

Fails = Callable[[Sequence[Step]], bool]

_LISTS = ("line_items", *(name for name, _ in ITEMS.values()))
_STAMPS = ("placed_at", *(stamp for _, stamp in ITEMS.values()))


def singly(steps: Sequence[Step]) -> list[Step]:
    """The steps with one request each, but for requests at the same moment and questions."""
    return [
        one
        for step in steps
        for one in (
            [replace(step, requests=(asked,)) for asked in step.requests]
            if step.how == SEND
            else [step]
        )
    ]


def one_by_one(steps: Sequence[Step]) -> list[Step]:
    """The steps with every request sent after the other: none at once, none only asked about."""
    return singly(
        [replace(step, how=SEND) if step.how in (AT_ONCE, CHECK) else step for step in steps]
    )


def renamed(step: Step, old: str, new: str) -> Step:
    """The step under another tag: keys, order ids and idempotency keys carry it."""

    def asked(one: Asked) -> Asked:
        headers = tuple((name, value.replace(old, new)) for name, value in one.headers)
        return replace(one, headers=headers, body=one.body.replace(old.encode(), new.encode()))

    requests = tuple(map(asked, step.requests))
    return replace(step, requests=requests, key=step.key.replace(old, new))


def changed_at(steps: Sequence[Step], place: int) -> Iterator[list[Step]]:
    """The steps with a simpler one at that place, and with it wherever the same body is sent."""
    old = steps[place]
    for new in simpler(old):
        yield [*steps[:place], new, *steps[place + 1 :]]
        if len(old.requests) == len(new.requests) == 1:
            yield [_with_body(one, old.requests[0].body, new.requests[0].body) for one in steps]


def _with_body(step: Step, old: bytes, new: bytes) -> Step:
    requests = (replace(one, body=new) if one.body == old else one for one in step.requests)
    return replace(step, requests=tuple(requests))


def simpler(step: Step) -> list[Step]:
    """Simpler forms of a step: fewer requests, settings, items and lines, smaller quantities."""
    found = []
    if len(step.requests) > 1:
        for place in range(len(step.requests)):
            rest = step.requests[:place] + step.requests[place + 1 :]
            how = SEND if len(rest) == 1 and step.how == AT_ONCE else step.how
            found.append(replace(step, requests=rest, how=how))
    for place, asked in enumerate(step.requests):
        for body in _simpler_bodies(asked.body):
            one = replace(asked, body=json.dumps(body).encode())
            requests = (*step.requests[:place], one, *step.requests[place + 1 :])
            found.append(replace(step, requests=requests))
    told = dict(step.settings or {})
    rules = told.get("rules") or {}
    fewer = [{**told, "rules": _without(rules, rule)} for rule in rules if len(rules) > 1]
    fewer += [_without(told, name) for name in told if len(told) > 1]
    return [*found, *(replace(step, settings=one) for one in fewer)]


def _without(told: dict[str, Any], name: str) -> dict[str, Any]:
    return {one: value for one, value in told.items() if one != name}


def _simpler_bodies(raw: bytes) -> Iterator[Any]:
    """The event with fewer entries, and with smaller quantities."""
    body = _event(raw)
    for name in _LISTS if body else ():
        entries = body["payload"].get(name) if body else None
        if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
            continue
        for fewer in _fewer(entries):
            yield {**(body or {}), "payload": {**(body or {})["payload"], name: fewer}}


def _fewer(entries: list[Body]) -> Iterator[list[Body]]:
    """Lists that say less: without a product and its plans, without an entry, of fewer units."""
    of = [_product_of(one) for one in entries]
    for product in dict.fromkeys(of):
        if 1 < of.count(product) < len(entries) and product is not None:
            yield [one for one, mine in zip(entries, of, strict=True) if mine != product]
    for place in range(len(entries) if len(entries) > 1 else 0):
        yield entries[:place] + entries[place + 1 :]
    for place, entry in enumerate(entries):
        if _units(entry) > 1:
            yield [*entries[:place], {**entry, "quantity": 1}, *entries[place + 1 :]]
    if any(_units(one) > 1 for one in entries):
        yield [{**one, "quantity": _units(one) - 1} if _units(one) > 1 else one for one in entries]
    for place, entry in enumerate(entries):
        if _units(entry) > 2:
            less = {**entry, "quantity": _units(entry) - 1}
            yield [*entries[:place], less, *entries[place + 1 :]]


def _product_of(entry: Body) -> str | None:
    """The product that a line is or protects; None for other entries."""
    custom = entry.get("custom_properties")
    reference = custom.get("product_reference") if isinstance(custom, dict) else None
    found = entry.get("product_id") if reference is None else reference
    return found if isinstance(found, str) else None


def _units(entry: Body) -> int:
    quantity = entry.get("quantity")
    return quantity if isinstance(quantity, int) and not isinstance(quantity, bool) else 0


def _event(raw: bytes) -> Body | None:
    """The event that these bytes are, where it has a payload and no name twice."""
    parsed = parse(raw)
    if not isinstance(parsed, Document) or parsed.duplicates:
        return None
    body = parsed.value
    return body if isinstance(body, dict) and isinstance(body.get("payload"), dict) else None


def made_plain(steps: Sequence[Step], tag: str, keys: Sequence[str], fails: Fails) -> list[Step]:
    """The steps with everything as usual that does not matter: they still fail."""
    kept = list(steps)

    def better(changed: list[Step]) -> bool:
        return changed != kept and fails(changed)

    ways = [*_ways(tag, keys)]
    everything = kept
    for way in ways:
        everything = [way(step, place) for place, step in enumerate(everything)]
    if better(_renumbered(everything, tag)):
        return _renumbered(everything, tag)
    for way in ways:
        changed = [way(step, place) for place, step in enumerate(kept)]
        if better(changed):
            kept = changed
            continue
        for place, step in enumerate(kept):
            changed = [*kept[:place], way(step, place), *kept[place + 1 :]]
            if better(changed):
                kept = changed
    return _renumbered(kept, tag) if better(_renumbered(kept, tag)) else kept


def keys_sent(asked: Asked, keys: Sequence[str]) -> Iterator[str]:
    """The API keys that stand in the headers of a request; one may begin like another one."""
    sent = " ".join(value for _, value in asked.headers)
    for key in sorted(keys, key=len, reverse=True):
        if key in sent:
            yield key
            sent = sent.replace(key, "")


def _ways(tag: str, keys: Sequence[str]) -> Iterator[Callable[[Step, int], Step]]:
    """Ways to make a step plainer; they get its place, too."""

    def usual(asked: Asked, place: int) -> Asked:
        own = next(keys_sent(asked, keys), None)
        if own is None or (asked.method, asked.path) != ("POST", EVENTS):
            return asked
        name = dict(asked.headers).get(KEY_HEADER) or f"{tag}-plain-{place}"
        return replace(asked, headers=(*{**usual_headers(0, own), KEY_HEADER: name}.items(),))

    def of_requests(change: Callable[[Asked, int], Asked]) -> Callable[[Step, int], Step]:
        return lambda step, place: replace(
            step, requests=tuple(change(one, place) for one in step.requests)
        )

    def of_bodies(change: Callable[[Body], Body]) -> Callable[[Step, int], Step]:
        def changed(asked: Asked, _place: int) -> Asked:
            body = _event(asked.body)
            if body is None:
                return asked
            return replace(asked, body=json.dumps(change(copy.deepcopy(body))).encode())

        return of_requests(changed)

    yield of_requests(usual)
    for change in (_usually_written, _of_the_usual_customer, _of_usual_lines, _at_the_usual_time):
        yield of_bodies(change)


class _Least:
    """Dice that always choose the simplest."""

    def pick(self, _count: int) -> int:
        return 0


_USUAL = placement(_Least(), "", 0)["payload"]


def _usually_written(body: Body) -> Body:
    """Names in their usual order and without the ones that mean nothing; whole numbers."""
    order = {name: place for place, name in enumerate(_NAMES)}

    def written(value: Any) -> Any:
        if isinstance(value, list):
            return [written(one) for one in value]
        if isinstance(value, dict):
            known = sorted((name for name in value if name in order), key=order.__getitem__)
            return {name: written(value[name]) for name in known}
        return int(value) if isinstance(value, float) and value.is_integer() else value

    made: Body = written(body)
    return made


_NAMES = (
    *("type", "payload", "order_id", *_STAMPS[:1], "order_currency"),
    *("customer", "first_name", "last_name", "email"),
    *("customer_billing_address", "address_line_1", "address_line_2", "city", "country", "zip"),
    *_LISTS,
    *("id", "line_item_id", "quantity", "price_amount", "product_id", "product_title"),
    *("product_brand", "custom_properties", "product_reference", *_STAMPS[1:]),
)


def _of_the_usual_customer(body: Body) -> Body:
    payload = body["payload"]
    for name in ("customer", "customer_billing_address", "order_currency"):
        if name in payload:
            payload[name] = _USUAL[name]
    return body


def _of_usual_lines(body: Body) -> Body:
    """The lines with a usual title, brand and price."""
    lines = body["payload"].get("line_items")
    for line in lines if isinstance(lines, list) else ():
        if isinstance(line, dict) and isinstance(line.get("custom_properties"), dict | None):
            plan = reference_of(line) is not None
            said = _PLAN if plan else {n: _USUAL["line_items"][0][n] for n in _PLAN}
            line.update(said)
    return body


_PLAN = {
    "price_amount": 8499,
    "product_title": "Hakuna.care protection",
    "product_brand": "hakuna",
}


def _at_the_usual_time(body: Body) -> Body:
    """Every time at nine o'clock of its day."""
    payload = body["payload"]
    holders = [payload]
    for name in _LISTS:
        holders += payload[name] if isinstance(payload.get(name), list) else []
    for holder in holders:
        for name in _STAMPS if isinstance(holder, dict) else ():
            if isinstance(holder.get(name), str) and len(holder[name]) >= len("2024-03-01T09"):
                holder[name] = f"{holder[name][:10]}T09:00:00.000Z"
    return body


def _renumbered(steps: Sequence[Step], tag: str) -> list[Step]:
    """The steps with the usual order ids, in the order in which they come."""
    given: dict[str, str] = {}

    def asked(one: Asked) -> Asked:
        body = _event(one.body)
        order_id = body["payload"].get("order_id") if body else None
        if body is None or not isinstance(order_id, str) or not order_id:
            return one
        new = given.setdefault(order_id, f"ord-{tag}-{len(given) + 1}")
        if new == order_id:
            return one
        body["payload"]["order_id"] = new
        return replace(one, body=json.dumps(body).encode())

    return [replace(step, requests=tuple(map(asked, step.requests))) for step in steps]
