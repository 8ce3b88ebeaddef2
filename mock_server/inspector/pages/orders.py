"""Orders: one line each, the latest first, filtered by the address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from contracts.findings.finding import Severity, State
from mock_server.control.resources.orders import as_of, describe_then
from mock_server.control.responses import (
    DEFAULT_LIMIT,
    after_of,
    choice,
    known_parameters,
    page_of,
    whole,
)
from mock_server.control.world_scope import narrowed
from mock_server.inspector.rendering import rendered, wants_twin
from mock_server.server_state import SERVER
from mock_server.store.protocol import OrderView

STATUSES = ("placed", "partially_fulfilled", "fulfilled", "closed", "cancelled")


@dataclass(frozen=True)
class Filters:
    """What the address asks for: a part of the order id, a status, a severity that is open."""

    q: str = ""
    status: str = ""
    severity: str = ""

    def __bool__(self) -> bool:
        return any((self.q, self.status, self.severity))

    def let(self, view: OrderView) -> bool:
        """Whether the order is one of those asked for."""
        return (
            self.q.lower() in view.order.order_id.lower()
            and self.status in ("", view.order.status)
            and (not self.severity or any(_open(view, Severity(self.severity))))
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
    before = whole(request, "before", 2**63, least=1, most=2**63)
    listing = await request.app[SERVER].store.orders(await narrowed(request))
    found = [(seq, view) for seq, view in listing.rows if not filters or filters.let(view)]
    if wants_twin(request):
        listed = page_of(request, found, listing.evicted, after=after_of(request))
        return await listed.answered(_listed)
    earlier = [(seq, view) for seq, view in found if seq < before]
    shown = earlier[: -DEFAULT_LIMIT - 1 : -1]
    return await rendered(
        request,
        "orders",
        here="orders",
        rows=[(view, _counts(view)) for _, view in shown],
        total=len(found),
        of=len(listing.rows),
        evicted=listing.evicted,
        older=shown[-1][0] if len(earlier) > len(shown) else None,
        filters=filters,
        statuses=STATUSES,
        severities=tuple(Severity),
    )


async def _listed(_seq: int, view: OrderView) -> dict[str, Any] | None:
    then = as_of(view)
    return describe_then(then) if then else None


def _counts(view: OrderView) -> Mapping[str, int]:
    return {str(severity): sum(_open(view, severity)) for severity in Severity}


def _open(view: OrderView, severity: Severity) -> list[bool]:
    return [one.severity is severity and one.state is State.OPEN for one in view.findings]
