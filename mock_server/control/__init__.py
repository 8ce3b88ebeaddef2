"""The control API under /_mock/v1: what the mock knows, for tests, CI and people.

Each module holds one noun and lists its routes; `ROUTES` is all of them.
"""

from mock_server.control import dry_run
from mock_server.control.resources import (
    clock,
    contract,
    drift,
    events,
    faults,
    findings,
    health,
    limits,
    orders,
    requests,
    runs,
    scenarios,
    settings,
    stream,
    worlds,
)
from mock_server.control.responses import Handler

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    *health.ROUTES,
    *worlds.ROUTES,
    *settings.ROUTES,
    *events.ROUTES,
    *requests.ROUTES,
    *orders.ROUTES,
    *findings.ROUTES,
    *runs.ROUTES,
    *dry_run.ROUTES,
    *faults.ROUTES,
    *clock.ROUTES,
    *contract.ROUTES,
    *drift.ROUTES,
    *scenarios.ROUTES,
    *stream.ROUTES,
    *limits.ROUTES,
)
"""Method, path below /_mock/v1, handler."""
