"""What is checked before the body: route, method, credentials and the other headers."""

import json

from contracts.http.idempotency import KEY_HEADER
from fuzz.generate.actions.happy_path import an_order
from fuzz.generate.choices import Choices, chance, one_of
from fuzz.generate.client_simulator import Body, ClientSimulator, items_event, order_cancelled
from fuzz.generate.context import Context, Step
from fuzz.model.oracle import HttpRequest

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
    """Valid and invalid ones; the valid ones are used in this conversation only."""
    punctuation = f"~!@#$%^&*(){tag}"
    return None, "", "two words", tag.ljust(255, "x"), tag.ljust(256, "x"), "ünïcode", punctuation


def _event(context: Context, client: ClientSimulator, choices: Choices) -> Body:
    """A plain event to send the headers with."""
    order = an_order(client, choices)
    if order is None:
        return order_cancelled(f"ord-{client.tag}-0", 0)
    line = str(order.lines[0]["id"])
    day = order.day + context.request_count % 2
    return items_event("order_fulfillment_added", order.order_id, {line: 1}, day)


def route(context: Context, client: ClientSimulator, choices: Choices) -> Step:
    """A wrong path or method; nothing may be stored."""
    method, path = one_of(context.shuffled(choices, "route"), ROUTES)
    changes = {"Authorization": None} if chance(choices, 4) else None
    body = json.dumps(_event(context, client, choices)).encode()
    return Step("route", (HttpRequest(context.headers(client, changes), body, method, path),))


def _credentials(client: ClientSimulator, choices: Choices) -> dict[str, str | None]:
    own, bare = f"Bearer {client.key}", client.key
    spellings: tuple[dict[str, str | None], ...] = (
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
    return one_of(choices, spellings)


def credentials(context: Context, client: ClientSimulator, choices: Choices) -> Step:
    """Every way to send a key, valid or not."""
    body = _event(context, client, choices)
    return Step(
        "credentials",
        (
            context.request_for(
                client, body, _credentials(client, context.shuffled(choices, "credentials"))
            ),
        ),
    )


def headers(context: Context, client: ClientSimulator, choices: Choices) -> Step:
    """The other headers, missing or unusual."""
    changes: dict[str, str | None] = {}
    which = choices.pick(4)
    if which in (0, 3):
        changes["Hakuna-Version"] = one_of(context.shuffled(choices, "version"), VERSIONS)
    if which in (1, 3):
        changes["Content-Type"] = one_of(context.shuffled(choices, "content type"), CONTENT_TYPES)
    if which in (2, 3):
        keys = _idempotency_keys(client.tag)
        changes[KEY_HEADER] = one_of(context.shuffled(choices, "idempotency key"), keys)
    body = _event(context, client, choices)
    request = context.request_for(client, body, changes)
    if chance(choices, 4):  # the case of header names has no meaning
        spell = one_of(choices, (str.lower, str.upper, str.swapcase))
        pairs = tuple((spell(name), value) for name, value in request.headers)
        request = HttpRequest(pairs, request.body)
    return Step("headers", (request,))


ACTIONS = ((route, 3), (credentials, 5), (headers, 4))
"""The actions with their weights."""
