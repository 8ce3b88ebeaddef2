"""Accepted events: lists, one by one, and waiting for the next."""

import asyncio
import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

from aiohttp import web

from contracts.orders.events import ALL_EVENTS
from contracts.timing.rfc3339 import show
from mock_server.control.responses import (
    Handler,
    after_of,
    answered,
    answered_page,
    choice,
    known_parameters,
    limit_of,
    not_found,
    seconds,
)
from mock_server.control.world_scope import scope_of
from mock_server.event_loop.slices import Slices
from mock_server.server_state import SERVER
from mock_server.store.rows import EventRow

LOOK_SECONDS = 0.2
"""How often a wait looks whether its reader is still there."""


async def events(request: web.Request) -> web.Response:
    """Accepted events, oldest first; `wait` holds the answer back until there is one."""
    known_parameters(request, "type", "order_id", "after", "limit", "wait")
    kind = choice(request, "type", ALL_EVENTS)
    order_id = request.query.get("order_id")
    limit, wait = limit_of(request), seconds(request, "wait")
    world_id = await scope_of(request)
    server = request.app[SERVER]
    # A higher number is from before a restart: whoever waits for more would wait for ever.
    await server.store.read()  # what other servers have numbered is known then, too
    after = min(after_of(request), server.latest_seq)
    deadline = asyncio.get_running_loop().time() + wait
    while True:
        changed = server.changed
        reader = await server.store.read()
        left = deadline - asyncio.get_running_loop().time()
        last_look = left <= 0 or server.closing
        if last_look or reader.has_event_after(world_id, after):
            await Slices().begin()  # one event may wake hundreds of readers
            reader = await server.store.read()
            rows = reader.events(world_id, after=after, limit=limit, type=kind, order_id=order_id)
            if wait and world_id is None:
                # One with a lower number is judged yet: who goes on behind these would miss it.
                known = [row for row in rows.rows if row[0] <= server.settled_seq]
                rows = replace(rows, rows=known)
            if last_look or rows.rows:
                begun = {} if after == after_of(request) else {"Hakuna-Mock-After": str(after)}
                return await answered_page(rows, lambda _, row: describe_event(row), begun)
        with suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), min(left, LOOK_SECONDS))
        if reader_left(request):
            return web.Response(status=400)  # nobody is left to read it


def reader_left(request: web.Request) -> bool:
    """Whether who asked closed the connection, or its own side of it: thousands of forgotten waits
    would all be woken by every event.
    """
    transport = request.transport
    return transport is None or transport.is_closing() or getattr(request.protocol, "ended", False)


async def event(request: web.Request) -> web.Response:
    """One event by its id, or the `latest`."""
    known_parameters(request)
    return answered(describe_event(await find_event(request, request.match_info["event_id"])))


async def find_event(request: web.Request, event_id: str) -> EventRow:
    """The event of that id in the world that the request is about, or a ControlError."""
    world_id = await scope_of(request)
    reader = await request.app[SERVER].store.read()
    row = reader.event(world_id, event_id)
    if row is None:
        not_found("event", event_id, evicted=reader.evicted(world_id).events)
    return row


def describe_event(row: EventRow) -> dict[str, Any]:
    """An accepted event as JSON, with its findings as they stand now."""
    record = row.record
    provider = record.provider
    theirs = {"event_id": provider.event_id, "status": provider.status} if provider else None
    return {
        "event_id": record.event_id,
        "type": record.type,
        "order_id": record.order_id,
        "received_at": show(record.received_at),
        "body": json.loads(record.body),
        "findings": [finding.to_json() for finding in row.findings],
        "seq": record.seq,
        "world": row.world_id,
        **({"provider": theirs} if theirs else {}),
    }


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/events", events),
    ("GET", "/events/{event_id:[^/]+}", event),
)
