"""Findings, open and resolved."""

from typing import Any

from aiohttp import web

from contracts.findings.finding import Finding, Severity, State
from contracts.findings.outside import OUTSIDE
from contracts.rules import RULES
from mock_server.control.responses import (
    Handler,
    after_of,
    answered_page,
    choice,
    known_parameters,
    limit_of,
)
from mock_server.control.world_scope import scope_of
from mock_server.server_state import SERVER


async def findings(request: web.Request) -> web.Response:
    """Findings in the order in which they arose, those of refused requests included."""
    known_parameters(request, "severity", "rule", "state", "order_id", "after", "limit")
    severity = choice(request, "severity", Severity)
    rule = choice(request, "rule", (*RULES, *OUTSIDE))
    state = choice(request, "state", State)
    order_id = request.query.get("order_id")
    after, limit = after_of(request), limit_of(request)

    def matches(finding: Finding) -> bool:
        return (
            severity in (None, finding.severity)
            and rule in (None, finding.rule)
            and state in (None, finding.state)
            and order_id in (None, finding.order_id)
        )

    filtered = any((severity, rule, state, order_id))
    reader = await request.app[SERVER].store.read()
    rows = reader.findings(
        await scope_of(request), after=after, limit=limit, matches=matches if filtered else None
    )
    return await answered_page(rows, describe_finding)


def describe_finding(number: int, finding: Finding) -> dict[str, Any]:
    """A finding as JSON, with its place in the list."""
    return {**finding.to_json(), "seq": number}


ROUTES: tuple[tuple[str, str, Handler], ...] = (("GET", "/findings", findings),)
