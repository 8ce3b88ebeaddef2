"""Findings, open and resolved."""

from typing import Any

from aiohttp import web

from contracts.findings.finding import Finding, Severity, State
from contracts.rules import RULES
from mock_server.control.responses import (
    Handler,
    after_of,
    choice,
    known_parameters,
    page_of,
)
from mock_server.control.world_scope import narrowed
from mock_server.server_state import SERVER


async def findings(request: web.Request) -> web.Response:
    """Findings in the order in which they arose, those of refused requests included."""
    known_parameters(request, "severity", "rule", "state", "order_id", "after", "limit")
    severity = choice(request, "severity", Severity)
    rule = choice(request, "rule", RULES)
    state = choice(request, "state", State)
    order_id = request.query.get("order_id")
    after = after_of(request)
    listing = await request.app[SERVER].store.findings(await narrowed(request))
    rows = [
        (seq, one)
        for seq, one in listing.rows
        if severity in (None, one.severity)
        and rule in (None, one.rule)
        and state in (None, one.state)
        and order_id in (None, one.order_id)
    ]
    page = page_of(request, rows, listing.evicted, after=after)
    return await page.answered(_shown)


async def _shown(seq: int, finding: Finding) -> dict[str, Any]:
    return {**finding.to_json(), "seq": seq}


ROUTES: tuple[tuple[str, str, Handler], ...] = (("GET", "/findings", findings),)
