"""Sending again: under the same key or another one, with another body, in another world."""

import json
import unicodedata
from collections.abc import Iterator
from typing import Any

from contracts.http.idempotency import KEY_HEADER
from fuzz.generate.actions.happy_path import an_order
from fuzz.generate.choices import Choices, chance, one_of
from fuzz.generate.client_simulator import TIMED_EVENTS, Body, ClientSimulator, items_event
from fuzz.generate.context import Context, Headers, Step
from fuzz.model.oracle import HttpRequest


def _earlier(context: Context, client: ClientSimulator, choices: Choices) -> HttpRequest | None:
    """One of the client's requests: most often the last one, or one of the first."""
    sent = context.sent_by(client)
    if not sent:
        return None
    return one_of(choices, one_of(choices, (sent[-1:], sent[-1:], sent, sent[:5])))


def _with(headers: Headers, name: str, value: str | None) -> Headers:
    kept = tuple(pair for pair in headers if pair[0] != name)
    return kept if value is None else (*kept, (name, value))


def _key_of(request: HttpRequest) -> str | None:
    return dict(request.headers).get(KEY_HEADER)


def retry(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """The same request again, byte for byte."""
    request = _earlier(context, client, choices)
    return None if request is None else Step("retry", (request,) * (1 + choices.pick(2)))


def retry_rewritten(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """The same event in other bytes: fields and items in another order, 1.0 for 1."""
    request = _earlier(context, client, choices)
    body = _object(request.body) if request else None
    if request is None or body is None:
        return None
    again = json.dumps(
        _rewritten(body), indent=choices.pick(2) or None, ensure_ascii=chance(choices, 2)
    )
    headers = (
        request.headers if not chance(choices, 3) else _with(request.headers, KEY_HEADER, None)
    )
    return Step("retry rewritten", (HttpRequest(headers, again.encode("utf-8", "surrogatepass")),))


def _rewritten(value: Any) -> Any:
    """The same JSON with everything in another order that has no meaning."""
    if isinstance(value, dict):
        reversed_ = {name: _rewritten(value[name]) for name in reversed(list(value))}
        for name in ("quantity", "price_amount"):
            number = reversed_.get(name)
            if isinstance(number, int) and not isinstance(number, bool) and abs(number) < 2**50:
                reversed_[name] = float(number)
        return reversed_
    if isinstance(value, list):
        return [_rewritten(item) for item in reversed(value)]
    return value


def retry_changed(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """Another event under a used key, or the event of a key under another one or none."""
    request = _earlier(context, client, choices)
    body = _object(request.body) if request else None
    if request is None or body is None or _key_of(request) is None:
        return None
    which = context.shuffled(choices, "retry changed").pick(6)
    if which == 5:  # the key of one event with the body of another
        others = [request.body for request in context.sent_by(client)]
        other = HttpRequest(request.headers, one_of(choices, others))
        return Step("key of another event", (request, other))
    if which == 0:
        return Step(
            "retry without key",
            (HttpRequest(_with(request.headers, KEY_HEADER, None), request.body),),
        )
    if which == 4:
        pairs = _similar_keys(str(_key_of(request)))
        keys = one_of(context.shuffled(choices, "similar keys"), pairs)
        headers = (_with(request.headers, KEY_HEADER, key) for key in keys)
        similar = tuple(HttpRequest(changed, request.body) for changed in headers)
        return Step("retry under a similar key", similar)
    if which == 1:
        return Step("retry under another key", (context.request_for(client, request.body),))
    changed = _changed(body, choices)
    again = HttpRequest(request.headers, json.dumps(changed).encode())
    return Step("key of another event", (again,) if which == 2 else (again, request))


def _similar_keys(key: str) -> tuple[tuple[str, ...], ...]:
    """Keys that differ from this one, or from each other, in a detail."""
    longer = f"{key}{'-' * 200}"
    return (
        (f"{key}0",),
        (f"{key}x", f"{key}X"),
        (f"{longer}1", f"{longer}2"),
        (f"{longer[:90]}1", f"{longer[:90]}2"),
    )


def _changed(body: Body, choices: Choices) -> Any:
    """Another event, which differs in one detail."""
    if chance(choices, 6):
        payload = body.get("payload")
        whole = payload if isinstance(payload, dict) and chance(choices, 2) else body
        return _with_more(body, whole, choices)
    places = list(_leaves(body))
    if not places:
        return {**body, "x": 1}
    path = one_of(choices, places)
    return _replaced(body, path, choices)


def _with_more(body: Body, holder: Body, choices: Choices) -> Body:
    """The event with one more field or entry."""
    name, value = one_of(choices, (("cart_id", "cart-2"), ("phone", None), ("x", 0)))
    lists = [value for value in holder.values() if isinstance(value, list) and value]
    if lists and chance(choices, 2):
        grown = {key: [*old, old[-1]] if old is lists[0] else old for key, old in holder.items()}
    else:
        grown = {**holder, name: value}
    return grown if holder is body else {**body, "payload": grown}


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to all values that contain no others."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves(inner, (*path, place))
    else:
        yield path


def _replaced(value: Any, path: tuple[Any, ...], choices: Choices) -> Any:
    """The value with a small change at the end of the path."""
    if not path:
        return _other(value, choices)
    step, *rest = path
    if isinstance(value, dict):
        return {**value, step: _replaced(value[step], tuple(rest), choices)}
    return [
        _replaced(item, tuple(rest), choices) if place == step else item
        for place, item in enumerate(value)
    ]


def _other(value: Any, choices: Choices) -> Any:
    """A value that differs in a detail."""
    if isinstance(value, bool) or value is None:
        return one_of(choices, (1 if value else 0, "", not value))
    if isinstance(value, int | float):
        return value + one_of(choices, (1, -1, 0.5)) if value else one_of(choices, (1, False))
    text = str(value)
    forms = (
        f"{text}0",
        text[:1].swapcase() + text[1:],
        f"{text} ",
        text[:-1],
        unicodedata.normalize("NFD", text),
        f"{text}\u0301",
    )
    other = one_of(choices, forms)
    return other if other != text else f"{text}x"


NEAR_EQUALS: tuple[tuple[Any, Any], ...] = (
    ("\u00e9", "e\u0301"),
    ("a", "A"),
    ("a", "a "),
    ("", None),
    ("1", 1),
    (1, True),
    (False, 0),
    (None, False),
    ([], {}),
    ([1, 2], [2, 1]),
    ([1, 1], [1]),
    ({"a": None}, {}),
    (0.1, 0.10000001),
    (2**53, 2**53 + 1),
    (10**300, 10**300 + 1),
    ("x" * 3000 + "a", "x" * 3000 + "b"),
    (1, 1.0),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
)
"""Values that some languages or libraries confuse; only the last two pairs are equal."""


def near_equals(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """Two bodies under one new key that differ in a value that is nearly equal."""
    order = an_order(client, choices)
    if order is None:
        return None
    values = one_of(context.shuffled(choices, "near equals"), NEAR_EQUALS)
    events = []
    for value in values if chance(choices, 2) else values[::-1]:
        event = items_event(next(iter(TIMED_EVENTS)), order.order_id, {"line-d": 1}, order.day)
        event["payload"]["x"] = value
        events.append(json.dumps(event).encode())
    first = context.request_for(client, events[0])
    return Step("near equals", (first, HttpRequest(first.headers, events[1])))


def corrected(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """A body that is refused, then a valid one under the same key: only a 200 uses up the key."""
    request = _earlier(context, client, choices)
    body = _object(request.body) if request else None
    if request is None or body is None:
        return None
    headers = context.headers(client)
    broken = HttpRequest(headers, json.dumps({**body, "type": "order_paid"}).encode())
    return Step("corrected retry", (broken, HttpRequest(headers, request.body)))


def key_in_other_world(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """A request of another client with its idempotency key, under this client's API key."""
    others = [
        request for owner, request in context.sent if owner is not client and _key_of(request)
    ]
    if not others:
        return None
    request = others[-1] if not chance(choices, 3) else one_of(choices, others)
    headers = _with(request.headers, "Authorization", f"Bearer {client.key}")
    return Step("key in other world", (HttpRequest(_with(headers, "Bearer", None), request.body),))


def _object(raw: bytes) -> Body | None:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


ACTIONS = (
    (retry, 6),
    (retry_rewritten, 3),
    (retry_changed, 5),
    (near_equals, 3),
    (corrected, 2),
    (key_in_other_world, 2),
)
"""The actions with their weights."""
