"""Orders: one line each, the latest first, filtered by the address."""

from collections.abc import Mapping
from itertools import islice

from aiohttp import web

from contracts.findings.finding import Severity, State
from contracts.values import dataclass
from mock_server.control.resources.orders import describe, now
from mock_server.control.responses import (
    DEFAULT_LIMIT,
    after_of,
    answered_page,
    choice,
    known_parameters,
    limit_of,
    whole,
)
from mock_server.control.world_scope import scope_of
from mock_server.inspector.rendering import rendered, wants_twin
from mock_server.server_state import SERVER
from mock_server.store.reader import NEWEST, Reader
from mock_server.store.rows import OrderRow, Rows

MAX_WAITING = 50

STATUSES = ("placed", "partially_fulfilled", "fulfilled", "closed", "cancelled")


@dataclass(frozen=True)
class Filters:
    """What the address asks for: a part of the order id, a status, a severity that is open."""

    q: str = ""
    status: str = ""
    severity: str = ""

    def __bool__(self) -> bool:
        return any((self.q, self.status, self.severity))

    def let(self, row: OrderRow, open_counts: Mapping[str, int]) -> bool:
        """Whether the order is one of those asked for."""
        return (
            self.q.lower() in row.order.order_id.lower()
            and self.status in ("", row.order.status)
            and (not self.severity or open_counts[self.severity] > 0)
        )


async def page(request: web.Request) -> web.Response:
    """The list; its twin is the control API's, with the same filters."""
    known_parameters(request, "before", "after", "limit", "q", "status", "severity")
    given = {name: value for name, value in request.query.items() if value}
    asked = request.clone(rel_url=request.rel_url.with_query(given))
    filters = Filters(
        given.get("q", ""),
        choice(asked, "status", STATUSES) or "",
        choice(asked, "severity", Severity) or "",
    )
    before = whole(request, "before", NEWEST, least=1, most=NEWEST)
    reader = await request.app[SERVER].store.read()
    world_id = await scope_of(request)
    if wants_twin(request):
        return await _twin(request, reader, world_id, filters)
    everything = reader.orders(world_id, limit=1).total
    total = everything
    found = (
        (number, row, open_counts(reader, row))
        for number, row in reader.orders_before(world_id, before)
    )
    if filters:
        found = (item for item in found if filters.let(item[1], item[2]))
        total = sum(
            filters.let(row, open_counts(reader, row)) for _, row in reader.orders_before(world_id)
        )
    shown = list(islice(found, DEFAULT_LIMIT + 1))
    return await rendered(
        request,
        "orders",
        here="orders",
        rows=[(row, counts, reader.at_stake_of(row)) for _, row, counts in shown[:DEFAULT_LIMIT]],
        waiting=[] if filters else list(islice(reader.waiting_orders(world_id), MAX_WAITING)),
        total=total,
        of=everything,
        evicted=reader.evicted(world_id).orders,
        older=shown[DEFAULT_LIMIT - 1][0] if len(shown) > DEFAULT_LIMIT else None,
        filters=filters,
        statuses=STATUSES,
        severities=tuple(Severity),
    )


async def _twin(
    request: web.Request, reader: Reader, world_id: str | None, filters: Filters
) -> web.Response:
    after, limit = after_of(request), limit_of(request)
    rows = reader.orders(world_id, after=after, limit=limit)
    if filters:
        every = reader.orders(world_id, limit=1 << 62).rows
        matching = [item for item in every if filters.let(item[1], open_counts(reader, item[1]))]
        page_rows = [item for item in matching if item[0] > after]
        more = len(page_rows) > limit
        rows = Rows(page_rows[:limit], len(matching), rows.evicted, more)
    return await answered_page(rows, lambda _, row: describe(reader, now(row)))


def open_counts(reader: Reader, row: OrderRow) -> Mapping[str, int]:
    """The open findings of an order by severity."""
    counts = dict.fromkeys(map(str, Severity), 0)
    for item in reader.findings_of_order(row):
        if item.state is State.OPEN:
            counts[str(item.severity)] += item.count
    return counts
