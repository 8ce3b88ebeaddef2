"""The same bytes in any pieces get the same replies: every request of a connection has its own.

Good requests of many kinds stand behind one another, and something broken or unfinished last.
"""

import json
import signal
import socket
import time
from itertools import pairwise

import pytest
from hypothesis import event as note
from hypothesis import example, given, settings
from hypothesis import strategies as st
from server_mock import event
from server_processes import COMMAND, running
from server_sockets import PATIENCE, chunks, replies_in, request

EVENT = json.dumps(event("X#7")).encode()
LONG = json.dumps({**event("X#8"), "note": ["y" * 100_000] * 9}).encode()
HIDDEN = b'{"a": "\r\n\r\nGET / HTTP/1.1\r\n\r\n"}'

WHOLE = {
    "an event": (request(EVENT), 200),
    "behind a blank line": (b"\r\n" + request(EVENT), 200),
    "in chunks": (request(framing=chunks(EVENT[:9], EVENT[9:])), 200),
    "a long body": (request(LONG), 200),
    "a long body in chunks": (request(framing=chunks(LONG[:700_000], LONG[700_000:])), 200),
    "a request inside a body": (request(HIDDEN), 400),
    "an empty body": (request(b""), 400),
    "an absolute target": (request(EVENT, path="http://elsewhere/sandbox/events"), 200),
    "another path": (request(EVENT, path="/elsewhere"), 404),
    "the asterisk": (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 404),
    "a control call": (b"GET /_mock/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
    "an upgrade": (request(EVENT, changes={"Upgrade": "websocket", "Connection": "Upgrade"}), 200),
    "kept-alive HTTP/1.0": (
        request(EVENT, version="1.0", changes={"Connection": "keep-alive"}),
        200,
    ),
    "what is not gzip": (request(EVENT, changes={"Content-Encoding": "gzip"}), 400),
    "a long header": (request(EVENT, changes={"X-Long": "y" * 3000}), 200),
    "expecting": (request(EVENT, changes={"Expect": "100-continue"}), 200),
}
LAST = {
    "the end": (b"", []),
    "blank lines": (b"\r\n" * 9, []),
    "nonsense": (b"NONSENSE\r\n\r\n", [400]),
    "half a head": (b"POST /sandbox/events HT", [400]),
    "a TLS hello": (b"\x16\x03\x01\x02\x00\x01\x00", [400]),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400]),
    "two lengths": (request(EVENT, changes={"Content-Length": "3"}), [400]),
    "a broken chunk": (request(framing=b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), [400]),
    "another expectation": (request(EVENT, changes={"Expect": "cake"}), [400]),
    "the last request": (request(EVENT, changes={"Connection": "close"}), [200]),
    "HTTP/1.0": (request(EVENT, version="1.0"), [200]),
    "trailers, and an event behind them": (
        request(framing=chunks(EVENT, end=b"0\r\nDigest: x\r\n\r\n")) + request(EVENT),
        [200],
    ),
}


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """A server as users have it: a process of its own, with the event loop that is installed."""
    with running(COMMAND, tmp_path_factory.mktemp("server")) as server:
        yield server.port
        assert server.end(signal.SIGTERM) == 0
        assert "fault" not in server.printed


def statuses(port: int, pieces: list[bytes], pause: float) -> tuple[list[int], bool]:
    """What was answered, and whether the server cut the line before it had heard all."""
    heard, was_cut = b"", False
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for piece in pieces:
                connection.sendall(piece)
                if pause:
                    time.sleep(pause)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            was_cut = True
        try:
            while chunk := connection.recv(65_536):
                heard += chunk
        except ConnectionError:
            was_cut = True
    return [reply.status for reply in replies_in(heard)], was_cut


def cut(data: bytes, places: list[int]) -> list[bytes]:
    marks = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in pairwise(marks)]


@settings(max_examples=100)
@given(
    names=st.lists(st.sampled_from(sorted(WHOLE)), max_size=4),
    last=st.sampled_from(sorted(LAST)),
    places=st.lists(st.integers(0, 10_000), max_size=12),
    pause=st.sampled_from([0, 0.001]),
)
@example(names=[], last="HTTP/2", places=[19], pause=0.001)
def test_every_request_is_answered_in_its_turn_however_the_bytes_arrive(
    port, names, last, places, pause
):
    note(last)
    ending, message = LAST[last]
    data = b"".join(WHOLE[name][0] for name in names) + ending
    expected = [WHOLE[name][1] for name in names] + message
    answered, was_cut = statuses(port, cut(data, places), pause)
    # Who writes on after a refusal may lose what he has not read yet: so TCP has it.
    assert answered == (expected[: len(answered)] if was_cut else expected)


@pytest.mark.parametrize("last", ["nonsense", "two lengths", "half a head", "a TLS hello"])
@pytest.mark.parametrize("first", sorted(WHOLE))
def test_a_broken_request_does_not_cost_those_before_it_their_replies(port, first, last):
    data = WHOLE[first][0] + WHOLE["an event"][0] + LAST[last][0]
    assert statuses(port, [data], 0) == ([WHOLE[first][1], 200, 400], False)


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_a_request_with_nothing_behind_it_is_taken_whole(port, name):
    data, status = WHOLE[name]
    assert statuses(port, [data], 0) == ([status], False)


@pytest.mark.parametrize("size", [300_000, 600_000, 1_040_000])
def test_every_length_up_to_the_limit_is_read_to_its_end(port, size):
    data = request(json.dumps({**event("X#9"), "note": ["y" * 996] * (size // 1000)}).encode())
    assert statuses(port, [data, data], 0) == ([200, 200], False)


@pytest.mark.parametrize("last", ["HTTP/2", "nonsense", "a TLS hello"])
def test_good_requests_behind_long_ones_keep_their_replies(port, last):
    """What aiohttp's parser keeps back while it is full is not fed to it in one go later.

    It depends on how the bytes fall into packets, so it is asked many times.
    """
    ending, message = LAST[last]
    names = ["a control call", "a long body in chunks", "a long body", "a control call"]
    data = b"".join(WHOLE[name][0] for name in names) + ending
    expected = [WHOLE[name][1] for name in names] + message
    for _ in range(40):
        answered, was_cut = statuses(port, cut(data, [54]), 0.001)
        assert answered == (expected[: len(answered)] if was_cut else expected)
