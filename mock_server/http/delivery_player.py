"""Executing a delivery: sending a reply, late or at once, or leaving the client without one."""

import asyncio
import socket
import struct
from asyncio import BaseTransport

from aiohttp import web

from contracts.judging.delivery import Cut, Delivery, Hang
from mock_server.http.connection import Connection
from mock_server.server_state import SERVER, Server
from mock_server.store.memory import world_id_of
from mock_server.store.protocol import StoreUnavailableError

POLL_SECONDS = 0.05
"""How often a client that is kept waiting is checked for having left."""

MAX_HANG_SECONDS = 3600.0
"""After so long a connection is cut on which no reply comes."""


async def deliver(request: web.Request, delivery: Delivery, key: str | None) -> web.StreamResponse:
    """Do to the client what the delivery says; the event is stored already, or is not."""
    if delivery.delay_ms:
        await _wait(request, delivery.delay_ms / 1000)
    if isinstance(delivery, Hang):
        world_id = world_id_of(key) if key and delivery.until_outage_ends else None
        if isinstance(request.protocol, Connection):
            request.protocol.hung = True
        await _wait(request, MAX_HANG_SECONDS, for_a_reply=False, outage_of=world_id)
        return cut(request, reset=False)
    if isinstance(delivery, Cut):
        return cut(request, reset=delivery.reset)
    return web.Response(body=delivery.body, status=delivery.status, headers=delivery.headers)


async def _wait(
    request: web.Request,
    seconds: float,
    *,
    for_a_reply: bool = True,
    outage_of: str | None = None,
) -> None:
    """Keep a client waiting, but no longer than it stays, the server runs, or an outage lasts.

    One that has closed its own side may still read a reply; where none comes it has given up.
    """
    server = request.app[SERVER]
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while (left := end - loop.time()) > 0 and not server.closing:
        if request.transport is None or request.transport.is_closing():
            return
        if not for_a_reply and getattr(request.protocol, "ended", False):
            return
        if outage_of is not None and not await _outage_lasts(server, outage_of):
            return
        await asyncio.sleep(min(POLL_SECONDS, left))


async def _outage_lasts(server: Server, world_id: str) -> bool:
    try:
        outage = (await server.store.read()).policy(world_id).outage
        return outage is not None and outage.is_on(await server.now(world_id))
    except StoreUnavailableError:
        return True


def cut(request: web.Request, *, reset: bool) -> web.StreamResponse:
    """End the connection without a reply, `reset` by a TCP reset; what is returned goes nowhere."""
    if request.transport is not None:
        if reset:
            _linger_not(request.transport)
        request.transport.abort()
    reply = web.Response(status=500)
    reply.force_close()
    return reply


def _linger_not(transport: BaseTransport) -> None:
    """Let the close of this socket be a reset instead of a polite end."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
