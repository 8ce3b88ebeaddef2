"""A plain event takes a short way to its reply, and nobody can tell: both ways answer alike.

`make ways` compares them over 50,000 requests.
"""

import asyncio
import os
import random
from contextlib import closing

import pytest
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpRequestParser
from bare_connection import BareServer
from chooser import Chooser
from damaged_requests import EVENT, damaged
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model_conversations import conversation
from server_sockets import request

from mock_server.http.plain_requests import MAX_LINES, plain_request
from mock_server.server_state import SERVER
from mock_server.settings import Settings

REQUESTS = int(os.environ.get("HAKUNA_REQUESTS", "1500"))

HEADS = (
    {"Connection": "keep-alive"},
    {"Connection": "close"},
    {"Expect": "100-continue"},
    {"Expect": "a-miracle"},
    {"Content-Encoding": "gzip"},
    {"Content-Encoding": "identity"},
    {"Upgrade": "h2c", "Connection": "Upgrade"},
    {"Transfer-Encoding": "chunked"},
    {"X-Odd": "\xe9\xff"},
    {"X-Tab": "a\tb"},
    {"x-lower": "k_", "HAKUNA-VERSION": "v2.0"},
    {"Cookie": "a=b; c=d"},
    {"Hakuna-Mock-Fault": "unavailable"},
    {"Hakuna-Mock-Fault": "connection_reset"},
    {"Hakuna-Mock-Fault": "misspelt"},
    {"X-Empty": ""},
    {"X-Blanks": " a  b "},
    {"X.Dot": "a"},
    {"host": "twice"},
    {"content-length": "2"},
    {"Sec-WebSocket-Key1": "x"},
    {"X-Long": "a" * 5_000},
    {f"X-{n}": "more than many" for n in range(70)},
    {f"X-{n}": "more than anybody" for n in range(140)},
    {f"X-{n}": "many" for n in range(40)},
)


async def both_ways(pieces_of_each, *, crowd=False):
    """What a server writes in the short way and in the ordinary one, request by request."""
    async with (
        BareServer(short_way=True, crowd=crowd) as short,
        BareServer(short_way=False) as plain,
    ):
        for pieces in pieces_of_each:
            assert await short.say(*pieces) == await plain.say(*pieces), pieces
            short.now = plain.now = short.now + 1_000_000
        assert kept(short) == kept(plain)
        return short.taken


def kept(server):
    """Everything that the server has stored and noted, durations aside."""
    state = server.app[SERVER]
    worlds = state.store._worlds
    every = [worlds.shared, *worlds.by_id.values()]
    return {
        "worlds": list(worlds.by_id),
        "orders": [world.orders for world in every],
        "coverage": [world.coverage.counts() for world in every],
        "journal": [
            {**entry.to_json(None), "duration_ms": 0}
            for world in every
            for _, entry in world.journal.rows
        ],
        "latest": state.latest_seq,
    }


