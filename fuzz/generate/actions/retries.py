"""Sending again: retries under the same key, under another, with another body, in another world."""

import json
import unicodedata
from collections.abc import Iterator
from typing import Any

from contracts.http.idempotency import KEY_HEADER
from fuzz.generate.actions.happy_path import an_order
from fuzz.generate.choices import Dice, chance, one_of
from fuzz.generate.client_simulator import ITEMS, Body, Shop, items_event
from fuzz.generate.context import Headers, Step, Talk
from fuzz.model.oracle import Asked


def _earlier(talk: Talk, shop: Shop, dice: Dice) -> Asked | None:
    """One of the shop's requests: the last one most often, or one of the first."""
    mine = [asked for owner, asked in talk.sent if owner is shop]
    if not mine:
        return None
    return one_of(dice, one_of(dice, (mine[-1:], mine[-1:], mine, mine[:5])))


def _with(headers: Headers, name: str, value: str | None) -> Headers:
    kept = tuple(pair for pair in headers if pair[0] != name)
    return kept if value is None else (*kept, (name, value))


def _key_of(asked: Asked) -> str | None:
    return dict(asked.headers).get(KEY_HEADER)


def retry(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """The same request again, byte for byte."""
    asked = _earlier(talk, shop, dice)
    return None if asked is None else Step("retry", (asked,) * (1 + dice.pick(2)))


def retry_rewritten(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """The same event in other bytes: keys and items in another order, 1.0 for 1."""
    asked = _earlier(talk, shop, dice)
    body = _object(asked.body) if asked else None
    if asked is None or body is None:
        return None
    again = json.dumps(_rewritten(body), indent=dice.pick(2) or None, ensure_ascii=chance(dice, 2))
    headers = asked.headers if not chance(dice, 3) else _with(asked.headers, KEY_HEADER, None)
    return Step("retry rewritten", (Asked(headers, again.encode("utf-8", "surrogatepass")),))


def _rewritten(value: Any) -> Any:
    """The same JSON with everything turned round that means nothing."""
    if isinstance(value, dict):
        turned = {name: _rewritten(value[name]) for name in reversed(list(value))}
        for name in ("quantity", "price_amount"):
            number = turned.get(name)
            if isinstance(number, int) and not isinstance(number, bool) and abs(number) < 2**50:
                turned[name] = float(number)
        return turned
    if isinstance(value, list):
        return [_rewritten(one) for one in reversed(value)]
    return value


def retry_changed(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """Another event under a key that is taken, or the event of a key under no or another one."""
    asked = _earlier(talk, shop, dice)
    body = _object(asked.body) if asked else None
    if asked is None or body is None or _key_of(asked) is None:
        return None
    what = talk.dealt(dice, "retry changed").pick(6)
    if what == 5:  # the key of one event with the whole of another one
        others = [one.body for owner, one in talk.sent if owner is shop]
        other = Asked(asked.headers, one_of(dice, others))
        return Step("key of another event", (asked, other))
    if what == 0:
        return Step(
            "retry without key", (Asked(_with(asked.headers, KEY_HEADER, None), asked.body),)
        )
    if what == 4:
        keys = one_of(talk.dealt(dice, "alike keys"), _alike_keys(str(_key_of(asked))))
        alike = tuple(Asked(_with(asked.headers, KEY_HEADER, key), asked.body) for key in keys)
        return Step("retry under a key that is alike", alike)
    if what == 1:
        return Step("retry under another key", (talk.post(shop, asked.body),))
    changed = _changed(body, dice)
    again = Asked(asked.headers, json.dumps(changed).encode())
    return Step("key of another event", (again,) if what == 2 else (again, asked))


def _alike_keys(key: str) -> tuple[tuple[str, ...], ...]:
    """Keys that differ from this one, or from each other, in a detail."""
    longer = f"{key}{'-' * 200}"
    return (
        (f"{key}0",),
        (f"{key}x", f"{key}X"),
        (f"{longer}1", f"{longer}2"),
        (f"{longer[:90]}1", f"{longer[:90]}2"),
    )


def _changed(body: Body, dice: Dice) -> Any:
    """Another event: one that differs in a detail, whichever it is."""
    if chance(dice, 6):
        payload = body.get("payload")
        whole = payload if isinstance(payload, dict) and chance(dice, 2) else body
        return _with_more(body, whole, dice)
    places = list(_leaves(body))
    if not places:
        return {**body, "x": 1}
    way = one_of(dice, places)
    return _replaced(body, way, dice)


def _with_more(body: Body, holder: Body, dice: Dice) -> Body:
    """The event with a field more, or an entry more."""
    name, value = one_of(dice, (("cart_id", "cart-2"), ("phone", None), ("x", 0)))
    lists = [one for one in holder.values() if isinstance(one, list) and one]
    if lists and chance(dice, 2):
        grown = {key: [*one, one[-1]] if one is lists[0] else one for key, one in holder.items()}
    else:
        grown = {**holder, name: value}
    return grown if holder is body else {**body, "payload": grown}


def _leaves(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to all values that hold no others."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*way, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves(inner, (*way, place))
    else:
        yield way


def _replaced(value: Any, way: tuple[Any, ...], dice: Dice) -> Any:
    """The value with the one at the end of the way changed a little."""
    if not way:
        return _other(value, dice)
    step, *rest = way
    if isinstance(value, dict):
        return {**value, step: _replaced(value[step], tuple(rest), dice)}
    return [
        _replaced(one, tuple(rest), dice) if place == step else one
        for place, one in enumerate(value)
    ]


def _other(value: Any, dice: Dice) -> Any:
    """A value that differs in a detail."""
    if isinstance(value, bool) or value is None:
        return one_of(dice, (1 if value else 0, "", not value))
    if isinstance(value, int | float):
        return value + one_of(dice, (1, -1, 0.5)) if value else one_of(dice, (1, False))
    text = str(value)
    forms = (
        f"{text}0",
        text[:1].swapcase() + text[1:],
        f"{text} ",
        text[:-1],
        unicodedata.normalize("NFD", text),
        f"{text}\u0301",
    )
    other = one_of(dice, forms)
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
"""Values that some languages or libraries take for each other; only the last two are the same."""


def near_equals(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """Two bodies under one new key that differ in a value which is nearly the same."""
    order = an_order(shop, dice)
    if order is None:
        return None
    values = one_of(talk.dealt(dice, "near equals"), NEAR_EQUALS)
    events = []
    for value in values if chance(dice, 2) else values[::-1]:
        event = items_event(next(iter(ITEMS)), order.order_id, {"line-d": 1}, order.day)
        event["payload"]["x"] = value
        events.append(json.dumps(event).encode())
    first = talk.post(shop, events[0])
    return Step("near equals", (first, Asked(first.headers, events[1])))


def corrected(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """A body that is refused, and then a good one under the same key: only a 200 is remembered."""
    asked = _earlier(talk, shop, dice)
    body = _object(asked.body) if asked else None
    if asked is None or body is None:
        return None
    headers = talk.headers(shop)
    broken = Asked(headers, json.dumps({**body, "type": "order_paid"}).encode())
    return Step("corrected retry", (broken, Asked(headers, asked.body)))


def key_in_other_world(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """A request of another shop with its idempotency key, under this shop's API key."""
    others = [asked for owner, asked in talk.sent if owner is not shop and _key_of(asked)]
    if not others:
        return None
    asked = others[-1] if not chance(dice, 3) else one_of(dice, others)
    headers = _with(asked.headers, "Authorization", f"Bearer {shop.key}")
    return Step("key in other world", (Asked(_with(headers, "Bearer", None), asked.body),))


def _object(raw: bytes) -> Body | None:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


MOVES = (
    (retry, 6),
    (retry_rewritten, 3),
    (retry_changed, 5),
    (near_equals, 3),
    (corrected, 2),
    (key_in_other_world, 2),
)
"""Each move with how often it is made."""
