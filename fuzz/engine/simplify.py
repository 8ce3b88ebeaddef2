"""Smaller forms of steps, for whoever has to read what fails."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from contracts.event_kinds import ITEM_LISTS
from contracts.json_text.parser import Document, parse
from fuzz.generate.client_simulator import Body
from fuzz.generate.context import DRY_RUN, IN_PARALLEL, SEND, Step
from fuzz.model.oracle import HttpRequest


def one_request_per_step(steps: Sequence[Step]) -> list[Step]:
    """The steps with one request each; parallel requests and dry runs stay as they are."""
    return [
        single
        for step in steps
        for single in (
            [replace(step, requests=(request,)) for request in step.requests]
            if step.mode == SEND
            else [step]
        )
    ]


def in_sequence(steps: Sequence[Step]) -> list[Step]:
    """The steps with one request after the other: none in parallel, none as a dry run."""
    return one_request_per_step(
        [
            replace(step, mode=SEND) if step.mode in (IN_PARALLEL, DRY_RUN) else step
            for step in steps
        ]
    )


def retagged(step: Step, old: str, new: str) -> Step:
    """The step under another tag: keys, order ids and idempotency keys carry it."""

    def retagged_request(request: HttpRequest) -> HttpRequest:
        headers = tuple((name, value.replace(old, new)) for name, value in request.headers)
        body = request.body.replace(old.encode(), new.encode())
        return replace(request, headers=headers, body=body)

    requests = tuple(map(retagged_request, step.requests))
    return replace(step, requests=requests, key=step.key.replace(old, new))


def changed_at(steps: Sequence[Step], place: int) -> Iterator[list[Step]]:
    """The steps with a simpler one at that place, and with it wherever the same body is sent."""
    old = steps[place]
    for new in simpler(old):
        yield [*steps[:place], new, *steps[place + 1 :]]
        if len(old.requests) == len(new.requests) == 1:
            bodies = old.requests[0].body, new.requests[0].body
            yield [_with_body(step, *bodies) for step in steps]


def _with_body(step: Step, old: bytes, new: bytes) -> Step:
    requests = (
        replace(request, body=new) if request.body == old else request for request in step.requests
    )
    return replace(step, requests=tuple(requests))


def simpler(step: Step) -> list[Step]:
    """Simpler forms of a step: fewer requests, settings, items and lines, smaller quantities."""
    forms = []
    if len(step.requests) > 1:
        for place in range(len(step.requests)):
            rest = step.requests[:place] + step.requests[place + 1 :]
            mode = SEND if len(rest) == 1 and step.mode == IN_PARALLEL else step.mode
            forms.append(replace(step, requests=rest, mode=mode))
    for place, request in enumerate(step.requests):
        for body in _simpler_bodies(request.body):
            changed = replace(request, body=json.dumps(body).encode())
            requests = (*step.requests[:place], changed, *step.requests[place + 1 :])
            forms.append(replace(step, requests=requests))
    settings = dict(step.settings or {})
    rules = settings.get("rules") or {}
    fewer = [{**settings, "rules": _without(rules, rule)} for rule in rules if len(rules) > 1]
    fewer += [_without(settings, name) for name in settings if len(settings) > 1]
    return [*forms, *(replace(step, settings=changed) for changed in fewer)]


def _without(settings: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if key != name}


def _simpler_bodies(raw: bytes) -> Iterator[Any]:
    """The event with fewer entries, and with smaller quantities."""
    body = event_in(raw)
    if body is None:
        return
    payload = body["payload"]
    for name in sorted(ITEM_LISTS & payload.keys()):
        entries = payload[name]
        if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
            for fewer in _fewer(entries):
                yield {**body, "payload": {**payload, name: fewer}}


def _fewer(entries: list[Body]) -> Iterator[list[Body]]:
    """Smaller lists: without a product and its plans, without an entry, of fewer units."""
    products = [_product_of(entry) for entry in entries]
    for product in dict.fromkeys(products):
        if 1 < products.count(product) < len(entries) and product is not None:
            pairs = zip(entries, products, strict=True)
            yield [entry for entry, other in pairs if other != product]
    for place in range(len(entries) if len(entries) > 1 else 0):
        yield entries[:place] + entries[place + 1 :]
    for place, entry in enumerate(entries):
        if _units(entry) > 1:
            yield [*entries[:place], {**entry, "quantity": 1}, *entries[place + 1 :]]
    if any(_units(entry) > 1 for entry in entries):
        yield [_one_unit_less(entry) if _units(entry) > 1 else entry for entry in entries]
    for place, entry in enumerate(entries):
        if _units(entry) > 2:
            yield [*entries[:place], _one_unit_less(entry), *entries[place + 1 :]]


def _one_unit_less(entry: Body) -> Body:
    return {**entry, "quantity": _units(entry) - 1}


def _product_of(entry: Body) -> str | None:
    """The product that a line is or protects; None for other entries."""
    custom = entry.get("custom_properties")
    reference = custom.get("product_reference") if isinstance(custom, dict) else None
    product = entry.get("product_id") if reference is None else reference
    return product if isinstance(product, str) else None


def _units(entry: Body) -> int:
    quantity = entry.get("quantity")
    return quantity if isinstance(quantity, int) and not isinstance(quantity, bool) else 0


def event_in(raw: bytes) -> Body | None:
    """The event in these bytes; None unless it has a payload and no repeated name."""
    parsed = parse(raw)
    if not isinstance(parsed, Document) or parsed.duplicates:
        return None
    body = parsed.value
    return body if isinstance(body, dict) and isinstance(body.get("payload"), dict) else None
