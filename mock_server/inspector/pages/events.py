"""Events: what arrives, newest first, live; what was refused at the door in a lane of its own."""

from itertools import islice, takewhile

from aiohttp import web

from contracts.faults.catalogue import STATUSES as FAULT_STATUSES
from contracts.findings.finding import Severity
from contracts.findings.outside import OUTSIDE
from contracts.orders.events import ALL_EVENTS
from contracts.rules import RULES
from mock_server.control.responses import (
    after_of,
    answered_page,
    choice,
    known_parameters,
    whole,
)
from mock_server.control.world_scope import narrowed
from mock_server.inspector.journal_rows import (
    CLEAN,
    FAULT,
    NO_REPLY,
    Filters,
    newest_rows,
    row_of,
)
from mock_server.inspector.rendering import rendered, wants_twin
from mock_server.server_state import SERVER
from mock_server.store.rows import Rows

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
    reader = await server.store.read()
    kept, kept_of_none = reader.request_counts(world_id)
    if lane == NOWHERE:
        newest = reader.requests_of_no_world(before)
    else:
        newest = (row for row in reader.requests_before(world_id, before) if row.world_id)
    newest = takewhile(lambda row: row.entry.seq > after, newest)
    limit = PER_PAGE if not after else 10 * PER_PAGE
    rows, more = newest_rows(reader, newest, filters, limit)
    total = kept_of_none if lane == NOWHERE else kept
    if after:  # the page that asks for newer rows adds them to what it shows
        total = len(rows)
    evicted = reader.evicted(world_id).requests
    if wants_twin(request):
        listed = [(row.entry.seq, row) for row in reversed(rows)]
        return await answered_page(Rows(listed, total, evicted), lambda _, row: row.to_json())
    refused = [row_of(reader, one) for one in islice(reader.requests_of_no_world(), IN_LANE)]
    return await rendered(
        request,
        "events",
        here="events",
        rows=rows,
        total=total,
        evicted=evicted,
        older=rows[-1].entry.seq if more else None,
        before=before if before != 2**63 else None,
        last=max(reader.latest_number(world_id), reader.latest_number(None), after),
        filters=filters,
        lane=lane,
        refused=refused,
        refused_total=kept_of_none,
        types=ALL_EVENTS,
        severities=(*Severity, CLEAN),
        statuses=(*map(str, STATUSES), *map(str, FAULT_STATUSES), NO_REPLY, FAULT),
    )


def _filters(request: web.Request) -> Filters:
    given = {name: value for name, value in request.query.items() if value}
    asked = request.clone(rel_url=request.rel_url.with_query(given))
    return Filters(
        choice(asked, "type", ALL_EVENTS) or "",
        given.get("order_id", ""),
        choice(asked, "severity", (*Severity, CLEAN)) or "",
        _status(asked),
        choice(asked, "rule", (*RULES, *OUTSIDE)) or "",
    )


def _status(request: web.Request) -> str:
    """What HTTP said: a status, no reply, or any fault; "" where the address does not say."""
    asked = request.query.get("status", "")
    if asked in ("", NO_REPLY, FAULT):
        return asked
    return str(whole(request, "status", 0, least=100, most=599))
