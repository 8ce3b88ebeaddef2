"""Events: what arrives, newest first, live; what was refused at the door in a lane of its own."""

from typing import Any

from aiohttp import web

from contracts.faults.catalogue import STATUSES as FAULT_STATUSES
from contracts.findings.finding import Severity
from contracts.orders.events import ALL_EVENTS
from contracts.rules import RULES
from mock_server.control.responses import Page as ListPage
from mock_server.control.responses import after_of, choice, known_parameters, whole
from mock_server.control.world_scope import narrowed
from mock_server.inspector.journal_rows import (
    CLEAN,
    FAULT,
    NO_REPLY,
    Filters,
    Row,
    newest_rows,
    row_of,
)
from mock_server.inspector.rendering import rendered, wants_twin
from mock_server.server_state import SERVER

PER_PAGE = 100
IN_LANE = 3
NOWHERE = "none"
"""The lane of requests that belong to no world: no key, a bad one, or a path that is none."""

STATUSES = (200, 400, 401, 404)
"""What the provider answers; faults on demand say more."""


async def page(request: web.Request) -> web.Response:
    """The list, filtered by its address; `after` asks only for what is newer than a number."""
    known_parameters(
        request, "type", "order_id", "severity", "status", "rule", "lane", "before", "after"
    )
    server = request.app[SERVER]
    filters = _filters(request)
    lane = choice(request, "lane", (NOWHERE,))
    before, after = whole(request, "before", 2**63, least=1, most=2**63), after_of(request)
    world_id = await narrowed(request)
    listing = await server.store.requests(world_id, after)
    if world_id is not None and not after:
        strangers = [row for _, row in (await server.store.requests(None)).rows if not row.world_id]
    else:
        strangers = [row for _, row in listing.rows if row.world_id is None]
    if lane == NOWHERE:
        wanted = strangers
    else:
        wanted = [row for _, row in listing.rows if row.world_id is not None]
    newest = (row for row in reversed(wanted) if row.entry.seq < before)
    most = PER_PAGE if not after else 10 * PER_PAGE
    rows, more = await newest_rows(server, newest, filters, most)
    if wants_twin(request):
        listed = [(row.entry.seq, row) for row in reversed(rows)]
        shown = ListPage(listed, len(wanted), listing.evicted, more=False)
        return await shown.answered(_listed)
    last = max((row.entry.seq for row in (wanted[-1:] + strangers[-1:])), default=after)
    return await rendered(
        request,
        "events",
        here="events",
        rows=rows,
        total=len(wanted),
        evicted=listing.evicted,
        older=rows[-1].entry.seq if more else None,
        before=before if before != 2**63 else None,
        last=last,
        filters=filters,
        lane=lane,
        refused=[await row_of(server, one) for one in strangers[: -IN_LANE - 1 : -1]],
        refused_total=len(strangers),
        types=ALL_EVENTS,
        severities=(*Severity, CLEAN),
        statuses=(*map(str, STATUSES), *map(str, FAULT_STATUSES), NO_REPLY, FAULT),
    )


async def _listed(_seq: int, row: Row) -> dict[str, Any]:
    return row.to_json()


def _filters(request: web.Request) -> Filters:
    given = {name: value for name, value in request.query.items() if value}
    asked = request.clone(rel_url=request.rel_url.with_query(given))
    return Filters(
        choice(asked, "type", ALL_EVENTS) or "",
        given.get("order_id", ""),
        choice(asked, "severity", (*Severity, CLEAN)) or "",
        _status(asked),
        choice(asked, "rule", RULES) or "",
    )


def _status(request: web.Request) -> str:
    """What HTTP said: a status, no reply, or any fault; "" where the address does not say."""
    asked = request.query.get("status", "")
    if asked in ("", NO_REPLY, FAULT):
        return asked
    return str(whole(request, "status", 0, least=100, most=599))
