"""Reading a request's body: bounded in length and in time, decompressed with care.

The framework would answer too long, cut off or compressed bodies natively; here they become a
problem in words, and the documented error body.
"""

import asyncio

from aiohttp import web

from contracts.http.content_encoding import EncodingError, decompressed
from contracts.values import dataclass

STALL_SECONDS = 0.8
"""How long a client may pause inside a body; a half-sent request is answered within a second."""

MAX_SECONDS = 3.0
"""How long a whole body may take, however steadily it drips."""

DRAIN_LIMIT = 32 * 1024 * 1024
"""How much of a too long body is read and thrown away, so that the client can read the reply."""


class ClientGoneError(Exception):
    """The connection broke inside the body: there is nobody left to answer."""


@dataclass(frozen=True)
class ReadBody:
    """What was read. `problem` says why it is not the whole body; the connection is then closed.

    `raw` is what was sent where `data` was decompressed from it.
    """

    data: bytes
    problem: str | None = None
    broken: bool = False
    raw: bytes | None = None


async def read_body(request: web.BaseRequest, limit: int) -> ReadBody:
    """The request's body, at most `limit` bytes after decompression."""
    declared = request.content_length
    if declared is not None and declared > limit:
        await _drain(request)
        return ReadBody(b"", f"the body has {declared} bytes; {limit} are the limit", broken=True)
    if request.content.is_eof() and request.content.exception() is None:
        # The body came with its head, as nearly always: there is nothing to wait for.
        return _whole(request, request.content.read_nowait(-1), limit)
    data = bytearray()
    clock = asyncio.get_running_loop()
    deadline = clock.time() + MAX_SECONDS
    while True:
        try:
            async with asyncio.timeout(min(STALL_SECONDS, deadline - clock.time())):
                chunk = await request.content.readany()
        except TimeoutError:
            return _stopped(data, declared)
        except (web.PayloadAccessError, ConnectionError) as error:
            raise ClientGoneError from error
        except Exception as error:
            if request.transport is None or request.transport.is_closing():
                raise ClientGoneError from error
            message = f"the body's framing is broken: {type(error).__name__}"
            return ReadBody(bytes(data), message, broken=True)
        if not chunk:
            break
        data += chunk
        if len(data) > limit:
            await _drain(request)
            message = f"the body has more than {limit} bytes, the limit"
            return ReadBody(bytes(data[:limit]), message, broken=True)
    return _whole(request, bytes(data), limit)


def _whole(request: web.BaseRequest, data: bytes, limit: int) -> ReadBody:
    """What came before the end of the body, which may be a connection's end."""
    if len(data) > limit:
        return ReadBody(data[:limit], f"the body has more than {limit} bytes, the limit", True)
    if getattr(request.protocol, "cut_off", None) is request.content:
        return _stopped(data, request.content_length)
    return _decompressed(data, request.headers.get("Content-Encoding", ""), limit)


def _stopped(data: bytes | bytearray, declared: int | None) -> ReadBody:
    expected = f" of {declared}" if declared is not None else ""
    message = f"the body stopped after {len(data)}{expected} bytes"
    return ReadBody(bytes(data), message, broken=True)


def _decompressed(data: bytes, encoding: str, limit: int) -> ReadBody:
    try:
        plain = decompressed(data, encoding, limit)
        return ReadBody(plain, raw=None if plain is data else data)
    except EncodingError as error:
        return ReadBody(data, str(error))


async def _drain(request: web.BaseRequest) -> None:
    """Read on for a moment, so that the client is done writing before it is answered."""
    seen = 0
    try:
        async with asyncio.timeout(STALL_SECONDS):
            while seen < DRAIN_LIMIT:
                chunk = await request.content.readany()
                if not chunk:
                    return
                seen += len(chunk)
    except Exception:  # noqa: BLE001 - the body is refused already, however it ends
        return
