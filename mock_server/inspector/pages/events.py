"""Events: what arrives, newest first, live; those without a usable key in a lane."""

from collections.abc import Mapping
from itertools import islice, takewhile

from aiohttp import web

from contracts.faults.catalogue import STATUSES as FAULT_STATUSES
from contracts.findings.finding import Severity
from contracts.findings.outside import OUTSIDE
from contracts.orders.events import ALL_EVENTS
from contracts.rules import RULES
from contracts.timing.moment import Moment
from contracts.timing.rfc3339 import Instant
from mock_server.control.responses import (
    ControlError,
    after_of,
    answered_page,
    choice,
    known_parameters,
    whole,
)
from mock_server.control.world_scope import scope_of
from mock_server.inspector.export import MAX_EXPORTED, as_har, as_lines
from mock_server.inspector.journal_rows import (
    CLEAN,
    FAULT,
    NO_REPLY,
    Filters,
    newest_rows,
    row_of,
)
from mock_server.inspector.pages.start import ways
from mock_server.inspector.rendering import plain, rendered, wants_twin
from mock_server.inspector.search import read_time
from mock_server.server_state import SERVER
from mock_server.store.reader import Reader
from mock_server.store.rows import OrderRow, Rows

FILTERS = ("type", "order_id", "severity", "status", "rule", "q", "since", "until")

PER_PAGE = 100
IN_LANE = 3
NOWHERE = "none"
"""The lane of requests that belong to no world: no key, a bad one, or a path that is none."""

STATUSES = (200, 400, 401, 404)
"""What the provider answers; faults on demand say more."""


async def page(request: web.Request) -> web.Response:
    """The list, filtered by its address; `after` asks only for what is newer than a number."""
    known_parameters(request, *FILTERS, "lane", "before", "after")
    server = request.app[SERVER]
    filters = _filters(request, await server.now(await scope_of(request)))
    lane = choice(request, "lane", (NOWHERE,))
    before, after = whole(request, "before", 2**63, least=1, most=2**63), after_of(request)
    world_id = await scope_of(request)
    reader = await server.store.read()
    kept, kept_of_none = reader.request_counts(world_id)
    if lane == NOWHERE:
        newest = reader.requests_of_no_world(before)
    else:
        newest = (row for row in reader.requests_before(world_id, before) if row.world_id)
    newest = takewhile(lambda row: row.entry.seq > after, newest)
    limit = PER_PAGE if not after else 10 * PER_PAGE
    rows, more = await newest_rows(reader, newest, filters, limit)
    total = kept_of_none if lane == NOWHERE else kept
    if after:  # the page that asks for newer rows adds them to what it shows
        total = len(rows)
    evicted = reader.evicted(world_id).requests
    if wants_twin(request):
        listed = [(row.entry.seq, row) for row in reversed(rows)]
        return await answered_page(Rows(listed, total, evicted), lambda _, row: row.to_json())
    refused = [row_of(reader, item) for item in islice(reader.requests_of_no_world(), IN_LANE)]
    begun = rows or filters or before != 2**63 or lane
    return await rendered(
        request,
        "events",
        here="events",
        rows=rows,
        total=total,
        evicted=evicted,
        older=rows[-1].entry.seq if more else None,
        before=before if before != 2**63 else None,
        first=reader.oldest_number(world_id),
        filters=filters,
        asked={name: request.query.get(name, "") for name in FILTERS},
        found_order=_named_order(reader, world_id, filters.q),
        lane=lane,
        refused=refused,
        refused_total=kept_of_none,
        **({} if begun else ways(request)),
        types=ALL_EVENTS,
        severities=(*Severity, CLEAN),
        statuses=(*map(str, STATUSES), *map(str, FAULT_STATUSES), NO_REPLY, FAULT),
    )


def _named_order(reader: Reader, world_id: str | None, words: str) -> OrderRow | None:
    """The order whose id was searched for."""
    return next(iter(reader.orders_named(world_id, words)), None) if words else None


async def export(request: web.Request) -> web.Response:
    """The requests that the address filters, oldest first, as a file."""
    known_parameters(request, *FILTERS)
    server = request.app[SERVER]
    world_id = await scope_of(request)
    filters = _filters(request, await server.now(world_id))
    reader = await server.store.read()
    newest = reader.requests_before(world_id)
    rows, _ = await newest_rows(reader, newest, filters, MAX_EXPORTED)
    rows.reverse()
    if request.path.endswith(".har"):
        text = await as_har(rows, f"http://{request.host}")
        kind, name = "application/json", "events.har"
    else:
        text, kind, name = await as_lines(rows), "application/jsonl", "events.jsonl"
    reply = plain(text)
    reply.headers["Content-Type"] = f"{kind}; charset=utf-8"
    reply.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return reply


def _filters(request: web.Request, now: Moment) -> Filters:
    given = {name: value for name, value in request.query.items() if value}
    asked = request.clone(rel_url=request.rel_url.with_query(given))
    return Filters(
        choice(asked, "type", ALL_EVENTS) or "",
        given.get("order_id", ""),
        choice(asked, "severity", (*Severity, CLEAN)) or "",
        _status(asked),
        choice(asked, "rule", (*RULES, *OUTSIDE)) or "",
        given.get("q", "").strip(),
        _time(given, "since", now),
        _time(given, "until", now),
        {name: given.get(name, "") for name in ("since", "until")},
    )


def _time(given: Mapping[str, str], name: str, now: Moment) -> Instant | None:
    """A time from the address; an error where it cannot be read."""
    text = given.get(name, "")
    found = read_time(text, now.at) if text else None
    if text and found is None:
        raise ControlError(
            400, f"{name}: {text[:40]!r} is not a time: write 10:30, 2024-03-01 10:30 (UTC) or 15m"
        )
    return found


def _status(request: web.Request) -> str:
    """What HTTP said: a status, no reply, or any fault; "" where the address does not say."""
    asked = request.query.get("status", "")
    if asked in ("", NO_REPLY, FAULT):
        return asked
    return str(whole(request, "status", 0, least=100, most=599))
