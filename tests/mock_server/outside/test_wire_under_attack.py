import gzip
import json
import socket
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from other_validator import jsonschema_validator

from contracts.shorthand import bodies

LINE = b"POST /sandbox/events HTTP/1.1\r\n"
HEAD = b"Host: x\r\nAuthorization: Bearer sk_test_wire\r\nContent-Type: application/json\r\n"
EVENT = json.dumps(bodies("P{d:1}")[0]).encode()
BOMB = gzip.compress(b"a" * 50_000_000)
GOOD_GZIP = gzip.compress(EVENT)


def with_body(body: bytes, *headers: bytes) -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return LINE + HEAD + lines + b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    parts = b"".join(b"%x\r\n" % len(chunk) + chunk + b"\r\n" for chunk in chunks)
    return LINE + HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + parts + end


GOOD = with_body(EVENT)

# What is sent, and the status that must come back; None stands for a clean close without a reply.
ATTACKS = {
    "garbage": (b"\x00\x01\x02\r\n\r\n", 400),
    "a TLS hello": (b"\x16\x03\x01\x02\x00\x01\x00", 400),
    "an HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "half a head": (LINE + b"Host: x\r\n", 400),
    "half a body": (LINE + HEAD + b'Content-Length: 100\r\n\r\n{"a":', 400),
    "a chunk that is none": (LINE + HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    "half a chunk": (LINE + HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", 400),
    "two framings": (
        LINE + HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    "two lengths": (LINE + HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
    "a negative length": (LINE + HEAD + b"Content-Length: -2\r\n\r\n{}", 400),
    "10 MB": (with_body(b"a" * 10_000_000), 400),
    "10 MB in chunks": (chunked(*[b"a" * 1_000_000] * 10), 400),
    "a flood of headers": (
        LINE + HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(5000)) + b"\r\n",
        400,
    ),
    "an endless header": (LINE + HEAD + b"X: " + b"y" * 100_000 + b"\r\n\r\n", 400),
    "an endless path": (b"POST /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n", 400),
    "a null byte in a header": (LINE + b"Host: x\r\nX: a\x00b\r\n\r\n", 400),
    "an impossible expectation": (with_body(b"{}", b"Expect: magic"), 400),
    "a gzip bomb": (with_body(BOMB, b"Content-Encoding: gzip"), 400),
    "a broken gzip": (with_body(GOOD_GZIP[:-4], b"Content-Encoding: gzip"), 400),
    "gzip that is none": (with_body(b"{}", b"Content-Encoding: gzip"), 400),
    "an unknown encoding": (with_body(b"{}", b"Content-Encoding: br"), 400),
    "an empty body": (with_body(b""), 400),
    "no length at all": (LINE + HEAD + b"\r\n", 400),
    "deep nesting": (with_body(b"[" * 500_000), 400),
    "a key with quotes": (LINE + b"Host: x\r\nAuthorization: Bearer sk_test_\"a'b\r\n\r\n", 401),
    "non-ASCII in a key": (
        LINE + "Host: x\r\nAuthorization: Bearer sk_test_é\r\n\r\n".encode(),
        401,
    ),
    "OPTIONS *": (b"OPTIONS * HTTP/1.1\r\n" + HEAD + b"\r\n", 404),
    "CONNECT": (b"CONNECT x:1 HTTP/1.1\r\n" + HEAD + b"\r\n", 404),
    "HEAD": (b"HEAD /sandbox/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404),
}

ACCEPTED = {
    "a good request": GOOD,
    "chunks": chunked(EVENT[:10], EVENT[10:]),
    "gzip": with_body(GOOD_GZIP, b"Content-Encoding: gzip"),
    "a foreign host": GOOD.replace(b"Host: x", b"Host: evil.example"),
    "empty lines before it": b"\r\n\r\n" + GOOD,
    "HTTP/1.0": GOOD.replace(b"HTTP/1.1", b"HTTP/1.0"),
    "an upgrade nobody wants": with_body(EVENT, b"Connection: upgrade", b"Upgrade: websocket"),
    "the absolute form": GOOD.replace(b"POST /", b"POST http://other/"),
}


@pytest.fixture
def port(mock) -> int:
    return int(mock.url.rsplit(":", 1)[1])


def talk(port: int, data: bytes, *, half_close: bool = False, patience: float = 5) -> bytes:
    """Everything that the server says until it closes, or answers a whole reply."""
    message = b""
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection:
        try:
            connection.sendall(data)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            while not _complete(message):
                chunk = connection.recv(65536)
                if not chunk:
                    break
                message += chunk
        except (ConnectionResetError, BrokenPipeError):
            pass
    return message


def _complete(message: bytes) -> bool:
    head, end, body = message.partition(b"\r\n\r\n")
    if not end or head.startswith(b"HTTP/1.1 100"):
        return False
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(lengths) and len(body) >= int(lengths[0].split(b":")[1])


def status_of(message: bytes) -> int | None:
    return int(message.split(b" ", 2)[1]) if message.startswith(b"HTTP/1.") else None


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("half_close", [False, True], ids=["open", "half-closed"])
def test_an_attack_is_answered_in_the_documented_form_and_the_next_request_succeeds(
    port, name, half_close
):
    data, status = ATTACKS[name]
    message = talk(port, data, half_close=half_close)
    assert status_of(message) == status, message[:300]
    body = message.partition(b"\r\n\r\n")[2]
    if body:
        assert jsonschema_validator("error").is_valid(json.loads(body))
    assert status_of(talk(port, GOOD)) == 200


@pytest.mark.parametrize("name", ACCEPTED)
def test_unusual_but_good_requests_are_accepted(port, name):
    assert status_of(talk(port, ACCEPTED[name])) == 200


def test_an_expectation_of_100_is_met_before_the_body_is_sent(port):
    head, _, _ = with_body(EVENT, b"Expect: 100-continue").partition(EVENT)
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(head)
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 Continue")
        connection.sendall(EVENT)
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")


def test_pipelined_requests_are_each_answered_in_order(port):
    message = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(GOOD * 3)
        while message.count(b"event_id") < 3:
            message += connection.recv(65536)
    assert message.count(b"HTTP/1.1 200") == 3


def test_a_head_that_drips_is_answered_before_it_is_finished(port):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        began = time.monotonic()
        message = b""
        connection.settimeout(0.2)
        for letter in (LINE + HEAD) * 3:
            try:
                connection.sendall(bytes([letter]))
                message = connection.recv(1000)
            except TimeoutError:
                continue
            except OSError:
                break
            break
        assert time.monotonic() - began < 8, "a dripping head was never ended"
    assert status_of(message) in (400, None)


def test_a_silent_connection_is_left_alone(port):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.settimeout(1.5)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.sendall(GOOD)
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")


def test_a_client_that_leaves_inside_its_body_is_forgotten(port, target):
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(LINE + HEAD + b"Content-Length: 1000\r\n\r\n{")
    assert target.ask("GET", "/_mock/v1/health").json()["status"] == "ok"


def test_what_was_refused_on_the_wire_stands_in_the_journal_of_no_world(port, target):
    talk(port, b"\x00\r\n\r\n")
    last = target.ask("GET", "/_mock/v1/requests?status=400&limit=1000").json()[-1]
    assert last["world"] is None
    assert "the HTTP request is broken" in last["reply"]["body"]


@settings(max_examples=60)
@given(data=st.binary(min_size=1, max_size=300))
def test_any_bytes_get_an_answer_or_a_clean_close(mock, data):
    port = int(mock.url.rsplit(":", 1)[1])
    message = talk(port, data, half_close=True)
    assert status_of(message) in (400, 401, 404, None)


@settings(max_examples=150)
@given(place=st.integers(0, len(GOOD) - 1), new=st.binary(max_size=3), cut=st.integers(0, 4))
def test_a_damaged_request_is_answered_within_the_documented_statuses(mock, place, new, cut):
    port = int(mock.url.rsplit(":", 1)[1])
    data = GOOD[:place] + new + GOOD[place + cut :]
    message = talk(port, data, half_close=True)
    assert status_of(message) in (200, 400, 401, 404, None), message[:200]
