"""The short way of a plain event: read, judged and answered as soon as its bytes are here.

A request that came whole, whose head is as plain as nearly all are, and whose reply waits for
nothing, needs no parser, task, route or response of the framework. What is unusual in any way takes
the ordinary way, and what both of them reply is the same (tests/mock_server/http).
"""

import re
from functools import cache
from http import HTTPStatus

from aiohttp.helpers import rfc822_formatted_time
from aiohttp.http import SERVER_SOFTWARE

from contracts.judging.delivery import Send
from contracts.judging.replies import ENDPOINT
from contracts.values import dataclass
from contracts.worlds.journal import Headers
from mock_server.http.judged import Judged
from mock_server.http.judging import judge_and_store
from mock_server.http.request_body import ReadBody
from mock_server.server_state import Server
from mock_server.store.worker_thread import LARGE_BODY

_START = f"POST {ENDPOINT} HTTP/1.1\r\n".encode()
_END = b"\r\n\r\n"
_LINE = re.compile(r"([A-Za-z0-9_-]+): ([!-~](?:[ -~]*[!-~])?)\r\n")
"""A header line of which no two parsers think differently."""

_UNUSUAL = frozenset(
    ("expect", "content-encoding", "transfer-encoding", "upgrade", "sec-websocket-key1")
)
"""Headers that ask for more than a reply, or that a parser refuses."""

MAX_HEAD = 4_096
MAX_LINES = 64
"""A head of more bytes or lines is left to the parser, which knows the limits."""


@dataclass(frozen=True, slots=True)
class PlainRequest:
    """An event that came whole."""

    headers: Headers
    body: bytes


def plain_request(data: bytes, max_body: int) -> PlainRequest | None:
    """The event that the bytes are, from its first to its last; None for whatever is unusual."""
    if not data.startswith(_START):
        return None
    end = data.find(_END, 0, MAX_HEAD)
    body = data[end + len(_END) :]
    if end < 0 or not 0 < len(body) < min(LARGE_BODY, max_body + 1):
        return None
    head = data[len(_START) : end + 2].decode("latin-1")
    headers = tuple(_LINE.findall(head))
    read = sum([len(name) + len(value) + 4 for name, value in headers])
    fields = {name.lower(): value for name, value in headers}
    if (
        read != len(head)
        or not len(fields) == len(headers) <= MAX_LINES
        or "host" not in fields
        or fields.get("content-length") != str(len(body))
        or fields.get("connection", "keep-alive").lower() != "keep-alive"
        or not _UNUSUAL.isdisjoint(fields)
    ):
        return None
    return PlainRequest(headers, body)


def judged_now(server: Server, plain: PlainRequest) -> Judged | None:
    """The verdict on a plain event, stored; None where it has to wait."""
    if not server.answers_at_once:
        return None
    body = ReadBody(plain.body)
    judging = judge_and_store(server, "POST", ENDPOINT, plain.headers, body)
    try:
        judging.send(None)
    except StopIteration as ended:
        judged: Judged = ended.value
        return judged
    raise RuntimeError("a store that judges at once waited for something")


def reply_bytes(judged: Judged) -> bytes | None:
    """The reply as aiohttp writes it; None where a fault has a say in it."""
    delivery = judged.delivery
    if judged.verdict.fault is not None or not isinstance(delivery, Send):
        return None
    headers = "".join([f"{name}: {value}\r\n" for name, value in delivery.headers])
    head = (
        f"{_status_line(delivery.status)}{headers}Content-Length: {len(delivery.body)}\r\n"
        f"Date: {rfc822_formatted_time()}\r\nServer: {SERVER_SOFTWARE}\r\n\r\n"
    )
    return head.encode() + delivery.body


@cache
def _status_line(status: int) -> str:
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
