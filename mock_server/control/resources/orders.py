"""Orders as the ledger has them, now or as of an earlier event.

What became of an event is stored with it, so nothing is judged or parsed again, and timelines are
read in pages.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from aiohttp import web

from contracts.findings.finding import Finding, State
from contracts.orders.order import Order
from contracts.orders.presentation import describe_order
from contracts.timing.rfc3339 import show
from contracts.values import dataclass
from mock_server.control.responses import (
    ControlError,
    Handler,
    after_of,
    answered,
    answered_page,
    known_parameters,
    limit_of,
    not_found,
    whole,
)
from mock_server.control.world_scope import scope_of
from mock_server.event_loop.slices import Slices
from mock_server.server_state import SERVER
from mock_server.store.reader import NEWEST, Reader
from mock_server.store.rows import EventRow, OrderRow, Rows

MAX_INLINE = 1000
"""So many events and findings an order shows; `/orders/{order_id}/timeline` pages through all."""


@dataclass(frozen=True)
class OrderThen:
    """An order as it was after one of its events, `at`."""

    row: OrderRow
    order: Order
    at: int


async def orders(request: web.Request) -> web.Response:
    """Placed orders, by the number of their placement."""
    known_parameters(request, "after", "limit")
    reader = await request.app[SERVER].store.read()
    rows = reader.orders(await scope_of(request), after=after_of(request), limit=limit_of(request))
    return await answered_page(rows, lambda _, row: describe(reader, now(row)))


async def order(request: web.Request) -> web.Response:
    """One order; `at` shows it as it was after the event with that number."""
    known_parameters(request, "at")
    at = at_of(request)
    row = await find_order(request, request.match_info["order_id"])
    reader = await request.app[SERVER].store.read()
    return answered(await described(reader, as_of(reader, row, at)))


async def timeline(request: web.Request) -> web.Response:
    """The events of an order, oldest first, each with what became of it."""
    known_parameters(request, "after", "limit")
    row = await find_order(request, request.match_info["order_id"])
    reader = await request.app[SERVER].store.read()
    rows = reader.timeline(row, after=after_of(request), limit=limit_of(request))
    return await answered_page(rows, lambda _, event: describe_step(event))


def at_of(request: web.Request) -> int:
    """The `at` of a request: the number of an event, beyond all of them where it is not given."""
    return whole(request, "at", NEWEST, least=0, most=NEWEST)


async def find_order(request: web.Request, order_id: str) -> OrderRow:
    """The placed order of that id in the world that the request is about, or a ControlError."""
    world_id = await scope_of(request)
    reader = await request.app[SERVER].store.read()
    rows = reader.orders_named(world_id, order_id)
    placed = [row for row in rows if row.order.is_placed]
    if len(placed) > 1:
        ids = [row.world_id for row in placed]
        message = f"several worlds have this order; add ?world= with one of {', '.join(ids)}"
        raise ControlError(409, message, worlds=ids)
    if not placed:
        if rows:
            waiting = len(rows[0].order.waiting)
            message = f"order {order_id[:100]!r} was never placed; {waiting} events wait for it"
            raise ControlError(404, message)
        not_found("order", order_id, evicted=reader.evicted(world_id).orders)
    return placed[0]


def now(row: OrderRow) -> OrderThen:
    """The order as it is."""
    return OrderThen(row, row.order, NEWEST)


def as_of(reader: Reader, row: OrderRow, at: int) -> OrderThen:
    """The order as it was after the event with that number; a ControlError if it was not placed."""
    if at == NEWEST:
        return now(row)
    placement = reader.event(row.world_id, row.order.placed_by or "")
    if placement is None or at < placement.record.seq:
        shown = row.order.order_id[:100]
        raise ControlError(404, f"order {shown!r} was not placed yet at {at}")
    return OrderThen(row, reader.order_as_of(row, at), at)


def describe(reader: Reader, then: OrderThen) -> dict[str, Any]:
    """The order as JSON."""
    events = reader.timeline(then.row, limit=MAX_INLINE, at=then.at)
    return _shown(reader, then, events, [describe_step(row, then.at) for _, row in events.rows])


async def described(reader: Reader, then: OrderThen) -> dict[str, Any]:
    """The same in slices, for a thousand events take a while."""
    slices, timeline = Slices(), []
    await slices.begin()
    events = reader.timeline(then.row, limit=MAX_INLINE, at=then.at)
    for _, event in events.rows:
        timeline.append(describe_step(event, then.at))
        await slices.pause()
    return _shown(reader, then, events, timeline)


def _shown(
    reader: Reader, then: OrderThen, events: Rows[EventRow], timeline: list[dict[str, Any]]
) -> dict[str, Any]:
    findings = list(islice(findings_then(reader, then), MAX_INLINE + 1))
    shown = {
        **describe_order(then.order),
        "world": then.row.world_id,
        "findings": [finding.to_json() for finding in findings[:MAX_INLINE]],
        "timeline": timeline,
    }
    at_stake = reader.at_stake_of(then.row)
    # What was at stake in the past is not kept.
    if at_stake and not reader.timeline(then.row, after=then.at, limit=1).rows:
        shown["at_stake"] = at_stake
    if events.more:
        shown["timeline_total"] = events.total
    if len(findings) > MAX_INLINE:
        shown["more_findings"] = True
    return shown


def findings_then(reader: Reader, then: OrderThen) -> Iterable[Finding]:
    """The findings of the order as they were then."""
    found = reader.findings_of_order(then.row)
    if then.at == NEWEST:
        return found
    return (
        _finding_then(reader, then.row.world_id, item, then.at)
        for item in found
        if _number_of(item) <= then.at
    )


def _number_of(finding: Finding) -> int:
    """When it was found: waiting events get their findings when they are replayed."""
    return int(finding.request_id.removeprefix("req-"))


def _finding_then(reader: Reader, world_id: str, finding: Finding, at: int) -> Finding:
    """The finding as it was then: what a later event resolved was still open."""
    if finding.state is State.RESOLVED and finding.related:
        by = reader.event(world_id, finding.related[-1].event_id or "")
        if by is not None and by.record.seq > at:
            return finding.reopened()
    return finding


def describe_step(event: EventRow, at: int = NEWEST) -> dict[str, Any]:
    """One line of a timeline."""
    record = event.record
    return {
        "seq": record.seq,
        "event_id": record.event_id,
        "type": record.type,
        "received_at": show(record.received_at),
        "at": show(record.happened_at),
        "outcome": str(record.outcome),
        "findings": [finding.rule for finding in event.findings if _number_of(finding) <= at],
    }


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/orders", orders),
    ("GET", "/orders/{order_id:[^/]+}", order),
    ("GET", "/orders/{order_id:[^/]+}/timeline", timeline),
)
