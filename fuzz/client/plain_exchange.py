"""One HTTP request and its reply, at a quarter of the CPU time that `http.client` takes.

Only plain exchanges go this way: a head without surprises, sent together with its body, and a reply
with a `Content-Length`. All else is left to the standard library, which gets every byte that was
read so far; so both ways agree on what a server may answer.
"""

import http.client
import io
import re
from collections.abc import Mapping
from typing import Any

from fuzz.client.timed_connection import TimedConnection

RawReply = tuple[int, dict[str, str], bytes]
"""Status, headers with lowercase names, body."""

_TARGET = re.compile(rb"[A-Z]+ [!-~]+")
_FIELD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t -~\x80-\xff]*")
_OWN = frozenset({"host", "accept-encoding", "content-length", "transfer-encoding"})
_STATUS = re.compile(rb"HTTP/1\.1 ([2-5][0-9][0-9])(?: [\t -~\x80-\xff]*)?")
_MAX_HEAD = 32 * 1024
_CHUNK = 64 * 1024
_NO_BODY = (204, 304)


def exchange(
    connection: TimedConnection,
    method: str,
    path: str,
    body: bytes | None,
    headers: Mapping[str, str],
    max_bytes: int,
) -> RawReply:
    """Send a request and read its reply, of at most so many bytes.

    Raises what `http.client` raises, ValueError for a request that can't be written.
    """
    head = _head(connection, method, path, body, headers)
    if head is None:
        connection.request(method, path, body, dict(headers))
        with connection.getresponse() as response:
            return _read(response, max_bytes)
    if connection.sock is None:
        connection.connect()
    connection.sock.sendall(head + (body or b""))
    return _reply(connection, method, max_bytes)


def _head(
    connection: TimedConnection,
    method: str,
    path: str,
    body: bytes | None,
    headers: Mapping[str, str],
) -> bytes | None:
    """The bytes that `http.client` would send before the body; None where they are not plain."""
    if not connection.host.isascii() or not _OWN.isdisjoint(map(str.lower, headers)):
        return None
    host = connection.host if ":" not in connection.host else f"[{connection.host}]"
    if connection.port != connection.default_port:
        host = f"{host}:{connection.port}"
    lines = [f"{method} {path}", f"Host: {host}", "Accept-Encoding: identity"]
    if body is not None or method in {"POST", "PUT", "PATCH"}:
        lines.append(f"Content-Length: {len(body or b'')}")
    lines += [f"{name}: {value}" for name, value in headers.items()]
    try:
        target, *fields = [line.encode("latin-1") for line in lines]
    except UnicodeEncodeError:
        return None
    if not _TARGET.fullmatch(target) or not all(map(_FIELD.fullmatch, fields)):
        return None
    return b"\r\n".join([target + b" HTTP/1.1", *fields, b"", b""])


def _reply(connection: TimedConnection, method: str, max_bytes: int) -> RawReply:
    data = b""
    end = -1
    while end < 0 and len(data) < _MAX_HEAD:
        more = connection.sock.recv(_CHUNK)
        data += more
        end = data.find(b"\r\n\r\n")
        if not more:
            break
    plain = _plain(data[:end]) if end >= 0 and method != "HEAD" else None
    if plain is None:
        return _standard(connection, method, data, max_bytes)
    status, headers, length = plain
    if length > max_bytes:
        return _standard(connection, method, data, max_bytes)
    parts, missing = [data[end + 4 :]], length - (len(data) - end - 4)
    while missing > 0:
        more = connection.sock.recv(min(missing, _CHUNK))
        if not more:
            raise http.client.IncompleteRead(b"".join(parts), missing)
        parts.append(more)
        missing -= len(more)
    if missing < 0 or headers.get("connection", "").lower() not in ("", "keep-alive"):
        connection.close()  # what follows belongs to nobody
    return status, headers, b"".join(parts)[:length]


def _plain(head: bytes) -> tuple[int, dict[str, str], int] | None:
    """Status, headers and length of a reply; None where the standard library should decide."""
    first, *lines = head.split(b"\r\n")
    status = _STATUS.fullmatch(first)
    if status is None or int(status[1]) in _NO_BODY or not all(map(_FIELD.fullmatch, lines)):
        return None
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.decode("latin-1").partition(":")
        name = name.lower()
        if name == "transfer-encoding" or (name == "content-length" and name in headers):
            return None
        headers[name] = value.strip()
    length = headers.get("content-length", "")
    if not length.isascii() or not length.isdigit() or len(length) > 18:
        return None
    return int(status[1]), headers, int(length)


def _standard(connection: TimedConnection, method: str, data: bytes, max_bytes: int) -> RawReply:
    """The reply as `http.client` reads it, beginning with what was read already."""
    response = http.client.HTTPResponse(_Resumed(connection.sock, data), method=method)  # type: ignore[arg-type]
    try:
        response.begin()
        raw = _read(response, max_bytes)
        if response.will_close:
            connection.close()
    finally:
        response.close()
    return raw


def _read(response: http.client.HTTPResponse, max_bytes: int) -> RawReply:
    body = response.read(max_bytes + 1)
    missing = response.length
    if len(body) > max_bytes:
        raise http.client.HTTPException(f"the reply is longer than {max_bytes >> 20} MiB")
    if missing:  # a read with a limit does not complain by itself
        raise http.client.IncompleteRead(body, missing)
    headers = {name.lower(): value for name, value in response.getheaders()}
    return response.status, headers, body


class _Resumed:
    """As much of a socket as a response needs: bytes that were read before, then the socket."""

    def __init__(self, sock: Any, data: bytes) -> None:
        self._sock = sock
        self._data = data

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_ResumedReader(self._data, self._sock.makefile(mode)))


class _ResumedReader(io.RawIOBase):
    def __init__(self, data: bytes, rest: io.BufferedReader) -> None:
        self._data = data
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._data:
            return self._rest.readinto1(buffer)
        taken = self._data[: len(buffer)]
        self._data = self._data[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)

    def close(self) -> None:
        self._rest.close()
        super().close()
