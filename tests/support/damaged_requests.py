"""Bytes that are nearly requests: words of the protocol in any order, good requests with damage."""

import json
import random
from collections.abc import Iterator

from hypothesis import strategies as st
from server_mock import event
from server_sockets import chunks, request

EVENT = json.dumps(event("X#7")).encode()
GOOD = (
    request(EVENT),
    request(framing=chunks(EVENT[:9], EVENT[9:])),
    request(EVENT, changes={"Hakuna-Idempotency-Key": "k", "Connection": "close"}),
)

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
WORDS = (*TOKENS, *GOOD, b"POST /sandbox/events HTTP/1.1\r\n")


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
    words = st.sampled_from(WORDS)
    return b"".join(draw(st.lists(words | st.binary(max_size=30), max_size=12)))


def random_strings(count: int, seed: int) -> Iterator[bytes]:
    """The same strings for the same seed: bytes, text, words of the protocol, damaged requests."""
    seeded = random.Random(seed)
    makers = (_bytes, _text, _words, _damaged)
    for number in range(count):
        yield makers[number % len(makers)](seeded)


def _bytes(seeded: random.Random) -> bytes:
    return seeded.randbytes(seeded.randint(1, 300))


def _text(seeded: random.Random) -> bytes:
    letters = b'POST /:HTTP1.\r\n \t\x00ab{}[]",0\xc3\xa9'
    return bytes(seeded.choices(letters, k=seeded.randint(1, 300)))


def _words(seeded: random.Random) -> bytes:
    return b"".join(seeded.choices(WORDS, k=seeded.randint(1, 12)))


def _damaged(seeded: random.Random) -> bytes:
    data = bytearray(seeded.choice(GOOD))
    for _ in range(seeded.randint(1, 6)):
        place = seeded.randrange(len(data))
        data[place : place + seeded.randint(0, 3)] = seeded.randbytes(seeded.randint(0, 3))
    return bytes(data)
