"""The journal: every request, refused ones too."""

from typing import Any

from aiohttp import web

from mock_server.control.responses import (
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
from mock_server.store.protocol import JournalRow


async def requests(request: web.Request) -> web.Response:
    """What was asked and answered, oldest first, keys masked; `status=0` got no reply."""
    known_parameters(request, "status", "after", "limit")
    cut = request.query.get("status") == "0"
    status = 0 if cut else whole(request, "status", -1, least=100, most=599)
    after = after_of(request)
    listing = await request.app[SERVER].store.requests(await narrowed(request))
    rows = [(seq, row) for seq, row in listing.rows if status in (-1, row.entry.status)]
    page = page_of(request, rows, listing.evicted, after=after)
    return await page.answered(_shown)


async def _shown(_seq: int, row: JournalRow) -> dict[str, Any]:
    return row.entry.to_json(row.world_id)


async def one_request(request: web.Request) -> web.Response:
    """One request by its id, as the `Hakuna-Mock-Request` header names it."""
    known_parameters(request)
    row = await find_request(request, request.match_info["request_id"])
    return answered(row.entry.to_json(row.world_id))


async def find_request(request: web.Request, wanted: str) -> JournalRow:
    """The journal entry of that id (`latest`: the last one), or a ControlError."""
    listing = await request.app[SERVER].store.requests(await narrowed(request))
    if wanted == "latest" and listing.rows:
        return listing.rows[-1][1]
    row = next((row for _, row in listing.rows if row.entry.id == wanted), None)
    if row is None:
        not_found("request", wanted, evicted=listing.evicted)
    return row


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/requests", requests),
    ("GET", "/requests/{request_id:[^/]+}", one_request),
)
