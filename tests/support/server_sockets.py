"""Bytes on a socket, and the replies in the bytes that come back.

`Line` speaks to a server that really listens. Its time limits are guards against hanging, nothing
is measured with them.
"""

import asyncio
import contextlib
import json
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from server_mock import KEY, encoded

PATIENCE = 20.0
"""Seconds after which a silent server counts as hanging."""


@dataclass
class Heard:
    """What a connection said until it closed, or until all replies that were waited for came."""

    data: bytes
    closed: bool
    reset: bool = False
    replies: list["WireReply"] = field(default_factory=list)

    @property
    def statuses(self) -> list[int]:
        return [reply.status for reply in self.replies]

    @property
    def status(self) -> int | None:
        """The status of the only reply, None where there was none."""
        assert len(self.replies) <= 1, self.data[:500]
        return self.replies[0].status if self.replies else None

    @property
    def errors(self) -> list[str]:
        """The texts of the only reply, a refusal."""
        return self.replies[0].json["error"]["validation_errors"]


@dataclass
class WireReply:
    """One reply as it stood on the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def replies_in(data: bytes, *, to_head: bool = False) -> list[WireReply]:
    """The complete replies in these bytes; anything but replies is an error of the server."""
    found = []
    while data:
        head, end, rest = data.partition(b"\r\n\r\n")
        if not end:
            break
        status_line, *lines = head.decode("latin-1").split("\r\n")
        version, status, *_ = status_line.split(" ", 2)
        assert version.startswith("HTTP/"), data[:200]
        headers = {}
        for line in lines:
            name, colon, value = line.partition(": ")
            assert colon, line
            headers[name.lower()] = value
        if status == "100":
            data = rest
            continue
        length = 0 if to_head else int(headers.get("content-length", 0))
        if len(rest) < length:
            break
        found.append(WireReply(int(status), headers, rest[:length]))
        data = rest[length:]
    return found


class Line:
    """A server's address, and ways to send bytes to it."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def say(
        self,
        *parts: bytes,
        gap: float = 0.0,
        eof: bool = False,
        expect: int = 1,
        to_head: bool = False,
    ) -> Heard:
        """Send the parts on a new connection and listen for `expect` replies, or the end.

        With `eof` the sending side is closed after the last part.
        """
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        heard = Heard(b"", closed=False)
        try:
            async with asyncio.timeout(PATIENCE):
                listening = asyncio.ensure_future(_listen(reader, heard, expect, to_head=to_head))
                await _send(writer, parts, gap, listening, eof=eof)
                await listening
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        return heard

    async def post(self, body: Any, **changes: str) -> Heard:
        """One good request, with changed headers."""
        return await self.say(request(body, changes=changes))

    async def get(self, path: str) -> Any:
        """The JSON of a control call."""
        heard = await self.say(f"GET /_mock/v1{path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert heard.status == 200, heard.data[:500]
        return heard.replies[0].json


async def _send(writer, parts: Iterable[bytes], gap: float, listening, *, eof: bool) -> None:
    with contextlib.suppress(ConnectionError):
        for number, part in enumerate(parts):
            if number and gap:
                await asyncio.wait([listening], timeout=gap)
                if listening.done():
                    return
            writer.write(part)
            await writer.drain()
        if eof:
            writer.write_eof()


async def _listen(reader, heard: Heard, expect: int, *, to_head: bool) -> None:
    try:
        while len(heard.replies) < expect:
            chunk = await reader.read(65_536)
            if not chunk:
                heard.closed = True
                return
            heard.data += chunk
            heard.replies = replies_in(heard.data, to_head=to_head)
        if heard.replies[-1].headers.get("connection", "").lower() == "close":
            heard.closed = not await reader.read(1)
    except ConnectionError:
        heard.closed = heard.reset = True


def say_now(port: int, data: bytes) -> list[WireReply]:
    """The replies to these bytes; for tests without an event loop.

    The sending side is closed after them. Listening ends with the connection, or when nothing more
    comes for a moment after a reply; no reply and no end is a hang.
    """
    heard = b""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        try:
            while chunk := connection.recv(65_536):
                heard += chunk
                connection.settimeout(0.1)
        except ConnectionError:
            pass
        except TimeoutError:
            assert replies_in(heard), "neither an answer nor a close"
    return replies_in(heard)


def request(
    body: Any = b"",
    *,
    method: str = "POST",
    path: str = "/sandbox/events",
    version: str = "1.1",
    changes: dict[str, str | None] | None = None,
    framing: bytes | None = None,
) -> bytes:
    """A good request as bytes; `framing` stands where the length and the body would."""
    headers: dict[str, str | None] = {
        "Host": "127.0.0.1",
        "Authorization": f"Bearer {KEY}",
        "Content-Type": "application/json",
        "Hakuna-Version": "v2.0",
        **(changes or {}),
    }
    lines = [f"{method} {path} HTTP/{version}"]
    lines += [f"{name}: {value}" for name, value in headers.items() if value is not None]
    head = "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n"
    raw = encoded(body)
    return head + (b"Content-Length: %d\r\n\r\n" % len(raw) + raw if framing is None else framing)


def chunks(*parts: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """A chunked body with its header line, to be used as `framing`."""
    coded = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return b"Transfer-Encoding: chunked\r\n\r\n" + coded + end
