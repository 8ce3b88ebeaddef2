"""Is the server up, and did the shop behave?"""

import time

from aiohttp import web

from contracts.findings.finding import Finding, Severity, State
from contracts.version import __version__
from contracts.worlds.rule_levels import rule_levels, silenced_refusals
from mock_server.control.responses import (
    Handler,
    answered,
    as_text,
    choice,
    known_parameters,
    wants_text,
    whole,
)
from mock_server.control.verdict_text import nothing_received, verdict_text
from mock_server.control.world_scope import scope_of
from mock_server.server_state import SERVER
from mock_server.store.protocol import StoreUnavailableError

NEVER = "never"
MAX_LISTED = 10_000
"""Failing findings that are looked at for the verdict's text, the oldest first."""


async def health(request: web.Request) -> web.Response:
    """200 as soon as the server answers, 503 while its state cannot be written; needs no
    credentials.
    """
    server = request.app[SERVER]
    store = {
        "kind": server.store.kind,
        "durable": server.store.durable,
        "position": server.store.position,
    }
    try:
        reader = await server.store.read()
        problem = server.store.problem
    except StoreUnavailableError as error:
        problem = str(error)
    if problem is not None:
        body = {
            "status": "unavailable",
            "version": __version__,
            "uptime_s": round(time.monotonic() - server.started_at, 3),
            "store": {**store, "problem": problem},
        }
        return answered(body, status=503)
    worlds, events = reader.counts()
    evicted = reader.evicted(None)
    return answered(
        {
            "status": "ok",
            "version": __version__,
            "uptime_s": round(time.monotonic() - server.started_at, 3),
            "worlds": worlds,
            "events": events,
            "store": store,
            "memory": dict(zip(("used_bytes", "limit_bytes"), reader.memory(), strict=True)),
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
    known_parameters(request, "fail_on", "min_events")
    fail_on = choice(request, "fail_on", [*Severity, NEVER]) or "warning"
    at_least = whole(request, "min_events", 1, least=0, most=2**31)
    limit = -1 if fail_on == NEVER else Severity(fail_on).rank
    world_id = await scope_of(request)
    reader = await request.app[SERVER].store.read()
    received = reader.received(world_id)
    counts = reader.open_counts(world_id)
    failed = any(count for severity, count in counts.items() if severity.rank <= limit)

    def fails(finding: Finding) -> bool:
        return finding.state is State.OPEN and finding.severity.rank <= limit

    failing: list[Finding] = []
    if failed:
        rows = reader.findings(world_id, limit=MAX_LISTED, matches=fails).rows
        failing = sorted((row for _, row in rows), key=lambda item: item.severity.rank)
    too_few = received < at_least
    levels = rule_levels(reader.policy(world_id))
    notes = [f"note: {warning}" for warning in silenced_refusals(levels)]
    at_stake = reader.at_stake(world_id)
    text = verdict_text(
        counts, failing, fail_on, received=received, at_least=at_least, at_stake=at_stake
    )
    body = {
        "passed": not failed and not too_few,
        "counts": {str(severity): count for severity, count in counts.items()},
        "received": received,
        "at_stake": at_stake,
        "text": "\n".join((text, *notes)),
    }
    if too_few and not failed:
        body["reason"] = nothing_received(received, at_least)
    status = 200 if body["passed"] else 409
    text = str(body["text"])
    return as_text(text, status) if wants_text(request) else answered(body, status=status)


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/health", health),
    ("GET", "/verdict", verdict),
)
