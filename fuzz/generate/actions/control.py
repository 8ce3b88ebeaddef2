"""Calls of a hakuna-mock's control API: resets, settings, dry runs."""

import json

from fuzz.generate.actions.happy_path import an_order
from fuzz.generate.choices import Choices, chance, one_of
from fuzz.generate.client_simulator import TIMED_EVENTS, ClientSimulator, items_event
from fuzz.generate.context import DRY_RUN, RESET, SETTINGS, Context, Step
from fuzz.model.json_text import parse
from fuzz.model.oracle import HttpRequest

MAX_REPEATED = 8
"""How many requests are sent again after a reset."""

LEVELS: tuple[dict[str, str | None], ...] = (
    {"over-refund": "violation", "over-fulfillment": "off"},
    {"idempotency-key-missing": "violation", "zip-format": "off"},
    {"unknown-line-item": "off", "order-id-reused": "advice"},
    {"item-entry-repeated": "violation", "over-refund": None, "idempotency-key-missing": None},
    {"duplicate-event": "violation", "unknown-line-item": None},
    {"event-after-order-cancelled": "warning", "item-entry-repeated": "advice"},
)
FIRST_LEVELS: tuple[dict[str, str | None], ...] = (
    {"refund-missing-protection": "off"},
    {"refund-missing-protection": "advice", "cancel-missing-protection": "warning"},
    {"unknown-order": "warning", "out-of-order-arrival": "off"},
)
"""Levels of rules that come in pairs: they may not change between the two events."""


def reset(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """Clear the client's world; what was sent before is sent again, and must be new there."""
    earlier = context.sent_by(client)
    if not context.controllable or not earlier:
        return None
    client.orders.clear()
    first = choices.pick(len(earlier))
    again = tuple(earlier[first : first + MAX_REPEATED])
    context.follow_ups.append(Step("after a reset", again))
    return Step("reset", mode=RESET, key=client.key)


def settings(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """Another enforcement, or other severities, for one world only."""
    if not context.controllable:
        return None
    changes: dict[str, object] = {}
    which = choices.pick(3)  # what is not named must stay as it is
    if which != 1:
        changes["enforcement"] = one_of(choices, ("flag", "reject"))
    if which != 0:
        levels = LEVELS if client.orders else (*FIRST_LEVELS, *LEVELS)
        changes["rules"] = one_of(context.shuffled(choices, "levels"), levels)
    return Step("settings", mode=SETTINGS, key=client.key, settings=changes)


def dry_run(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """Ask for the verdicts on some events; nothing may be stored."""
    order = an_order(client, choices)
    if not context.controllable or order is None:
        return None
    kind = one_of(choices, tuple(TIMED_EVENTS))
    requests = []
    earlier = [request for request in context.sent_by(client) if _is_repeatable(request.body)]
    for _ in range(1 + choices.pick(2)):
        if earlier and chance(choices, 4):
            again = one_of(choices, earlier)
            requests.append(HttpRequest(again.headers, json.dumps(json.loads(again.body)).encode()))
            continue
        body = items_event(
            kind, order.order_id, {one_of(choices, order.line_ids): 1 + choices.pick(2)}, order.day
        )
        requests.append(HttpRequest(context.headers(client), json.dumps(body).encode()))
    return Step("dry run", tuple(requests), mode=DRY_RUN, key=client.key)


def _is_repeatable(raw: bytes) -> bool:
    """Whether the body can be part of a dry run: JSON that means the same when written again.

    Placements are left out: a dry run also reports what they cause for waiting events.
    """
    parsed = parse(raw)
    return (
        parsed is not None
        and not parsed.repeated_keys
        and isinstance(parsed.value, dict)
        and str(parsed.value.get("type")) in TIMED_EVENTS
        and b"[[" not in raw
    )


ACTIONS = ((reset, 2), (settings, 5), (dry_run, 4))
"""The actions with their weights."""
