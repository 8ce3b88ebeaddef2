"""Orders as the ledger has them, now or as of an earlier event."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from contracts.findings.finding import Finding, State
from contracts.json_text.fingerprint import fingerprint
from contracts.orders.events import build_event
from contracts.orders.order import Arrival, Order, Step, receive
from contracts.orders.presentation import describe_order
from contracts.rules.timestamps import times_of
from contracts.timing.rfc3339 import show
from mock_server.control.responses import (
    ControlError,
    Handler,
    after_of,
    answered,
    known_parameters,
    not_found,
    page_of,
    whole,
)
from mock_server.control.world_scope import narrowed
from mock_server.server_state import SERVER
from mock_server.store.protocol import EventRecord, OrderView

NEVER = 2**63


async def orders(request: web.Request) -> web.Response:
    """Placed orders, by the number of their placement."""
    known_parameters(request, "after", "limit")
    after = after_of(request)
    listing = await request.app[SERVER].store.orders(await narrowed(request))
    page = page_of(request, listing.rows, listing.evicted, after=after)
    return await page.answered(_listed)


async def _listed(_seq: int, view: OrderView) -> dict[str, Any] | None:
    then = as_of(view)
    return describe_then(then) if then else None


async def order(request: web.Request) -> web.Response:
    """One order; `at` shows it as it was after the event with that number."""
    known_parameters(request, "at")
    at = at_of(request)
    order_id = request.match_info["order_id"]
    view = await find_order(request, order_id)
    then = as_of(view, at)
    if then is None:
        raise ControlError(404, f"order {order_id[:100]!r} was not placed yet at {at}")
    return answered(describe_then(then))


def at_of(request: web.Request) -> int:
    """The `at` of a request: the number of an event, beyond all of them where it is not given."""
    return whole(request, "at", NEVER, least=0, most=NEVER)


async def find_order(request: web.Request, order_id: str) -> OrderView:
    """The placed order of that id in the world that the request is about, or a ControlError."""
    views = await request.app[SERVER].store.order(await narrowed(request), order_id)
    placed = [view for view in views if view.order.is_placed]
    if len(placed) > 1:
        ids = ", ".join(view.world_id for view in placed)
        said = f"several worlds have this order; add ?world= with one of {ids}"
        raise ControlError(409, said, worlds=[view.world_id for view in placed])
    if not placed:
        if views:
            waiting = len(views[0].order.waiting)
            said = f"order {order_id[:100]!r} was never placed; {waiting} events wait for it"
            raise ControlError(404, said)
        gone = (await request.app[SERVER].store.evicted(await narrowed(request))).orders
        not_found("order", order_id, evicted=gone)
    return placed[0]


@dataclass(frozen=True)
class OrderThen:
    """An order as it stood after one of its events: its steps so far, its findings then."""

    world_id: str
    order: Order
    records: Sequence[EventRecord]
    steps: Sequence[tuple[str, Step]]
    findings: Sequence[Finding]


def as_of(view: OrderView, at: int = NEVER) -> OrderThen | None:
    """The order folded from its events up to a number; None if not placed by then."""
    records = [record for record in view.events if record.seq <= at]
    steps = _fold(view.order.order_id, records)
    now = steps[-1][1].after if steps else view.order
    if at == NEVER:
        now = view.order
    if not steps or not now.is_placed:
        return None
    seqs = {record.event_id: record.seq for record in view.events}
    findings = [_as_of(finding, seqs, at) for finding in view.findings if _known(finding, at)]
    return OrderThen(view.world_id, now, records, steps, findings)


def describe_then(then: OrderThen) -> dict[str, Any]:
    """The order as JSON."""
    return {
        **describe_order(then.order),
        "world": then.world_id,
        "findings": [finding.to_json() for finding in then.findings],
        "timeline": _timeline(then.records, then.steps, then.findings),
    }


def _fold(order_id: str, records: Sequence[EventRecord]) -> list[tuple[str, Step]]:
    """Every step of the order's life, with the id of the event that stepped."""
    current = Order(order_id)
    steps: list[tuple[str, Step]] = []
    for record in records:
        body = json.loads(record.body)
        arrival = Arrival(record.event_id, build_event(body))
        for step in receive(current, arrival, fingerprint(body)):
            steps.append((step.arrival.event_id, step))
            current = step.after
    return steps


def _known(finding: Finding, at: int) -> bool:
    """Whether the finding existed then: waiting events get theirs when they are replayed."""
    return int(finding.request_id.removeprefix("req-")) <= at


def _as_of(finding: Finding, seqs: dict[str, int], at: int) -> Finding:
    """The finding as it stood then: what a later event resolved was still open."""
    if finding.state is State.RESOLVED:
        settled = finding.related[-1].event_id or ""
        if seqs.get(settled, 0) > at:
            return finding.reopened()
    return finding


def _timeline(
    records: Sequence[EventRecord], steps: Sequence[tuple[str, Step]], findings: Sequence[Finding]
) -> list[dict[str, Any]]:
    outcomes = dict(steps)
    rules: dict[str | None, list[str]] = {}
    for finding in findings:
        rules.setdefault(finding.event_id, []).append(finding.rule)
    return [
        {
            "seq": record.seq,
            "event_id": record.event_id,
            "type": record.type,
            "received_at": show(record.received_at),
            "at": show(min(time for _, time in times_of(outcomes[record.event_id].arrival.event))),
            "outcome": str(outcomes[record.event_id].outcome),
            "findings": rules.get(record.event_id, []),
        }
        for record in records
    ]


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/orders", orders),
    ("GET", "/orders/{order_id:[^/]+}", order),
)
