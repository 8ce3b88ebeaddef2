"""Before the event is read: routes, methods, credentials, and the other headers."""

import json

from contracts.http.idempotency import KEY_HEADER
from fuzz.generate.actions.happy_path import an_order
from fuzz.generate.choices import Dice, chance, one_of
from fuzz.generate.client_simulator import Body, Shop, items_event, order_cancelled
from fuzz.generate.context import Step, Talk
from fuzz.model.oracle import Asked

LIVE_KEY = "sk_live_" + "0123456789abcdef"
OTHER_KEY = "sk_test_" + "another00"
ROUTES = (
    ("GET", "/sandbox/events"),
    ("PUT", "/sandbox/events"),
    ("DELETE", "/sandbox/events"),
    ("PATCH", "/sandbox/events"),
    ("POST", "/sandbox/events/"),
    ("POST", "/sandbox/event"),
    ("POST", "/Sandbox/events"),
    ("POST", "/events"),
    ("GET", "/events"),
    ("POST", "/"),
    ("POST", "/sandbox"),
    ("OPTIONS", "/sandbox/events"),
    ("POST", "/sandbox/events/1"),
    ("POST", "/sandbox/events?source=shop"),
)
VERSIONS = (None, "", "v1.2", "V2.0", "v2.0 ", "2.0", "v2.0, v2.0")
CONTENT_TYPES = (
    None,
    "text/plain",
    "application/json; charset=utf-8",
    "APPLICATION/JSON",
    "application/vnd.shop+json",
    "application/x-www-form-urlencoded",
)


def _idempotency_keys(tag: str) -> tuple[str | None, ...]:
    """Good and bad ones; those that are good are used in this conversation only."""
    signs = f"~!@#$%^&*(){tag}"
    return None, "", "two words", tag.ljust(255, "x"), tag.ljust(256, "x"), "ünïcode", signs


def _event(talk: Talk, shop: Shop, dice: Dice) -> Body:
    """A plain event for the headers to travel with."""
    order = an_order(shop, dice)
    if order is None:
        return order_cancelled(f"ord-{shop.tag}-0", 0)
    line = str(order.lines[0]["id"])
    day = order.day + talk.numbers % 2
    return items_event("order_fulfillment_added", order.order_id, {line: 1}, day)


def route(talk: Talk, shop: Shop, dice: Dice) -> Step:
    """A wrong path or method; nothing may come of it."""
    method, path = one_of(talk.dealt(dice, "route"), ROUTES)
    changes = {"Authorization": None} if chance(dice, 4) else None
    body = json.dumps(_event(talk, shop, dice)).encode()
    return Step("route", (Asked(talk.headers(shop, changes), body, method, path),))


def _credentials(shop: Shop, dice: Dice) -> dict[str, str | None]:
    own, bare = f"Bearer {shop.key}", shop.key
    choices: tuple[dict[str, str | None], ...] = (
        {"Authorization": None, "Bearer": bare},
        {"Bearer": bare},
        {"Authorization": None},
        {"Authorization": f"bearer {bare}"},
        {"Authorization": f"BEARER   {bare}  "},
        {"Authorization": bare},
        {"Authorization": ""},
        {"Authorization": "Bearer "},
        {"Authorization": f"Basic {bare}"},
        {"Authorization": "Bearer pk_test_0123456789"},
        {"Authorization": f"Bearer {LIVE_KEY}"},
        {"Authorization": own, "Bearer": LIVE_KEY},
        {"Authorization": None, "Bearer": LIVE_KEY},
        {"Authorization": own, "Bearer": OTHER_KEY},
        {"Authorization": own, "X-API-KEY": LIVE_KEY},
        {"Authorization": f"{own} "},
        {"Authorization": f"{own}, {own}"},
        {"Authorization": "Bearer nonsense", "Bearer": bare},
        {"Authorization": None, "Bearer": f"Bearer {bare}"},
        {"Authorization": None, "X-API-KEY": bare},
        {"Authorization": f"{own}-"},
        {"Authorization": "Bearer sk_test_"},
    )
    return one_of(dice, choices)


def credentials(talk: Talk, shop: Shop, dice: Dice) -> Step:
    """Every spelling of a key, good and bad."""
    body = _event(talk, shop, dice)
    return Step(
        "credentials", (talk.post(shop, body, _credentials(shop, talk.dealt(dice, "credentials"))),)
    )


def headers(talk: Talk, shop: Shop, dice: Dice) -> Step:
    """The other headers, missing and odd."""
    changes: dict[str, str | None] = {}
    what = dice.pick(4)
    if what in (0, 3):
        changes["Hakuna-Version"] = one_of(talk.dealt(dice, "version"), VERSIONS)
    if what in (1, 3):
        changes["Content-Type"] = one_of(talk.dealt(dice, "content type"), CONTENT_TYPES)
    if what in (2, 3):
        keys = _idempotency_keys(shop.tag)
        changes[KEY_HEADER] = one_of(talk.dealt(dice, "idempotency key"), keys)
    body = _event(talk, shop, dice)
    asked = talk.post(shop, body, changes)
    if chance(dice, 4):  # names of headers have no case
        spelt = one_of(dice, (str.lower, str.upper, str.swapcase))
        pairs = tuple((spelt(name), value) for name, value in asked.headers)
        asked = Asked(pairs, asked.body)
    return Step("headers", (asked,))


MOVES = ((route, 3), (credentials, 5), (headers, 4))
"""Each move with how often it is made."""
