"""Hypothesis strategies for your own property tests: orders, events, whole conversations.

Everything is valid by construction, realistic and small when it shrinks; nothing is filtered.
"""

import json
from collections.abc import Callable

from hypothesis import strategies as st

from fuzz.generate.actions import good_step, next_step
from fuzz.generate.choices import Dice, Drawn, chance, one_of, some
from fuzz.generate.client_simulator import ITEMS, Body, Shop, items_event, order_cancelled
from fuzz.generate.client_simulator import placement as new_placement
from fuzz.generate.context import SEND, Talk
from fuzz.model.oracle import Model

__all__ = ["conversations", "events", "orders"]

LONG_AGO = 1_767_225_600_000_000_000
"""A time after all generated events (2026), so that none of them lies in the future."""


def _dice(draw: Callable[..., int]) -> Dice:
    return Drawn(lambda count: draw(st.integers(0, count - 1)))


@st.composite
def orders(draw: st.DrawFn, *, order_id: str = "ord-1") -> Body:
    """An `order_placed` event: one to three products, some on two lines, some with protections."""
    dice = _dice(draw)
    return new_placement(dice, order_id, dice.pick(3))


@st.composite
def events(draw: st.DrawFn, order: Body | None = None) -> Body:
    """One well-formed event of any type, about the placed order (or one of its own).

    It fits the contract; whether it fits the order's history is for the rules to say.
    """
    dice = _dice(draw)
    placed = order or new_placement(dice, "ord-1", 0)
    order_id = placed["payload"]["order_id"]
    kind = dice.pick(len(ITEMS) + 2)
    if kind == 0 and order is None:
        return placed
    if kind == len(ITEMS) + 1:
        return order_cancelled(order_id, 1 + dice.pick(5))
    lines = [str(line["id"]) for line in placed["payload"]["line_items"]]
    counts: dict[str, int | None] = {line: 1 + dice.pick(2) for line in some(dice, lines)}
    event = items_event(one_of(dice, tuple(ITEMS)), order_id, counts, 1 + dice.pick(20))
    if event["type"] == "order_line_items_cancelled" and chance(dice, 4):
        del event["payload"]["cancelled_line_items"][0]["quantity"]
    return event


@st.composite
def conversations(draw: st.DrawFn, *, valid: bool = True, most: int = 12) -> list[Body]:
    """The events of one shop, in the order in which it sends them, at most so many.

    With `valid` none of them breaks a rule (advice aside) when they are sent one after the other
    to an empty world; without, rules may be broken, while each event still fits the contract.
    """
    dice = _dice(draw)
    model = Model(now=LONG_AGO)
    shop = Shop("sk_test_strategies", "a")
    talk = Talk((shop,), model)
    sent: list[Body] = []
    for _ in range(1 + dice.pick(most)):
        body = _next_good(talk, shop, dice) if valid else _next_any(talk, dice)
        if body is None:
            break
        sent.append(body)
    return sent


def _next_good(talk: Talk, shop: Shop, dice: Dice) -> Body | None:
    """The next event that breaks no rule; the shop stops where it finds none."""
    for _ in range(4):
        step = good_step(talk, shop, dice)
        if step is None:
            return None
        (asked,) = step.requests
        expected = talk.model.copy().ask(asked)
        if set(expected.findings.values()) <= {"advice"}:
            talk.model.ask(asked)
            return _body(asked.body)
        _unplaced(shop, asked.body)
    return None


def _unplaced(shop: Shop, raw: bytes) -> None:
    """A placement that was not taken is not the shop's order."""
    body = _body(raw)
    if body["type"] == "order_placed":
        shop.orders = [one for one in shop.orders if one.placement != body]


def _next_any(talk: Talk, dice: Dice) -> Body | None:
    for _ in range(8):
        step = next_step(talk, dice)
        for asked in step.requests if step.how == SEND else ():
            if talk.model.ask(asked).stored:
                return _body(asked.body)
    return None


def _body(raw: bytes) -> Body:
    body: Body = json.loads(raw)
    return body
