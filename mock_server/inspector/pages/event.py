"""One event, or one refused request: what was sent, what HTTP said, what the rules said."""

from typing import Any
from urllib.parse import quote

from aiohttp import web

from contracts.http.credentials import mask_keys
from contracts.judging.replies import ENDPOINT
from mock_server.control.resources.events import describe_event, find_event
from mock_server.control.resources.requests import find_request
from mock_server.control.responses import answered, known_parameters, not_found
from mock_server.inspector import wants_page
from mock_server.inspector.journal_rows import Row, row_of
from mock_server.inspector.marked_json import marked_body
from mock_server.inspector.rendering import plain, rendered, split_twin
from mock_server.inspector.snippets.forms import FORMS, Sent
from mock_server.server_state import SERVER, Server
from mock_server.store.protocol import EventRecord, JournalRow

MOST_BEFORE = 50
"""A copied scenario holds at most so many earlier events of the order."""


async def page(request: web.Request) -> web.StreamResponse:
    """An accepted event; programs are led to the control API, as a reply's `Link` promises."""
    known_parameters(request)
    name, twin = split_twin(request.match_info["event_id"])
    if not twin and not wants_page(request):
        return _to_control(request)
    server = request.app[SERVER]
    record = await find_event(request, name)
    if twin:
        return answered(await describe_event(server, record))
    return await _shown(
        request,
        record=record,
        row=await _row_of_event(server, record),
        body=record.body,
        findings=await server.store.findings_of(record),
        copies=f"/events/{record.event_id}/as/",
    )


async def request_page(request: web.Request) -> web.StreamResponse:
    """Any request of the journal: refused, replayed or accepted."""
    known_parameters(request)
    server = request.app[SERVER]
    name, twin = split_twin(request.match_info["request_id"])
    found = await find_request(request, name)
    if twin or not wants_page(request):
        return answered(found.entry.to_json(found.world_id))
    row = await row_of(server, found)
    return await _shown(
        request,
        record=None,
        row=row,
        body=found.entry.body,
        findings=row.findings if found.entry.event_id is None else found.entry.findings,
        copies=f"/requests/{found.entry.id}/as/",
    )


async def _shown(
    request: web.Request,
    *,
    record: EventRecord | None,
    row: Row | None,
    body: bytes,
    findings: Any,
    copies: str,
) -> web.Response:
    ordered = sorted(findings, key=lambda one: (one.severity.rank, one.pointer))
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
        world_id=record.world_id if record else row.world_id if row else None,
        findings=ordered,
        body=marked_body(mask_keys(body.decode("utf-8", "backslashreplace")).encode(), ordered),
        copies=copies,
        forms=[(form, title) for form, (title, _) in FORMS.items()],
    )


async def copy(request: web.Request) -> web.Response:
    """An event as text for another tool; what came before it in its order comes along."""
    form = _form(request)
    server = request.app[SERVER]
    record = await find_event(request, request.match_info["event_id"])
    row = await _row_of_event(server, record)
    findings = row.entry.findings if row else await server.store.findings_of(record)
    views = await server.store.order(record.world_id, record.order_id)
    earlier = [one.body for view in views for one in view.events if one.seq < record.seq]
    return _copied(request, form, row, [*earlier[-MOST_BEFORE:], record.body], findings)


async def copy_request(request: web.Request) -> web.Response:
    """A request of the journal as text for another tool."""
    form = _form(request)
    found = await find_request(request, request.match_info["request_id"])
    row = await row_of(request.app[SERVER], found)
    return _copied(request, form, row, [found.entry.body], found.entry.findings)


def _form(request: web.Request) -> str:
    known_parameters(request)
    form = request.match_info["form"]
    if form not in FORMS:
        not_found("form", form, list(FORMS))
    return form


def _copied(
    request: web.Request, form: str, row: Row | None, bodies: list[bytes], findings: Any
) -> web.Response:
    texts = [mask_keys(body.decode("utf-8", "backslashreplace")) for body in bodies]
    kind, order = (row.type, row.order_id) if row else ("", "")
    path = row.entry.path if row else ENDPOINT
    sent = Sent(
        url=f"http://{request.host}{quote(path, safe='/%')}",
        bodies=texts,
        headers=row.entry.headers if row else (("authorization", ""),),
        status=row.entry.status if row else 200,
        findings=tuple(findings),
        title=f"{kind or 'request'} {order}".strip(),
        fault=row.entry.fault if row else None,
    )
    return plain(FORMS[form][1](sent))


def _to_control(request: web.Request) -> web.Response:
    """Where a reply's `Link` header leads a program."""
    event_id = quote(mask_keys(request.match_info["event_id"]), safe="")
    world = request.query.get("world")
    query = f"?world={quote(world, safe='')}" if world else ""
    return web.Response(status=303, headers={"Location": f"/_mock/v1/events/{event_id}{query}"})


async def _row_of_event(server: Server, record: EventRecord) -> Row | None:
    """The request that the event came in; None where the journal has let it go."""
    rows = (await server.store.requests(record.world_id, record.seq - 1)).rows
    if not rows or rows[0][0] != record.seq:
        return None
    found: JournalRow = rows[0][1]
    return await row_of(server, found)
