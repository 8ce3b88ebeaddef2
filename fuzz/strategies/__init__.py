"""Hypothesis strategies for your own property tests: orders, events, conversations.

Everything is valid by construction, realistic, and small when it shrinks; nothing is filtered.
"""

import json
from collections.abc import Callable

from hypothesis import strategies as st

from fuzz.generate.actions import good_step, next_step
from fuzz.generate.choices import Choices, DrawnChoices, chance, one_of, some
from fuzz.generate.client_simulator import (
    TIMED_EVENTS,
    Body,
    ClientSimulator,
    items_event,
    order_cancelled,
)
from fuzz.generate.client_simulator import placement as new_placement
from fuzz.generate.context import SEND, Context
from fuzz.model.oracle import Model

__all__ = ["conversations", "events", "orders"]

LATER = 1_767_225_600_000_000_000
"""A time after all generated events (2026), so that none of them is in the future."""


def _dice(draw: Callable[..., int]) -> Choices:
    return DrawnChoices(lambda count: draw(st.integers(0, count - 1)))


@st.composite
def orders(draw: st.DrawFn, *, order_id: str = "ord-1") -> Body:
    """An `order_placed` event: one to three products, some on two lines, some with protections."""
    choices = _dice(draw)
    return new_placement(choices, order_id, choices.pick(3))


@st.composite
def events(draw: st.DrawFn, order: Body | None = None) -> Body:
    """One well-formed event of any type, about the given order or a new one.

    It fits the contract; it may still break rules about the order's history.
    """
    choices = _dice(draw)
    placed = order or new_placement(choices, "ord-1", 0)
    order_id = placed["payload"]["order_id"]
    kind = choices.pick(len(TIMED_EVENTS) + 2)
    if kind == 0 and order is None:
        return placed
    if kind == len(TIMED_EVENTS) + 1:
        return order_cancelled(order_id, 1 + choices.pick(5))
    lines = [str(line["id"]) for line in placed["payload"]["line_items"]]
    counts: dict[str, int | None] = {line: 1 + choices.pick(2) for line in some(choices, lines)}
    event = items_event(
        one_of(choices, tuple(TIMED_EVENTS)), order_id, counts, 1 + choices.pick(20)
    )
    if event["type"] == "order_line_items_cancelled" and chance(choices, 4):
        del event["payload"]["cancelled_line_items"][0]["quantity"]
    return event


@st.composite
def conversations(draw: st.DrawFn, *, valid: bool = True, most: int = 12) -> list[Body]:
    """The events of one client in the order in which it sends them, at most `most`.

    With `valid`, none of them breaks a rule (advice aside) if they are sent in this order to an
    empty world. Without it, rules may be broken; each event still fits the contract.
    """
    choices = _dice(draw)
    model = Model(now=LATER)
    client = ClientSimulator("sk_test_strategies", "a")
    context = Context((client,), model)
    sent: list[Body] = []
    for _ in range(1 + choices.pick(most)):
        body = _next_good(context, client, choices) if valid else _next_any(context, choices)
        if body is None:
            break
        sent.append(body)
    return sent


def _next_good(context: Context, client: ClientSimulator, choices: Choices) -> Body | None:
    """The next event that breaks no rule; None if there is none."""
    for _ in range(4):
        step = good_step(context, client, choices)
        if step is None:
            return None
        (request,) = step.requests
        expected = context.model.copy().predict(request)
        if set(expected.findings.values()) <= {"advice"}:
            context.model.predict(request)
            return _body(request.body)
        _forget_placement(client, request.body)
    return None


def _forget_placement(client: ClientSimulator, raw: bytes) -> None:
    """A placement that was not accepted is not an order of the client."""
    body = _body(raw)
    if body["type"] == "order_placed":
        client.orders = [order for order in client.orders if order.placement != body]


def _next_any(context: Context, choices: Choices) -> Body | None:
    for _ in range(8):
        step = next_step(context, choices)
        for request in step.requests if step.mode == SEND else ():
            if context.model.predict(request).stored:
                return _body(request.body)
    return None


def _body(raw: bytes) -> Body:
    body: Body = json.loads(raw)
    return body
