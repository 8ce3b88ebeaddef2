"""Is the server up, and did the shop behave?"""

import time

from aiohttp import web

from contracts.findings.finding import Severity, State
from contracts.judging.rule_levels import rule_levels, silenced_refusals
from contracts.version import __version__
from mock_server.control.responses import (
    Handler,
    answered,
    as_text,
    choice,
    known_parameters,
    wants_text,
)
from mock_server.control.verdict_text import verdict_text
from mock_server.control.world_scope import narrowed
from mock_server.server_state import SERVER

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
    """200 if nothing at or above `fail_on` is open, else 409: `curl -f` is a whole CI check.

    `text` says what fails and how to fix it; with `Accept: text/plain` it is the whole reply.
    """
    known_parameters(request, "fail_on")
    asked = choice(request, "fail_on", [*Severity, NEVER]) or "warning"
    limit = -1 if asked == NEVER else Severity(asked).rank
    world_id = await narrowed(request)
    store = request.app[SERVER].store
    counts = await store.open_counts(world_id)
    failed = any(count for severity, count in counts.items() if severity.rank <= limit)
    findings = (await store.findings(world_id)).rows if failed else ()
    failing = [one for _, one in findings if one.state is State.OPEN and one.severity.rank <= limit]
    failing.sort(key=lambda one: one.severity.rank)
    levels = rule_levels(await store.policy(world_id))
    notes = [f"note: {warning}" for warning in silenced_refusals(levels)]
    text = "\n".join((verdict_text(counts, failing, asked, failed=failed), *notes))
    body = {
        "passed": not failed,
        "counts": {str(severity): count for severity, count in counts.items()},
        "text": text,
    }
    status = 409 if failed else 200
    return as_text(text, status) if wants_text(request) else answered(body, status=status)


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/health", health),
    ("GET", "/verdict", verdict),
)
