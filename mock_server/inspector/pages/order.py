"""One order: its lines as bars, what ties them, its findings, its timeline, and its past."""

import json
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from contracts.event_kinds import ORDER_PLACED
from contracts.findings.finding import Finding, State
from contracts.json_text.pointer import at as value_at
from contracts.judging.replies import ENDPOINT
from contracts.orders.order import Outcome
from contracts.rules.timestamps import times_of
from contracts.timing.rfc3339 import Instant
from mock_server.control.resources.orders import (
    NEVER,
    OrderThen,
    as_of,
    at_of,
    describe_then,
    find_order,
)
from mock_server.control.responses import ControlError, answered, known_parameters, not_found
from mock_server.control.world_scope import narrowed
from mock_server.inspector import wants_page
from mock_server.inspector.quantity_bars import LineRow, rows_of
from mock_server.inspector.rendering import plain, rendered, split_twin
from mock_server.inspector.snippets.forms import FORMS, SEQUENCES, Sent
from mock_server.server_state import SERVER
from mock_server.store.protocol import EventRecord, OrderView

_SAID = {
    Outcome.APPLIED: "",
    Outcome.WAITING: "waits for the placement",
    Outcome.IGNORED: "recorded, not applied",
    Outcome.DECLINED: "declined, not applied",
}


async def page(request: web.Request) -> web.Response:
    """The order now, or as of the event that `at` names."""
    known_parameters(request, "at")
    at = at_of(request)
    view, twin = await _found(request)
    then = as_of(view, at)
    if then is None:
        raise ControlError(404, f"order {view.order.order_id[:100]!r} was not placed yet at {at}")
    if twin or not wants_page(request):
        return answered(describe_then(then))
    rows = rows_of(then.order, then.steps)
    rest = _assign(rows, then)
    return await rendered(
        request,
        "order",
        here="orders",
        order=then.order,
        order_id=then.order.order_id,
        world_id=then.world_id,
        rows=rows,
        findings=then.findings,
        rest=rest,
        timeline=_timeline(view, then),
        at=None if at == NEVER else at,
        beside=_beside(view, at),
        forms=[(form, FORMS[form][0]) for form in SEQUENCES],
    )


async def copy(request: web.Request) -> web.Response:
    """The order's accepted events as one text for another tool."""
    known_parameters(request)
    form = request.match_info["form"]
    if form not in SEQUENCES:
        not_found("form", form, SEQUENCES)
    view, _ = await _found(request)
    last = view.events[-1]
    text = FORMS[form][1](
        Sent(
            url=f"http://{request.host}{ENDPOINT}",
            bodies=[one.body.decode("utf-8", "replace") for one in view.events],
            headers=(
                ("authorization", ""),
                ("content-type", "application/json"),
                ("hakuna-version", "v2.0"),
                ("hakuna-idempotency-key", ""),
            ),
            status=200,
            findings=[one for one in view.findings if one.event_id == last.event_id],
            title=f"order {view.order.order_id}",
        )
    )
    return plain(text)


async def _found(request: web.Request) -> tuple[OrderView, bool]:
    """The order that the address names, and whether its twin is meant.

    An order may be called `latest` or end with `.json`: what exists under the whole name wins.
    """
    name = request.match_info["order_id"]
    store = request.app[SERVER].store
    world_id = await narrowed(request)
    bare, twin = split_twin(name)
    if twin and any(view.order.is_placed for view in await store.order(world_id, name)):
        return await find_order(request, name), False
    if bare == "latest" and not await store.order(world_id, bare):
        record = await store.event(world_id, "latest")
        if record is not None:
            views = await store.order(record.world_id, record.order_id)
            if views and views[0].order.is_placed:
                return views[0], twin
    return await find_order(request, bare), twin


def _beside(view: OrderView, at: int) -> dict[str, int | None]:
    """The numbers of the events before and after the point that is looked at."""
    numbers = [record.seq for record in view.events]
    placed = next(one.seq for one in view.events if one.event_id == view.order.placed_by)
    earlier = [seq for seq in numbers if placed <= seq < max(one for one in numbers if one <= at)]
    return {
        "earlier": max(earlier, default=None),
        "later": min((seq for seq in numbers if seq > at), default=None),
    }


def _assign(rows: Sequence[LineRow], then: OrderThen) -> list[Finding]:
    """Put each finding below the line it is about; the others are about the order as a whole."""
    by_line = {row.line.item.id: row for row in rows}
    bodies = {record.event_id: record for record in then.records}
    documents: dict[str, Any] = {}
    rest = []
    for finding in then.findings:
        record = bodies.get(finding.event_id or "")
        row = None
        if record is not None:
            if record.event_id not in documents:
                documents[record.event_id] = json.loads(record.body)
            row = by_line.get(_line_at(documents[record.event_id], finding.pointer))
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


def _timeline(view: OrderView, then: OrderThen) -> list[dict[str, Any]]:
    """Every event of the order, the later ones too, with what became of it by then."""
    outcomes = dict(then.steps)
    findings: dict[str | None, list[Finding]] = {}
    for one in view.findings:
        findings.setdefault(one.event_id, []).append(one)
    timeline: list[dict[str, Any]] = []
    latest: Instant | None = None
    shown = {record.event_id for record in then.records}
    all_steps = dict(as_of_all(view))
    for record in view.events:
        step = outcomes.get(record.event_id) or all_steps[record.event_id]
        happened = min(time for _, time in times_of(step.arrival.event))
        timeline.append(
            {
                "record": record,
                "happened": happened,
                "early": latest is not None and happened < latest,
                "said": _SAID[step.outcome],
                "then": record.event_id in shown,
                "findings": sorted(
                    findings.get(record.event_id, ()), key=lambda one: one.severity.rank
                ),
                "moved": _moved(record, step),
            }
        )
        latest = happened if latest is None else max(latest, happened)
    return timeline


def as_of_all(view: OrderView) -> Sequence[tuple[str, Any]]:
    """The steps of all events of the order."""
    then = as_of(view)
    return then.steps if then else ()


def _moved(record: EventRecord, step: Any) -> str:
    """What an event did, in a few words."""
    if record.type == ORDER_PLACED.type:
        lines = len(step.after.lines)
        return f"{lines} line{'s' if lines != 1 else ''}"
    pieces = [
        f"{line_id} ×{taken.applied}" for line_id, taken in step.taken.items() if taken.applied
    ]
    shown = pieces[:4]
    return ", ".join(shown) + (f" and {len(pieces) - 4} more" if len(pieces) > 4 else "")
