"""Playing a fault to the client: late, broken or no replies. Which it is, `contracts` says."""

import asyncio
import json
import socket
import struct
from asyncio import BaseTransport

from aiohttp import web

from contracts.faults.fault import FAULT_HEADER
from contracts.faults.outage import OUTAGE
from contracts.judging.verdict import Verdict
from mock_server.http.connection import Wire
from mock_server.server_state import SERVER, Server
from mock_server.store.journal import Entry, Headers
from mock_server.store.memory import world_id_of

POLL_SECONDS = 0.05
"""How often a request that is kept waiting is asked whether its client is still there."""

LONGEST_SECONDS = 3600.0
"""After so long a connection is cut on which no reply comes."""

_PAGE = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    b"<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>hakuna-mock fault</center>\r\n"
    b"</body>\r\n</html>\r\n"
)


def reply_of(verdict: Verdict) -> tuple[bytes, Headers]:
    """The body that is sent for a verdict, and its headers; both empty where none is sent."""
    if verdict.status == 0:
        return b"", ()
    headers: Headers = verdict.headers
    fault = verdict.fault
    if fault and not any(name == FAULT_HEADER for name, _ in headers):
        headers += ((FAULT_HEADER, fault.effect.name),)
    name = fault.effect.name if fault else ""
    if name == "bad_gateway":
        return _PAGE, (*headers, ("Content-Type", "text/html"))
    told = verdict.body
    if name == "extra_fields" and verdict.status == 200:
        told = {**told, "status": "accepted", "meta": {"trace": verdict.event_id, "tags": []}}
    body = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
    if name == "bad_json":
        body = body[: len(body) // 2]
    if name == "empty":
        body = b""
    return body, (*headers, ("Content-Type", "application/json"))


async def play(request: web.Request, verdict: Verdict, entry: Entry) -> web.StreamResponse:
    """Do to the client what the verdict's fault says; the event is stored already, or is not."""
    fault = verdict.fault
    assert fault is not None  # noqa: S101 - asked by the caller
    server = request.app[SERVER]
    if fault.effect.delay_ms:
        await _wait(request, server, fault.effect.delay_ms / 1000)
    if fault.effect.name == "timeout":
        world_id = world_id_of(verdict.key) if verdict.key and fault.id == OUTAGE else None
        if isinstance(request.protocol, Wire):
            request.protocol.hung = True
        await _wait(request, server, LONGEST_SECONDS, for_a_reply=False, outage_of=world_id)
    if fault.effect.is_silent:
        return cut(request, reset=fault.effect.name == "reset")
    return web.Response(body=entry.reply_body, status=verdict.status, headers=entry.reply_headers)


async def _wait(
    request: web.Request,
    server: Server,
    seconds: float,
    *,
    for_a_reply: bool = True,
    outage_of: str | None = None,
) -> None:
    """Keep a client waiting, but no longer than it stays, the server runs, or an outage lasts.

    One that has closed its own side may still read a reply; where none comes it has given up.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while (left := end - loop.time()) > 0 and not server.closing:
        if request.transport is None or request.transport.is_closing():
            return
        if not for_a_reply and getattr(request.protocol, "ended", False):
            return
        if outage_of is not None:
            outage = (await server.store.policy(outage_of)).outage
            if outage is None or not outage.is_on(await server.now(outage_of)):
                return
        await asyncio.sleep(min(POLL_SECONDS, left))


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
