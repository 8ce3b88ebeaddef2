"""One order: its lines as bars, what ties them, its findings, its timeline, and its past."""

import json
from collections.abc import Sequence
from itertools import islice
from typing import Any

from aiohttp import web

from contracts.findings.finding import Finding, State
from contracts.json_text.pointer import at as value_at
from contracts.judging.replies import ENDPOINT
from contracts.orders.history import EventRecord
from contracts.orders.order import Order, Outcome
from contracts.timing.rfc3339 import Instant
from mock_server.control.resources.orders import (
    OrderThen,
    as_of,
    at_of,
    describe,
    find_order,
    findings_then,
)
from mock_server.control.responses import answered, known_parameters, not_found, whole
from mock_server.control.world_scope import narrowed
from mock_server.inspector import wants_page
from mock_server.inspector.quantity_bars import LineRow, rows_of
from mock_server.inspector.rendering import plain, rendered, split_twin
from mock_server.inspector.snippets.forms import FORMS, SEQUENCES, Sent
from mock_server.server_state import SERVER
from mock_server.store.reader import NEWEST, Reader
from mock_server.store.rows import EventRow, OrderRow

MAX_EVENTS = 200
"""Events of one page of the timeline."""

MAX_FINDINGS = 500
MAX_COPIED = 1000

_OUTCOMES = {
    Outcome.APPLIED: "",
    Outcome.WAITING: "waits for the placement",
    Outcome.IGNORED: "recorded, not applied",
    Outcome.DECLINED: "declined, not applied",
}


async def page(request: web.Request) -> web.Response:
    """The order now, or as of the event that `at` names; `before` pages through its past."""
    known_parameters(request, "at", "before")
    at = at_of(request)
    before = whole(request, "before", NEWEST, least=1, most=NEWEST)
    row, twin = await _found(request)
    reader = await request.app[SERVER].store.read()
    then = as_of(reader, row, at)
    if twin or not wants_page(request):
        return answered(describe(reader, then))
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
        findings=findings,
        rest=rest,
        timeline=_timeline(reader, then, events[:MAX_EVENTS]),
        events_total=row.events,
        older=events[MAX_EVENTS - 1].record.seq if len(events) > MAX_EVENTS else None,
        at=None if at == NEWEST else at,
        beside=_beside(reader, row, at),
        forms=[(form, FORMS[form][0]) for form in SEQUENCES],
    )


async def copy(request: web.Request) -> web.Response:
    """The order's accepted events as one text for another tool."""
    known_parameters(request)
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
            bodies=[one.body.decode("utf-8", "replace") for one in records],
            headers=(
                ("authorization", ""),
                ("content-type", "application/json"),
                ("hakuna-version", "v2.0"),
                ("hakuna-idempotency-key", ""),
            ),
            status=200,
            findings=last.findings if last else (),
            title=f"order {row.order.order_id}",
        )
    )
    return plain(text)


async def _found(request: web.Request) -> tuple[OrderRow, bool]:
    """The order that the address names, and whether its twin is meant.

    An order may be called `latest` or end with `.json`: what exists under the whole name wins.
    """
    name = request.match_info["order_id"]
    reader = await request.app[SERVER].store.read()
    world_id = await narrowed(request)
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
    return sorted(rest, key=lambda one: (one.state is State.RESOLVED, one.severity.rank))


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


def _timeline(
    reader: Reader, then: OrderThen, newest_first: Sequence[EventRow]
) -> list[dict[str, Any]]:
    """A page of the order's events, oldest first, the later ones too."""
    latest: Instant | None = None
    first = newest_first[-1].record.seq
    for record in reader.records_of(then.row, first - 1):
        latest = record.happened_at if latest is None else max(latest, record.happened_at)
    timeline: list[dict[str, Any]] = []
    for event in reversed(newest_first):
        record = event.record
        timeline.append(
            {
                "record": record,
                "happened": record.happened_at,
                "early": latest is not None and record.happened_at < latest,
                "said": _OUTCOMES[record.outcome],
                "then": record.seq <= then.at,
                "findings": sorted(event.findings, key=lambda one: one.severity.rank),
                "moved": _moved(record, then.row.order),
            }
        )
        latest = record.happened_at if latest is None else max(latest, record.happened_at)
    return timeline


def _moved(record: EventRecord, order: Order) -> str:
    """What an event did, in a few words."""
    if record.event_id == order.placed_by:
        lines = len(order.lines)
        return f"{lines} line{'s' if lines != 1 else ''}"
    pieces = [f"{line_id} ×{taken.applied}" for line_id, taken in record.moved if taken.applied]
    shown = pieces[:4]
    return ", ".join(shown) + (f" and {len(pieces) - 4} more" if len(pieces) > 4 else "")
