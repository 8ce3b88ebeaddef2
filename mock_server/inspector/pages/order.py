"""One order: its lines as bars, what ties them, its findings, its timeline, and its past."""

import json
from collections.abc import Sequence
from itertools import islice
from typing import Any

from aiohttp import web

from contracts.findings.finding import Finding, Severity, State
from contracts.json_text.pointer import at as value_at
from contracts.judging.replies import ENDPOINT
from contracts.orders.order import Order
from mock_server.control.resources.orders import (
    OrderThen,
    as_of,
    at_of,
    described,
    find_order,
    findings_then,
)
from mock_server.control.responses import answered, choice, known_parameters, not_found, whole
from mock_server.control.world_scope import scope_of
from mock_server.inspector import wants_page
from mock_server.inspector.order_timeline import timeline
from mock_server.inspector.quantity_bars import LineRow, rows_of
from mock_server.inspector.rendering import plain, rendered, split_twin
from mock_server.inspector.snippets.forms import FORMS, SEQUENCES, Sent
from mock_server.server_state import SERVER
from mock_server.store.reader import NEWEST, Reader
from mock_server.store.rows import EventRow, OrderRow, RequestRow

MAX_EVENTS = 200
"""Events of one page of the timeline."""

MAX_FINDINGS = 500
MAX_COPIED = 1000

_BY_QUERY = ("order_id",)

WRONG = "wrong"

MAX_LINES = 24
"""An order with more lines shows those with something wrong first, and folds the others."""

MAX_REFUSED = 100
"""Refused requests that a page shows among the events."""


async def page(request: web.Request) -> web.Response:
    """The order now, or as of the event that `at` names; `before` pages through its past."""
    known_parameters(request, "at", "before", "only", *_BY_QUERY)
    only = choice(request, "only", (WRONG,))
    at = at_of(request)
    before = whole(request, "before", NEWEST, least=1, most=NEWEST)
    reader = await request.app[SERVER].store.read()
    unplaced = await _unplaced(request, reader)
    if unplaced is not None:
        return unplaced
    row, twin = await _found(request)
    then = as_of(reader, row, at)
    if twin or not wants_page(request):
        return answered(await described(reader, then))
    rows = rows_of(then.order, reader.records_of(row, at))
    findings = list(islice(findings_then(reader, then), MAX_FINDINGS))
    rest = _assign(reader, rows, then, findings)
    events = list(islice(reader.timeline_before(row, before), MAX_EVENTS + 1))
    return await rendered(
        request,
        "order",
        here="orders",
        order=then.order,
        order_id=then.order.order_id,
        world_id=row.world_id,
        rows=rows,
        only=only,
        **_folded(rows, only_wrong=only == WRONG),
        findings=findings,
        rest=rest,
        timeline=timeline(reader, row, events[:MAX_EVENTS], _refused(reader, row, events), at),
        events_total=row.events,
        older=events[MAX_EVENTS - 1].record.seq if len(events) > MAX_EVENTS else None,
        at=None if at == NEWEST else at,
        beside=_beside(reader, row, at),
        stake=reader.at_stake_of(row),
        forms=[(form, FORMS[form][0]) for form in SEQUENCES],
    )


def _folded(rows: Sequence[LineRow], *, only_wrong: bool) -> dict[str, Any]:
    """The lines that are shown at once, those behind a click, and how many have something wrong."""
    groups: dict[str, bool] = {}
    for row in rows:
        name = _pair_of(row)
        groups[name] = groups.get(name, False) or bool(row.broken or _is_wrong(row))
    wrong = [row for row in rows if groups[_pair_of(row)]]
    if only_wrong:
        return {"shown": wrong, "folded": [], "folded_wrong": False, "wrong": len(wrong)}
    if len(rows) <= MAX_LINES:
        return {"shown": rows, "folded": [], "folded_wrong": False, "wrong": len(wrong)}
    shown = (wrong or list(rows))[:MAX_LINES]
    chosen = set(map(id, shown))
    return {
        "shown": shown,
        "folded": [row for row in rows if id(row) not in chosen],
        "folded_wrong": len(wrong) > len(shown),
        "wrong": len(wrong),
    }


def _pair_of(row: LineRow) -> str:
    """Products and their plans are shown together."""
    item = row.line.item
    return item.product_id if item.reference is None else item.reference


def _is_wrong(row: LineRow) -> bool:
    return any(
        finding.state is State.OPEN and finding.severity is not Severity.ADVICE
        for finding in row.findings
    )


def _refused(reader: Reader, row: OrderRow, events: Sequence[EventRow]) -> list[RequestRow]:
    """The refused requests for the order that belong to this page of its events."""
    found = reader.refusals_of(row.world_id, row.order.order_id)
    first = events[MAX_EVENTS - 1].record.seq if len(events) > MAX_EVENTS else 0
    return [item for item in islice(found, MAX_REFUSED) if item.entry.seq >= first]


