"""The short way of a plain event: judged and answered as soon as its bytes are here.

A request that came whole, and whose reply waits for nothing, needs no task, route or response of
the framework; aiohttp's parser reads it as it reads every other. What is unusual in any way takes
the ordinary way, and what both of them reply is the same (tests/mock_server/http).
"""

import re
from functools import cache
from http import HTTPStatus
from typing import Any

from aiohttp.helpers import rfc822_formatted_time
from aiohttp.http import SERVER_SOFTWARE

from contracts.judging.delivery import Send
from contracts.judging.replies import ENDPOINT
from mock_server.http.judged import Judged
from mock_server.http.judging import judge_and_store
from mock_server.http.request_body import ReadBody
from mock_server.server_state import Server
from mock_server.store.worker_thread import LARGE_BODY

_START = f"POST {ENDPOINT} HTTP/1.1\r\n".encode()
_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\nContent-Length: ?([1-9][0-9]{0,5})\r\n", re.IGNORECASE)
_UNUSUAL = ("Expect", "Content-Encoding", "Transfer-Encoding")


def is_whole(data: bytes) -> bool:
    """Whether the bytes are one event, its head and its body, and nothing behind it."""
    if not data.startswith(_START):
        return False
    end = data.find(_END)
    length = _LENGTH.search(data, 0, end + 2) if end > 0 else None
    return length is not None and int(length[1]) == len(data) - end - len(_END)


def judged_now(server: Server, message: Any, payload: Any) -> Judged | None:
    """The verdict on a request that the parser has read, stored; None where it has to wait.

    `message` and `payload` are aiohttp's: its head and its body.
    """
    headers = message.headers
    if (
        not server.answers_at_once
        or message.should_close
        or message.upgrade
        or not payload.is_eof()
        or payload.exception() is not None
        or payload.total_bytes >= min(LARGE_BODY, server.settings.max_body + 1)
        or any(name in headers for name in _UNUSUAL)
    ):
        return None
    body = ReadBody(payload.read_nowait(-1))
    judging = judge_and_store(server, message.method, ENDPOINT, tuple(headers.items()), body)
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
