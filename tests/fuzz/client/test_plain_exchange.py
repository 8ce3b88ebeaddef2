"""The short way of an exchange agrees with `http.client` about every byte."""

import http.client
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.client import plain_exchange
from fuzz.client.timed_connection import TimedConnection, TimedSecureConnection

MAX_BYTES = 1000

NAMES = st.sampled_from(["Authorization", "X-Shop", "Host", "content-length", "Bearer", "A b", "é"])
VALUES = st.text(st.characters(max_codepoint=0x17F), max_size=8)
REQUESTS = st.tuples(
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "get"]),
    st.sampled_from(["/", "/sandbox/events", "/a b", "/é", "/a\r\nX: y", "/%20?a=b"]),
    st.none() | st.binary(max_size=8),
    st.dictionaries(NAMES, VALUES, max_size=3),
)

LINES = st.sampled_from(
    [
        b"Content-Length: 3",
        b"Content-Length: 5",
        b"content-length: 03",
        b"Content-Length: +3",
        b"Content-Length: 5000",
        b"Transfer-Encoding: chunked",
        b"Connection: close",
        b"Connection: keep-alive",
        b"X-Shop:  a  ",
        b"X-Shop: b",
        b"no colon",
        b" folded",
        b"X-\xe9: \xe9",
    ]
)
STATUS = st.sampled_from(
    [b"HTTP/1.1 200 OK", b"HTTP/1.1 404", b"HTTP/1.0 200 OK", b"HTTP/1.1 204 No", b"HTTP/1.1 20"]
)
BODIES = st.sampled_from([b"", b"abc", b"abcde", b"3\r\nabc\r\n0\r\n\r\n", b"a\r\n\r\nb"])


@st.composite
def replies(draw) -> bytes:
    """What a server may send, most of it wrong in some way."""
    head = b"\r\n".join([draw(STATUS), *draw(st.lists(LINES, max_size=4))])
    interim = draw(st.sampled_from([b"", b"HTTP/1.1 100 Continue\r\n\r\n"]))
    whole = interim + head + b"\r\n\r\n" + draw(BODIES)
    return whole[: draw(st.integers(0, len(whole)))] if draw(st.booleans()) else whole


class Wire:
    """A socket that keeps what is sent and hands out a reply in pieces."""

    def __init__(self, reply: bytes = b"", cut: int = 1 << 20) -> None:
        self.sent = b""
        self._reply = io.BytesIO(reply)
        self._cut = cut

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def recv(self, size: int) -> bytes:
        return self._reply.read(min(size, self._cut))

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._reply)

    def close(self) -> None:
        pass


def sent(connection: http.client.HTTPConnection, send) -> bytes | None:
    """What goes over the wire, None where the request is refused before."""
    connection.sock = wire = Wire()
    try:
        send(connection)
    except (ValueError, http.client.InvalidURL):
        return None
    except http.client.RemoteDisconnected:  # this wire has no reply
        pass
    return wire.sent


@pytest.mark.parametrize(
    "make",
    [
        lambda: TimedConnection("127.0.0.1", 80, 1),
        lambda: TimedConnection("::1", 4258, 1),
        lambda: TimedSecureConnection("shop.example", 443, 1),
        lambda: TimedConnection("bücher.example", 4258, 1),
    ],
    ids=["default port", "IPv6", "TLS", "a name beyond ASCII"],
)
@given(request=REQUESTS)
def test_a_request_has_the_bytes_that_http_client_sends(make, request):
    method, path, body, headers = request

    def standard(connection):
        connection.request(method, path, body, headers)

    def plain(connection):
        plain_exchange.exchange(connection, method, path, body, headers, MAX_BYTES)

    assert sent(make(), plain) == sent(make(), standard)


def test_the_requests_of_a_shop_and_the_replies_of_a_mock_are_plain():
    headers = {"Authorization": "Bearer sk_test_shop", "Content-Type": "application/json"}
    connection = TimedConnection("127.0.0.1", 4258, 1)
    assert plain_exchange._head(connection, "POST", "/sandbox/events", b"{}", headers)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2"
    assert plain_exchange._plain(head)


def outcome(read) -> object:
    """A reply, or the kind of error in its place."""
    try:
        return read()
    except (http.client.HTTPException, ValueError) as error:
        return type(error)


@given(reply=replies(), cut=st.integers(1, 40))
def test_a_reply_is_read_as_http_client_reads_it(reply, cut):
    plain, standard = TimedConnection("h", 1, 1), TimedConnection("h", 1, 1)
    plain.sock, standard.sock = Wire(reply, cut), Wire(reply)
    read = outcome(lambda: plain_exchange._reply(plain, "GET", MAX_BYTES))
    assert read == outcome(lambda: plain_exchange._standard(standard, "GET", b"", MAX_BYTES))
    if isinstance(read, tuple) and standard.sock is None:
        assert plain.sock is None  # neither keeps a connection that the server ends
