"""Random bytes, and good requests with random damage: an answer or a clean close, whatever comes.

One server takes all of it. What it stored must be exactly what it answered with 200.
"""

import json
import urllib.request

import pytest
from hypothesis import event as note
from hypothesis import given, settings
from hypothesis import strategies as st
from running_mock import running_mock
from server_mock import event
from server_sockets import chunks, request, say_now

from contracts.explain import validator

EVENT = json.dumps(event("X#7")).encode()
GOOD = (
    request(EVENT),
    request(framing=chunks(EVENT[:9], EVENT[9:])),
    request(EVENT, changes={"Hakuna-Idempotency-Key": "k", "Connection": "close"}),
)
STATUSES = {200, 400, 401, 404}

TOKENS = (
    b"\r\n",
    b"\r\n\r\n",
    b"\n",
    b"\x00",
    b" ",
    b":",
    b"\xff",
    b"0\r\n\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: 0\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Expect: 100-continue\r\n",
    b"Expect: x\r\n",
    b"Connection: close\r\n",
    b"Upgrade: h2c\r\nConnection: Upgrade\r\n",
    b"HTTP/1.0",
    b"GET / HTTP/1.1\r\n",
    b"Authorization: Bearer x\r\n",
    b'{"a": 1}',
    b"\\u0000",
    b"1e999",
)


@st.composite
def damaged(draw) -> bytes:
    """A good request in which some pieces are cut out, doubled, moved, or replaced."""
    data = draw(st.sampled_from(GOOD))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 20)))
        piece = draw(st.sampled_from([b"", data[start:end] * 2]) | st.sampled_from(TOKENS))
        data = data[:start] + piece + data[end:]
    return data


@st.composite
def noise(draw) -> bytes:
    """Bytes at random, words of the protocol at random, or both."""
    words = st.sampled_from((*TOKENS, *GOOD, b"POST /sandbox/events HTTP/1.1\r\n"))
    return b"".join(draw(st.lists(words | st.binary(max_size=30), max_size=12)))


class Watched:
    """The server under noise, and what it has claimed to have stored."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.port = int(url.rsplit(":", 1)[1])
        self.claimed: set[str] = set()

    def told(self, path: str):
        with urllib.request.urlopen(f"{self.url}/_mock/v1{path}", timeout=10) as reply:
            return json.load(reply)

    def take(self, data: bytes) -> list[int]:
        """Send it, and hold the server to its word; the statuses it answered."""
        replies = say_now(self.port, data)
        for reply in replies:
            assert reply.status in STATUSES
            if reply.status == 200:
                self.claimed.add(reply.json["event_id"])
            elif reply.body:
                assert validator("error").is_valid(reply.json)
        assert self.told("/health")["events"] == len(self.claimed)
        return [reply.status for reply in replies]


@pytest.fixture(scope="module")
def watched():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mock_server.wire.HEAD_SECONDS", 0.02)
        patch.setattr("mock_server.body.STALL_SECONDS", 0.02)
        patch.setattr("mock_server.app.LINGER_SECONDS", 0.02)
        with running_mock() as here:
            yield Watched(here.url)


@settings(max_examples=200)
@given(data=noise())
def test_noise_is_answered_or_left_and_stores_only_what_was_answered_with_200(watched, data):
    note(str(watched.take(data)))


@settings(max_examples=300)
@given(data=damaged())
def test_a_damaged_request_gets_one_of_four_statuses_and_stores_only_what_it_says(watched, data):
    note(str(watched.take(data)))


def test_after_all_that_the_world_is_in_order(watched):
    before = watched.told("/health")["events"]
    watched.take(request(json.dumps(event("P#sane{d:1}")).encode()))
    assert watched.told("/health")["events"] == before + 1
    assert watched.told("/orders/ord-sane")["status"] == "placed"
