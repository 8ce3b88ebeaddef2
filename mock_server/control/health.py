"""Is the server up, and did the shop behave?"""

import time

from aiohttp import web

from contracts.findings import Severity
from contracts.version import __version__
from mock_server.control.answers import Handler, answered, choice, known_parameters
from mock_server.control.narrowing import narrowed
from mock_server.keys import SERVER

NEVER = "never"


async def health(request: web.Request) -> web.Response:
    """200 as soon as the server answers; needs no credentials."""
    server = request.app[SERVER]
    worlds, events = await server.store.counts()
    evicted = await server.store.evicted(None)
    return answered(
        {
            "status": "ok",
            "version": __version__,
            "uptime_s": round(time.monotonic() - server.started_at, 3),
            "worlds": worlds,
            "events": events,
            "evicted": {
                "worlds": evicted.worlds,
                "orders": evicted.orders,
                "events": evicted.events,
                "idempotency_keys": evicted.keys,
            },
        }
    )


async def verdict(request: web.Request) -> web.Response:
    """200 if nothing at or above `fail_on` is open, else 409: `curl -f` is a whole CI check."""
    known_parameters(request, "fail_on")
    asked = choice(request, "fail_on", [*Severity, NEVER]) or "warning"
    world_id = await narrowed(request)
    counts = await request.app[SERVER].store.open_counts(world_id)
    failing = sum(
        count
        for severity, count in counts.items()
        if asked != NEVER and severity.rank <= Severity(asked).rank
    )
    said = ", ".join(f"{count} {severity}" for severity, count in counts.items())
    text = f"{'failed' if failing else 'passed'}: open findings: {said} (fail_on={asked})"
    body = {
        "passed": not failing,
        "counts": {str(severity): count for severity, count in counts.items()},
        "text": text,
    }
    return answered(body, status=409 if failing else 200)


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/health", health),
    ("GET", "/verdict", verdict),
)
