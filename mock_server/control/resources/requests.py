"""The journal: every request, refused ones too."""

from aiohttp import web

from mock_server.control.responses import (
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
from mock_server.server_state import SERVER
from mock_server.store.rows import RequestRow


async def requests(request: web.Request) -> web.Response:
    """What was asked and answered, oldest first, keys masked; `status=0` got no reply."""
    known_parameters(request, "status", "after", "limit")
    cut = request.query.get("status") == "0"
    status = 0 if cut else whole(request, "status", -1, least=100, most=599)
    expected = None if status == -1 else status
    reader = await request.app[SERVER].store.read()
    rows = reader.requests(
        await scope_of(request), after=after_of(request), limit=limit_of(request), status=expected
    )
    return await answered_page(rows, lambda _, row: row.entry.to_json(row.world_id))


async def one_request(request: web.Request) -> web.Response:
    """One request by its id, as the `Hakuna-Mock-Request` header names it."""
    known_parameters(request)
    row = await find_request(request, request.match_info["request_id"])
    return answered(row.entry.to_json(row.world_id))


async def find_request(request: web.Request, request_id: str) -> RequestRow:
    """The journal entry of that id (`latest`: the last one), or a ControlError."""
    world_id = await scope_of(request)
    reader = await request.app[SERVER].store.read()
    row = reader.request(world_id, request_id)
    if row is None:
        not_found("request", request_id, evicted=reader.evicted(world_id).requests)
    return row


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/requests", requests),
    ("GET", "/requests/{request_id:[^/]+}", one_request),
)