async def _unplaced(request: web.Request, reader: Reader) -> web.Response | None:
    """The page of an order that was never placed: events that wait, and requests refused."""
    order_id = request.match_info["order_id"]
    world_id = await scope_of(request)
    if not wants_page(request) or split_twin(order_id)[1]:
        return None
    named = reader.orders_named(world_id, order_id)
    if any(row.order.is_placed for row in named):
        return None
    worlds = [row.world_id for row in named] or reader.world_ids()
    for item in [world_id] if world_id else worlds:
        refused = list(islice(reader.refusals_of(item, order_id), MAX_REFUSED))
        row = next((row for row in named if row.world_id == item), None)
        if row is None and not refused:
            continue
        row = row or OrderRow(item, Order(order_id), 0)
        events = list(islice(reader.timeline_before(row), MAX_EVENTS))
        return await rendered(
            request,
            "unplaced",
            here="orders",
            order_id=order_id,
            world_id=item,
            waiting=row.events,
            timeline=timeline(reader, row, events, refused, NEWEST),
        )
    return None


async def by_query(request: web.Request) -> web.Response:
    """The page of an order whose id no path can hold: browsers take `..` for a folder."""
    return await page(_named_by_query(request))


async def copy_by_query(request: web.Request) -> web.Response:
    """The same for a copy of its events."""
    return await copy(_named_by_query(request))


def _named_by_query(request: web.Request) -> web.Request:
    order_id = request.query.get("order_id", "")
    if not order_id:
        not_found("order", order_id)
    twin = ".json" if request.path.endswith(".json") else ""
    request.match_info["order_id"] = order_id + twin
    return request


async def copy(request: web.Request) -> web.Response:
    """The order's accepted events as one text for another tool."""
    known_parameters(request, *_BY_QUERY)
    form = request.match_info["form"]
    if form not in SEQUENCES:
        not_found("form", form, SEQUENCES)
    row, _ = await _found(request)
    reader = await request.app[SERVER].store.read()
    records = list(islice(reader.records_of(row), MAX_COPIED))
    last = reader.event(row.world_id, records[-1].event_id)
    text = FORMS[form][1](
        Sent(
            url=f"http://{request.host}{ENDPOINT}",
            bodies=[record.body.decode("utf-8", "replace") for record in records],
            headers=(
                ("authorization", "Bearer {key}"),
                ("content-type", "application/json"),
                ("hakuna-version", "v2.0"),
                ("hakuna-idempotency-key", ""),
            ),
            status=200,
            findings=last.findings if last else (),
            title=f"order {row.order.order_id}",
            allowed=sorted(
                {
                    item.rule
                    for item in islice(reader.findings_of_order(row), MAX_FINDINGS)
                    if item.severity is not Severity.ADVICE
                }
            ),
        )
    )
    return plain(text)


async def _found(request: web.Request) -> tuple[OrderRow, bool]:
    """The order that the address names, and whether its twin is meant.

    An order may be called `latest` or end with `.json`: what exists under the whole name wins.
    """
    name = request.match_info["order_id"]
    reader = await request.app[SERVER].store.read()
    world_id = await scope_of(request)
    bare, twin = split_twin(name)
    if twin and any(row.order.is_placed for row in reader.orders_named(world_id, name)):
        return await find_order(request, name), False
    if bare == "latest" and not reader.orders_named(world_id, bare):
        event = reader.event(world_id, "latest")
        if event is not None:
            rows = reader.orders_named(event.world_id, event.record.order_id)
            if rows and rows[0].order.is_placed:
                return rows[0], twin
    return await find_order(request, bare), twin


def _beside(reader: Reader, row: OrderRow, at: int) -> dict[str, int | None]:
    """The numbers of the events before and after the point that is looked at."""
    placement = reader.event(row.world_id, row.order.placed_by or "")
    first = placement.record.seq if placement else 0
    later = reader.timeline(row, after=at, limit=1).rows
    before = reader.timeline_before(row, at + 1)
    next(before, None)  # the one that is looked at
    earlier = next(before, None)
    return {
        "earlier": earlier.record.seq if earlier and earlier.record.seq >= first else None,
        "later": later[0][0] if later else None,
    }


def _assign(
    reader: Reader, rows: Sequence[LineRow], then: OrderThen, findings: Sequence[Finding]
) -> list[Finding]:
    """Put each finding below the line it is about; the others are about the order as a whole."""
    by_line = {row.line.item.id: row for row in rows}
    documents: dict[str, Any] = {}
    rest = []
    for finding in findings:
        event_id = finding.event_id or ""
        if event_id not in documents:
            event = reader.event(then.row.world_id, event_id)
            documents[event_id] = json.loads(event.record.body) if event else None
        row = by_line.get(_line_at(documents[event_id], finding.pointer))
        if row is None:
            rest.append(finding)
        else:
            row.findings.append(finding)
    return sorted(rest, key=lambda item: (item.state is State.RESOLVED, item.severity.rank))


def _line_at(document: Any, pointer: str) -> str:
    """The id of the line that an entry of a body is about, "" where there is none."""
    try:
        entry = value_at(document, "/".join(pointer.split("/")[:4]))
    except (KeyError, IndexError, TypeError, ValueError):
        return ""
    if not isinstance(entry, dict):
        return ""
    found = entry.get("line_item_id", entry.get("id"))
    return found if isinstance(found, str) else ""