def raw(asked) -> bytes:
    lines = [f"{asked.method} {asked.path} HTTP/1.1", "Host: shop.example"]
    lines += [f"{name}: {value}" for name, value in asked.headers]
    lines += [f"Content-Length: {len(asked.body)}", "", ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + asked.body


def test_conversations_are_answered_alike_and_mostly_in_the_short_way():
    message = 0

    def requests():
        nonlocal message
        for seed in range(10**9):
            for turn in conversation(Chooser(random.Random(seed).randrange)):
                if message >= REQUESTS:
                    return
                message += 1
                yield (raw(turn.asked),)

    taken = asyncio.run(both_ways(requests()))
    assert taken > REQUESTS / 2


@pytest.mark.parametrize("changes", HEADS, ids=lambda changes: "+".join(changes)[:40])
def test_what_is_unusual_in_a_head_is_answered_alike(changes):
    usual = request(EVENT)
    odd = request(EVENT, changes={**changes, "Hakuna-Idempotency-Key": "odd"})
    asyncio.run(both_ways([(usual,), (odd,), (usual,)]))


NAMES = ("Host", "Via", "connection", "Upgrade", "Expect", "Transfer-Encoding", "Content-Length")
VALUES = ["keep-alive", "close", "Keep-Alive", "upgrade", "gzip", "chunked", "2", "02", "+2"]
LETTERS = "aZ-_.: \t\x00\x7f\xe9,;\r\n"


@st.composite
def heads(draw) -> bytes:
    """An event of two bytes behind a head that is nearly plain."""
    lines = [b"Host: shop\r\n"] * draw(st.sampled_from([1, 1, 1, 0, 2]))
    lines += [b"Content-Length: 2\r\n"] * draw(st.sampled_from([1, 1, 1, 0, 2]))
    for _ in range(draw(st.sampled_from([0, 1, 2, 3, MAX_LINES]))):
        name = draw(st.sampled_from(NAMES) | st.text(LETTERS, max_size=4))
        mark = draw(st.sampled_from([": ", ": ", ": ", ":", " : ", ":\t", ""]))
        value = draw(st.sampled_from(VALUES) | st.text(LETTERS, max_size=4))
        end = draw(st.sampled_from(["\r\n", "\r\n", "\r\n", "\n", "\r"]))
        lines.insert(draw(st.integers(0, 1)), f"{name}{mark}{value}{end}".encode("latin-1"))
    return b"POST /sandbox/events HTTP/1.1\r\n" + b"".join(lines) + b"\r\n{}"


@settings(max_examples=REQUESTS)
@given(heads())
def test_what_is_read_as_plain_the_parser_reads_alike(data):
    plain = plain_request(data, 1000)
    if plain is None:
        return

    with closing(asyncio.new_event_loop()) as loop:
        parser = HttpRequestParser(BaseProtocol(loop), loop, 2**16)
        ((message, payload),), upgraded, tail = parser.feed_data(data)
    assert not upgraded
    assert not tail
    assert (message.method, message.path) == ("POST", "/sandbox/events")
    assert not message.should_close
    lines = [(name.decode(), value.decode()) for name, value in message.raw_headers]
    assert list(plain.headers) == lines
    assert payload.is_eof()
    assert plain.body == payload.read_nowait(-1) == b"{}"


def test_most_heads_are_plain():
    good = request(b"{}", changes={"Connection": "Keep-Alive", "X-a_b": "any, text; with=marks"})
    assert plain_request(good, 1000) is not None
    assert plain_request(good + b"P", 1000) is None
    assert plain_request(good[:-1], 1000) is None
    assert plain_request(good, 1) is None


@pytest.fixture
def _short_waits(monkeypatch):
    monkeypatch.setattr("mock_server.app.LINGER_SECONDS", 0.02)
    monkeypatch.setattr("mock_server.http.admission.LINGER_SECONDS", 0.02)
    monkeypatch.setattr("mock_server.http.connection.HEAD_SECONDS", 0.02)
    monkeypatch.setattr("mock_server.http.request_body.STALL_SECONDS", 0.02)


@pytest.mark.usefixtures("_short_waits")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(damaged(), min_size=1, max_size=4), st.randoms(), st.booleans())
def test_damage_and_pieces_are_answered_alike(requests, chance, crowd):
    def in_pieces(data):
        cut = chance.randrange(len(data) + 1)
        return tuple(filter(None, chance.choice([(data,), (data[:cut], data[cut:])])))

    asyncio.run(both_ways([in_pieces(item) for item in requests if item], crowd=crowd))


@pytest.mark.parametrize("crowd", [False, True])
def test_several_in_one_piece_or_while_one_waits_are_answered_in_their_order(crowd):
    first, second = request(EVENT), request(b"{}")
    pieces = [(first + second,), (first, second), (second + first + second,)]
    pieces += [(first, second[:30], second[30:]), (first, b"", second)]
    asyncio.run(both_ways(pieces, crowd=crowd))


@pytest.mark.parametrize("many_wait", [False, True])
def test_an_event_that_arrived_is_judged_once_though_its_client_is_gone(many_wait):
    async def kept_events():
        bound = Settings(seed=1, max_connections=1 if many_wait else 5)
        async with BareServer(short_way=True, crowd=True, settings=bound) as server:
            state = server.app[SERVER]
            for _ in range(3):
                state.turns.take(lambda: None, lambda: "others")
            server.connection.data_received(request(EVENT))
            assert state.latest_seq == 0
            server.connection.connection_lost(ConnectionResetError())
            assert state.latest_seq == int(many_wait)
            await asyncio.sleep(0.01)
            return state.latest_seq

    assert asyncio.run(kept_events()) == 1


def test_events_that_wait_are_judged_before_the_server_ends():
    async def reply():
        async with BareServer(short_way=True, crowd=True) as server:
            server.connection.data_received(request(EVENT))
            await server.app.shutdown()
            return server.wire.written

    assert asyncio.run(reply()).startswith(b"HTTP/1.1 200")


def test_a_fault_of_ours_is_a_500_and_no_traceback(monkeypatch):
    def broken(*_):
        raise ZeroDivisionError

    async def replies():
        async with BareServer(short_way=True) as server:
            good = await server.say(request(EVENT))
            with monkeypatch.context() as patch:
                patch.setattr("mock_server.http.judging.judge", broken)
                bad = await server.say(request(EVENT))
            return good, bad, await server.say(request(EVENT))

    good, bad, after = asyncio.run(replies())
    assert good.startswith(b"HTTP/1.1 200")
    assert after.startswith(b"HTTP/1.1 200")
    assert b"hakuna-mock itself failed" in bad
    assert b"ZeroDivision" not in bad
