"""Two independent mistakes in one request: which of them is answered, and with what status.

Each mistake alone has one answer. Together they show in which order a server checks.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

from contracts.http.idempotency import KEY_HEADER
from contracts.values import dataclass
from fuzz.generate.actions.malformed_bodies import valid_event
from fuzz.generate.actions.routing import LIVE_KEY
from fuzz.generate.choices import Choices, chance, one_of
from fuzz.generate.client_simulator import Body, ClientSimulator
from fuzz.generate.context import Context, Step
from fuzz.model.oracle import HttpRequest

NAMED = ("order_cancelled", "order_fulfillment_added", "order_refund_added", "order_placed")


@dataclass(frozen=True)
class Draft:
    """A request in the making. `raw` takes the place of the body where it is no JSON."""

    headers: Mapping[str, str | None]
    body: Any
    method: str = "POST"
    path: str = "/sandbox/events"
    raw: Callable[[bytes], bytes] = bytes


Mistake = Callable[[Draft, str], Draft]
"""Makes one mistake; the second argument is the conversation's tag."""


def _header(name: str, value: str | None) -> Mistake:
    return lambda draft, _tag: replace(draft, headers={**draft.headers, name: value})


def _address(*, method: str = "POST", path: str = "/sandbox/events") -> Mistake:
    return lambda draft, _tag: replace(draft, method=method, path=path)


def _payload(change: Callable[[Body], Any]) -> Mistake:
    """A mistake in the payload, where there still is one."""

    def make(draft: Draft, _tag: str) -> Draft:
        body = draft.body
        if not isinstance(body, dict) or not isinstance(body.get("payload"), dict):
            return draft
        return replace(draft, body={**body, "payload": change(dict(body["payload"]))})

    return make


def _unknown_order(draft: Draft, tag: str) -> Draft:
    def change(payload: Body) -> Body:
        return {**payload, "order_id": f"ord-{tag}-never"} if "order_id" in payload else payload

    return _payload(change)(draft, tag)


def _other_type(draft: Draft, _tag: str) -> Draft:
    body = draft.body
    return replace(draft, body={**body, "type": "order_paid"}) if isinstance(body, dict) else draft


def _as_list(draft: Draft, _tag: str) -> Draft:
    return replace(draft, body=[draft.body])


def _not_json(change: Callable[[bytes], bytes]) -> Mistake:
    return lambda draft, _tag: replace(draft, raw=change)


def _too_many(payload: Body) -> Body:
    """A hundred units of the first entry."""
    for name, entries in payload.items():
        if isinstance(entries, list) and entries and isinstance(entries[0], dict):
            return {**payload, name: [{**entries[0], "quantity": 100}, *entries[1:]]}
    return payload


def _epoch(payload: Body) -> Body:
    """Times as seconds since 1970."""

    def changed(holder: Body) -> Body:
        return {name: 1709283600 if name.endswith("_at") else item for name, item in holder.items()}

    return {
        name: [changed(item) if isinstance(item, dict) else item for item in value]
        if isinstance(value, list)
        else value
        for name, value in changed(payload).items()
    }


def _without_id(payload: Body) -> Body:
    return {name: value for name, value in payload.items() if name != "order_id"}


def _with_note(payload: Body) -> Body:
    return {**payload, "note": 1}


MISTAKES: dict[str, dict[str, Mistake]] = {
    "address": {
        "path": _address(path="/sandbox/event"),
        "method": _address(method="PUT"),
        "production": _address(path="/events"),
    },
    "credentials": {
        "no key": _header("Authorization", None),
        "unusable key": _header("Authorization", "Bearer nonsense"),
        "scheme": _header("Authorization", "Basic c2hvcDpzaG9w"),
    },
    "live key": {
        "beside": _header("Bearer", LIVE_KEY),
        "legacy": _header("X-API-KEY", LIVE_KEY),
    },
    "idempotency key": {
        "too long": lambda draft, tag: _header(KEY_HEADER, tag.ljust(256, "x"))(draft, tag),
        "blank": lambda draft, tag: _header(KEY_HEADER, f"two {tag}")(draft, tag),
        "missing": _header(KEY_HEADER, None),
    },
    "headers": {
        "version": _header("Hakuna-Version", "v1.2"),
        "no version": _header("Hakuna-Version", None),
        "content type": _header("Content-Type", "text/plain"),
    },
    "JSON": {
        "empty": _not_json(lambda _raw: b""),
        "cut": _not_json(lambda raw: raw[:-1]),
        "repeated name": _not_json(lambda raw: b'{"type": 1, ' + raw[1:]),
    },
    "shape": {
        "a list": _as_list,
        "type": _other_type,
        "no order id": _payload(_without_id),
        "times": _payload(_epoch),
    },
    "unknown field": {"payload": _payload(_with_note)},
    "history": {
        "unknown order": _unknown_order,
        "too many units": _payload(_too_many),
    },
}
"""Mistakes by the check that notices each: two of different checks are independent."""

PAIRS = tuple(
    (first, second)
    for check, other in combinations(MISTAKES, 2)
    for first in MISTAKES[check].items()
    for second in MISTAKES[other].items()
)
USED_KEY = "used key"
"""A mistake that needs an earlier request: its key, with another body."""


def two_mistakes(context: Context, client: ClientSimulator, choices: Choices) -> Step:
    """Three requests with two mistakes each; all pairs come before any comes again."""
    requests = []
    for _ in range(3):
        pair = one_of(context.shuffled(choices, "two mistakes"), PAIRS)
        requests.append(_made(context, client, choices, [make for _, make in pair]))
    return Step("two mistakes", tuple(requests))


def under_a_used_key(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """Another body under a key that was used, with one more mistake."""
    sent = [element for element in context.sent_by(client) if dict(element.headers).get(KEY_HEADER)]
    if not sent:
        return None
    key = dict(one_of(choices, (sent[-1], sent[0])).headers)[KEY_HEADER]
    named = [item for door in MISTAKES.values() for item in door.items()]
    _, make = one_of(context.shuffled(choices, USED_KEY), named)
    steps = [_header(KEY_HEADER, key), _payload(_with_note), make]
    return Step("a used key and a mistake", (_made(context, client, choices, steps),))


def _made(
    context: Context, client: ClientSimulator, choices: Choices, mistakes: list[Mistake]
) -> HttpRequest:
    kind = one_of(context.shuffled(choices, "two mistakes of"), NAMED)
    draft = Draft(dict(context.headers(client)), valid_event(client, choices, kind))
    for make in reversed(mistakes) if chance(choices, 2) else mistakes:
        draft = make(draft, client.tag)
    headers = tuple((name, value) for name, value in draft.headers.items() if value is not None)
    raw = draft.raw(json.dumps(draft.body).encode())
    return HttpRequest(headers, raw, draft.method, draft.path)


ACTIONS = ((two_mistakes, 5), (under_a_used_key, 2))
"""The actions with their weights."""
