"""The control API under /_mock/v1: what the mock knows, for tests, CI and people.

Each module holds one noun and lists its routes; `ROUTES` is all of them.
"""

from mock_server.control import (
    contract,
    events,
    findings,
    health,
    limits,
    orders,
    rehearsal,
    requests,
    scenarios,
    stream,
    worlds,
)
from mock_server.control.answers import Handler

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    *health.ROUTES,
    *worlds.ROUTES,
    *events.ROUTES,
    *requests.ROUTES,
    *orders.ROUTES,
    *findings.ROUTES,
    *rehearsal.ROUTES,
    *contract.ROUTES,
    *scenarios.ROUTES,
    *stream.ROUTES,
    *limits.ROUTES,
)
"""Method, path below /_mock/v1, handler."""
