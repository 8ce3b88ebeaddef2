"""GET /stream: what is asked and answered, as it happens, as server-sent events.

First `event: hello` with a name of the running server, which is another one after each start, and
the number after which it begins; then one message a request (`event: request`, its journal number
as `id`), one after a reset (`event: reset`), one after a change of settings, clocks or faults
(`event: change`). A reader that comes back names the last it saw: `Last-Event-ID`, or `?after=`.
After a restart that number means nothing: it begins with what comes next, and `hello` says so
(`restarted`).
"""

import asyncio
import json
from contextlib import suppress
from itertools import islice
from typing import Any

from aiohttp import web

from contracts.findings.finding import most_severe_first
from contracts.http.credentials import mask_keys, without_live_key
from contracts.timing.rfc3339 import show
from mock_server.control.resources.events import reader_left
from mock_server.control.responses import SECURITY_HEADERS, Handler, after_of, known_parameters
from mock_server.control.world_scope import scope_of
from mock_server.server_state import SERVER, Server
from mock_server.store.protocol import StoreUnavailableError
from mock_server.store.reader import Reader
from mock_server.store.rows import RequestRow

HEARTBEAT_SECONDS = 15.0
"""How often a silent stream says that it is alive; proxies cut silent ones."""

LOOK_SECONDS = 1.0
"""How often it looks whether its reader is still there."""

PAUSE_SECONDS = 0.05
"""The least time between two looks into the journal: a burst is told in a few messages."""

MAX_BURST = 1000
"""Requests that one look at the journal reports; the next look reports the rest."""

RETRY_MS = 1000


async def stream(request: web.Request) -> web.StreamResponse:
    """Every request from now on, or from the last one that the reader saw."""
    known_parameters(request, "after")
    server = request.app[SERVER]
    world_id = await scope_of(request)
    seen = await _seen(request, server, world_id)
    await server.store.read()  # what other servers have numbered is known then, too
    known = min(seen, server.latest_seq)  # a higher number is from before a restart
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream; charset=utf-8", **SECURITY_HEADERS}
    )
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    with suppress(ConnectionError):
        hello = {"server": server.instance, "after": known, "restarted": known < seen}
        await response.write(
            f"retry: {RETRY_MS}\nevent: hello\ndata: {json.dumps(hello)}\n\n".encode()
        )
        await _tell(request, response, server, world_id, known)
        await response.write_eof()
    return response


async def _seen(request: web.Request, server: Server, world_id: str | None) -> int:
    """The number of the last request that the reader knows; the latest where it does not say."""
    last = request.headers.get("Last-Event-ID", "")
    if last.isascii() and last.isdigit() and len(last) < 20:
        return int(last)
    if "after" in request.query:
        return after_of(request)
    return (await server.store.read()).latest_number(world_id)


async def _tell(
    request: web.Request,
    response: web.StreamResponse,
    server: Server,
    world_id: str | None,
    seen: int,
) -> None:
    clock = asyncio.get_running_loop()
    resets, changes = server.resets, server.changes
    spoke = clock.time()
    while not server.closing and not reader_left(request):
        changed = server.changed
        try:
            reader = await server.store.read()
        except StoreUnavailableError:  # the reader stays; it is told what it missed when it is back
            await asyncio.sleep(LOOK_SECONDS)
            continue
        message = []
        if server.resets != resets:
            resets = server.resets
            message.append("event: reset\ndata: {}\n\n")
        if server.changes != changes:
            changes = server.changes
            message.append("event: change\ndata: {}\n\n")
        settled = server.settled_seq
        for seq, row in islice(reader.requests_after(world_id, seen), MAX_BURST):
            if seq > settled:
                break  # one before it is judged yet, and would be left out
            data = json.dumps(_described(reader, row))
            message.append(f"id: {seq}\nevent: request\ndata: {data}\n\n")
            seen = max(seen, seq)
        if not message and clock.time() - spoke >= HEARTBEAT_SECONDS:
            message.append(": still here\n\n")
        if message:
            await response.write("".join(message).encode())
            spoke = clock.time()
            await asyncio.sleep(PAUSE_SECONDS)
        with suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), LOOK_SECONDS)


def _described(reader: Reader, row: RequestRow) -> dict[str, Any]:
    """A request in short; the rest is at `/requests/{request_id}`."""
    entry = row.entry
    event_id = entry.event_id
    found = reader.event(row.world_id, event_id) if event_id else None
    record = found.record if found else None
    return {
        "seq": entry.seq,
        "request_id": entry.id,
        "world": row.world_id,
        "received_at": show(entry.received_at),
        "method": entry.method,
        "path": mask_keys(entry.path),
        "status": entry.status or 0,
        "event_id": event_id,
        "type": record.type if record else None,
        "order_id": without_live_key(record.order_id) if record else None,
        "replayed": entry.replayed,
        "fault": entry.fault,
        "findings": list(most_severe_first(entry.findings)),
    }


ROUTES: tuple[tuple[str, str, Handler], ...] = (("GET", "/stream", stream),)
