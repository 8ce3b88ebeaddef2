"""One event, or one refused request: what was sent, what HTTP said, what the rules said."""

import json
from itertools import islice
from typing import Any
from urllib.parse import quote

from aiohttp import web

from contracts.event_kinds import EVENT_KINDS
from contracts.findings.finding import State
from contracts.http.credentials import mask_keys
from contracts.http.idempotency import KEY_HEADER
from contracts.http.request import joined
from contracts.judging.replies import ENDPOINT
from contracts.worlds.journal import Entry
from mock_server.control.resources.events import describe_event, find_event
from mock_server.control.resources.requests import find_request
from mock_server.control.responses import answered, known_parameters, not_found
from mock_server.inspector import wants_page
from mock_server.inspector.corrected_bodies import (
    body_difference,
    corrected_bodies,
    correction_of,
)
from mock_server.inspector.journal_rows import Row, row_of
from mock_server.inspector.marked_json import marked_body
from mock_server.inspector.pages.fix import to_send
from mock_server.inspector.playground.samples import as_text
from mock_server.inspector.rendering import plain, rendered, split_twin
from mock_server.inspector.snippets.forms import FORMS, Sent
from mock_server.server_state import SERVER
from mock_server.store.reader import Reader
from mock_server.store.rows import EventRow

MAX_ATTEMPTS = 200
"""So many requests before one are looked through for an earlier attempt."""

MAX_BEFORE = 50
"""A copied scenario holds at most so many earlier events of the order."""


async def page(request: web.Request) -> web.StreamResponse:
    """An accepted event; programs are led to the control API, as a reply's `Link` promises."""
    known_parameters(request)
    name, twin = split_twin(request.match_info["event_id"])
    if not twin and not wants_page(request):
        return _to_control(request)
    event = await find_event(request, name)
    if twin:
        return answered(describe_event(event))
    reader = await request.app[SERVER].store.read()
    return await _shown(
        request,
        event=event,
        row=_row_of_event(reader, event),
        body=event.record.body,
        findings=event.findings,
        copies=f"/events/{event.record.event_id}/as/",
    )


async def request_page(request: web.Request) -> web.StreamResponse:
    """Any request of the journal: refused, replayed or accepted."""
    known_parameters(request)
    name, twin = split_twin(request.match_info["request_id"])
    found = await find_request(request, name)
    if twin or not wants_page(request):
        return answered(found.entry.to_json(found.world_id))
    row = row_of(await request.app[SERVER].store.read(), found)
    return await _shown(
        request,
        event=None,
        row=row,
        body=found.entry.body,
        findings=row.findings if found.entry.event_id is None else found.entry.findings,
        copies=f"/requests/{found.entry.id}/as/",
    )


async def _shown(
    request: web.Request,
    *,
    event: EventRow | None,
    row: Row | None,
    body: bytes,
    findings: Any,
    copies: str,
) -> web.Response:
    record = event.record if event else None
    reader = await request.app[SERVER].store.read()
    orders = reader.orders_named(event.world_id, event.record.order_id) if event else []
    ordered = sorted(findings, key=lambda item: (item.severity.rank, item.pointer))
    kind = record.type if record else row.type if row else ""
    return await rendered(
        request,
        "event",
        here="events",
        record=record,
        row=row,
        entry=row.entry if row else None,
        type=kind,
        order_id=record.order_id if record else row.order_id if row else "",
        world_id=event.world_id if event else row.world_id if row else None,
        findings=ordered,
        body=marked_body(mask_keys(body.decode("utf-8", "backslashreplace")).encode(), ordered),
        copies=copies,
        forms=[(form, title) for form, (title, _) in FORMS.items()],
        order=orders[0].order if orders else None,
        fix=await _fix(request, reader, event) if event else None,
        broken=any(item.state is State.OPEN and item.severity != "advice" for item in ordered),
        **_neighbours(reader, event, row),
    )


async def _fix(request: web.Request, reader: Reader, event: EventRow) -> dict[str, Any] | None:
    """What should have been sent, beside what was; None where no correction is known."""
    correction = correction_of(event.findings)
    if correction is None:
        return None
    sent = json.loads(event.record.body)
    instead = corrected_bodies(sent, correction)
    return {
        "differences": body_difference(sent, correction),
        "body": as_text(instead[0]) if instead else "",
        "sendable": _in_one_line(await to_send(request, reader, event)),
    }


def _in_one_line(bodies: list[dict[str, Any]]) -> str:
    """Events in words: `order_refund_added with line-p, quantity 1`."""
    told = []
    for body in bodies:
        items = EVENT_KINDS[body["type"]].entries(body["payload"])
        lines = " and ".join(
            f"{item['line_item_id']}, quantity {item['quantity']}" for item in items
        )
        told.append(f"{body['type']} with {lines}" if lines else body["type"])
    return "; then ".join(told)


