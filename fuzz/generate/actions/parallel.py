"""Requests that arrive at the same moment."""

import json

from fuzz.generate.actions.happy_path import an_order
from fuzz.generate.choices import Choices, chance, one_of
from fuzz.generate.client_simulator import TIMED_EVENTS, ClientSimulator, items_event, new_order
from fuzz.generate.context import IN_PARALLEL, Context, Step
from fuzz.model.oracle import HttpRequest

TIMED_TYPES = tuple(TIMED_EVENTS)


def same_request(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """One new event several times in parallel, under one key: it counts once."""
    order = an_order(client, choices)
    if order is None:
        return None
    line = str(one_of(choices, order.lines)["id"])
    kind = one_of(choices, TIMED_TYPES)
    request = context.request_for(client, items_event(kind, order.order_id, {line: 1}, order.day))
    if chance(choices, 3):  # whichever of the two is first, the other is refused
        body = json.dumps(items_event(kind, order.order_id, {line: 2}, order.day)).encode()
        rival = HttpRequest(request.headers, body)
        return Step("two events under one key", (request, rival), mode=IN_PARALLEL)
    return Step("same request", (request,) * (2 + choices.pick(3)), mode=IN_PARALLEL)


def new_orders(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """New orders placed in parallel, one of them twice or with its first event."""
    if len(client.orders) >= context.max_orders:
        return None
    requests = []
    for _ in range(1 + choices.pick(2)):
        order = new_order(client, choices)
        order.sent = True
        requests.append(context.request_for(client, order.placement))
    if chance(choices, 2):
        requests.append(requests[-1])
    else:
        line = str(one_of(choices, order.lines)["id"])
        body = items_event(one_of(choices, TIMED_TYPES), order.order_id, {line: 1}, order.day)
        requests.append(context.request_for(client, body))
    return Step("new orders", tuple(requests), mode=IN_PARALLEL)


def crowd(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """Several events in parallel, of one order or of one in each world."""
    requests = []
    mixed = chance(choices, 2)
    for number in range(2 + choices.pick(2)):
        owner = context.clients[number % len(context.clients)] if mixed else client
        order = an_order(owner, choices)
        if order is None:
            return None
        line = str(one_of(choices, order.lines)["id"])
        body = items_event(
            one_of(choices, TIMED_TYPES), order.order_id, {line: 1}, order.day + number
        )
        requests.append(context.request_for(owner, body))
    return Step("crowd", tuple(requests), mode=IN_PARALLEL)


ACTIONS = ((same_request, 3), (crowd, 3), (new_orders, 2))
"""The actions with their weights."""
