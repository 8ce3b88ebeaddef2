"""Accepted events: lists, one by one, and waiting for the next."""

import asyncio
import json
from contextlib import suppress
from typing import Any

from aiohttp import web

from contracts.orders.events import ALL_EVENTS
from contracts.timing.rfc3339 import show
from mock_server.control.responses import (
    Handler,
    after_of,
    answered,
    choice,
    known_parameters,
    not_found,
    page_of,
    seconds,
)
from mock_server.control.world_scope import narrowed
from mock_server.server_state import SERVER, Server
from mock_server.store.protocol import EventRecord

LOOK_SECONDS = 0.2
"""How often a wait looks whether its reader is still there."""


async def events(request: web.Request) -> web.Response:
    """Accepted events, oldest first; `wait` holds the answer back until there is one."""
    known_parameters(request, "type", "order_id", "after", "limit", "wait")
    kind = choice(request, "type", ALL_EVENTS)
    order_id = request.query.get("order_id")
    after, wait = after_of(request), seconds(request, "wait")
    world_id = await narrowed(request)
    server = request.app[SERVER]
    deadline = asyncio.get_running_loop().time() + wait
    while True:
        changed = server.changed
        listing = await server.store.events(world_id)
        rows = [
            (seq, record)
            for seq, record in listing.rows
            if kind in (None, record.type) and order_id in (None, record.order_id)
        ]
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0 or server.closing or any(seq > after for seq, _ in rows):
            break
        with suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), min(left, LOOK_SECONDS))
        if reader_left(request):
            break
    page = page_of(request, rows, listing.evicted, after=after)
    return await page.answered(lambda _, record: describe_event(server, record))


def reader_left(request: web.Request) -> bool:
    """Whether who asked closed the connection, or its own side of it: thousands of forgotten waits
    would all be woken by every event.
    """
    transport = request.transport
    return transport is None or transport.is_closing() or getattr(request.protocol, "ended", False)


async def event(request: web.Request) -> web.Response:
    """One event by its id, or the `latest`."""
    known_parameters(request)
    record = await find_event(request, request.match_info["event_id"])
    return answered(await describe_event(request.app[SERVER], record))


async def find_event(request: web.Request, event_id: str) -> EventRecord:
    """The event of that id in the world that the request is about, or a ControlError."""
    store, world_id = request.app[SERVER].store, await narrowed(request)
    record = await store.event(world_id, event_id)
    if record is None:
        not_found("event", event_id, evicted=(await store.evicted(world_id)).events)
    return record


async def describe_event(server: Server, record: EventRecord) -> dict[str, Any]:
    """An accepted event as JSON, with its findings as they stand now."""
    return {
        "event_id": record.event_id,
        "type": record.type,
        "order_id": record.order_id,
        "received_at": show(record.received_at),
        "body": json.loads(record.body),
        "findings": [one.to_json() for one in await server.store.findings_of(record)],
        "seq": record.seq,
        "world": record.world_id,
    }


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/events", events),
    ("GET", "/events/{event_id:[^/]+}", event),
)