def _neighbours(reader: Reader, event: EventRow | None, row: Row | None) -> dict[str, Any]:
    """The events of the same order before and after this one, and the requests in the list."""
    names = ("previous", "next", "later", "earlier", "attempt")
    found: dict[str, Any] = dict.fromkeys(names)
    if event:
        rows = reader.orders_named(event.world_id, event.record.order_id)
        for order in rows:
            before = islice(reader.timeline_before(order, event.record.seq), 1)
            after = reader.timeline(order, after=event.record.seq, limit=1).rows
            found["previous"] = next(before, None)
            found["next"] = after[0][1] if after else None
    if row:
        before_it = list(islice(reader.requests_before(row.world_id, row.entry.seq), MAX_ATTEMPTS))
        found["earlier"] = row_of(reader, before_it[0]) if before_it else None
        later = reader.requests(row.world_id, after=row.entry.seq, limit=1).rows
        found["later"] = row_of(reader, later[0][1]) if later else None
        found["attempt"] = next((item for item in before_it if _is_attempt(item.entry, row)), None)
    return found


def _is_attempt(entry: Entry, row: Row) -> bool:
    """Whether an earlier request tried the same: the same key, or the same body."""
    key = joined(row.entry.headers).get(KEY_HEADER.lower())
    if key and joined(entry.headers).get(KEY_HEADER.lower()) == key:
        return True
    return bool(row.entry.body) and entry.body == row.entry.body


async def copy(request: web.Request) -> web.Response:
    """An event as text for another tool; what came before it in its order comes along."""
    form = _form(request)
    event = await find_event(request, request.match_info["event_id"])
    reader = await request.app[SERVER].store.read()
    row = _row_of_event(reader, event)
    findings = row.entry.findings if row else event.findings
    earlier = _before(reader, event.world_id, event.record.order_id, event.record.seq)
    return _copied(request, form, row, earlier, event.record.body, findings)


def _before(reader: Reader, world_id: str, order_id: str, seq: int) -> list[EventRow]:
    """The events of an order before a request, oldest first."""
    found = [
        item
        for order in reader.orders_named(world_id, order_id)
        for item in islice(reader.timeline_before(order, seq), MAX_BEFORE)
    ]
    return found[::-1]


async def copy_request(request: web.Request) -> web.Response:
    """A request of the journal as text for another tool."""
    form = _form(request)
    found = await find_request(request, request.match_info["request_id"])
    reader = await request.app[SERVER].store.read()
    row = row_of(reader, found)
    earlier: list[EventRow] = []
    if found.world_id and row.order_id:
        earlier = _before(reader, found.world_id, row.order_id, found.entry.seq)
    return _copied(request, form, row, earlier, found.entry.body, found.entry.findings)


def _form(request: web.Request) -> str:
    known_parameters(request)
    form = request.match_info["form"]
    if form not in FORMS:
        not_found("form", form, list(FORMS))
    return form


def _copied(
    request: web.Request,
    form: str,
    row: Row | None,
    earlier: list[EventRow],
    body: bytes,
    findings: Any,
) -> web.Response:
    bodies = [*(item.record.body for item in earlier), body]
    texts = [mask_keys(item.decode("utf-8", "backslashreplace")) for item in bodies]
    broken = {
        finding.rule
        for event in earlier
        for finding in event.findings
        if finding.severity != "advice"
    }
    kind, order = (row.type, row.order_id) if row else ("", "")
    path = row.entry.path if row else ENDPOINT
    sent = Sent(
        url=f"http://{request.host}{quote(path, safe='/%')}",
        bodies=texts,
        headers=row.entry.headers if row else (("authorization", "Bearer {key}"),),
        status=(row.entry.status or 0) if row else 200,
        findings=tuple(findings),
        title=f"{kind or 'request'} {order}".strip(),
        fault=row.entry.fault if row else None,
        allowed=sorted(broken),
    )
    return plain(FORMS[form][1](sent))


def _to_control(request: web.Request) -> web.Response:
    """Where a reply's `Link` header leads a program."""
    event_id = quote(mask_keys(request.match_info["event_id"]), safe="")
    world = request.query.get("world")
    query = f"?world={quote(world, safe='')}" if world else ""
    return web.Response(status=303, headers={"Location": f"/_mock/v1/events/{event_id}{query}"})


def _row_of_event(reader: Reader, event: EventRow) -> Row | None:
    """The request that the event came in; None where the journal has evicted it."""
    found = reader.request(event.world_id, f"req-{event.record.seq}")
    return row_of(reader, found) if found else None
