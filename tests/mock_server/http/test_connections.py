"""How many connections may be open, and how long a client may leave its reply unread."""

import asyncio
import socket
from contextlib import AsyncExitStack

import pytest
from server_mock import event
from server_sockets import replies_in, request

GOOD = request(event("X"))
SOON = 20.0
"""Seconds: a guard against a busy machine, nothing is measured with it."""


class Held:
    """An open connection."""

    def __init__(self, reader, writer) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, data: bytes = GOOD) -> int | None:
        """The status that comes back, None where the connection was closed."""
        message = b""
        try:
            self.writer.write(data)
            async with asyncio.timeout(SOON):
                while not (replies := replies_in(message)):
                    chunk = await self.reader.read(65_536)
                    if not chunk:
                        return None
                    message += chunk
        except ConnectionError:
            return None
        self.said = replies[0]
        return replies[0].status

    async def closed(self) -> bool:
        async with asyncio.timeout(SOON):
            try:
                return not await self.reader.read(1)
            except ConnectionError:
                return True


@pytest.fixture
async def opened():
    """Opens connections that end with the test."""
    async with AsyncExitStack() as held:

        async def one(line) -> Held:
            reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
            held.callback(writer.close)
            await asyncio.sleep(0.01)  # it is accepted
            return Held(reader, writer)

        yield one


async def test_one_connection_too_many_takes_the_place_of_the_oldest_that_waits(start_line, opened):
    line = await start_line(max_connections=3)
    first, second, third = [await opened(line) for _ in range(3)]
    for item in (second, first, third):
        assert await item.ask() == 200
    fourth = await opened(line)
    assert await fourth.ask() == 200
    assert await first.closed()
    assert [await item.ask() for item in (second, third, fourth)] == [200] * 3


async def test_where_all_stay_busy_the_new_one_is_told_why_it_is_refused(
    start_line, opened, monkeypatch
):
    monkeypatch.setattr("mock_server.http.admission.CROWD_SECONDS", 0.2)
    line = await start_line(max_connections=2)
    half = GOOD[:-5]
    busy = [await opened(line) for _ in range(2)]
    for item in busy:
        item.writer.write(half)
    await asyncio.sleep(0.05)
    late = await opened(line)
    assert await late.ask() == 400
    assert "2 connections open, its limit" in late.said.json["error"]["validation_errors"][0]
    assert "--max-connections" in late.said.body.decode()
    assert late.said.headers["connection"] == "close"
    assert await late.closed()
    assert [await item.ask(GOOD[-5:]) for item in busy] == [200] * 2
    again = await opened(line)
    assert await again.ask() == 200


async def test_where_one_gets_free_the_new_one_only_waits(start_line, opened):
    line = await start_line(max_connections=1)
    busy, late = await opened(line), await opened(line)
    busy.writer.write(GOOD[:-5])
    waiting = asyncio.ensure_future(late.ask())
    await asyncio.sleep(0.1)
    assert await busy.ask(GOOD[-5:]) == 200
    assert await waiting == 200


async def test_silent_connections_cost_nobody_a_connection_that_is_in_use(start_line, opened):
    line = await start_line(max_connections=2)
    used = await opened(line)
    assert await used.ask() == 200
    silent = [await opened(line) for _ in range(20)]
    await asyncio.sleep(0.05)
    assert await used.ask() == 200
    del silent


async def test_a_refused_one_that_says_nothing_is_told_and_closed_as_well(start_line, opened):
    line = await start_line(max_connections=1)
    busy = await opened(line)
    busy.writer.write(GOOD[:-5])
    await asyncio.sleep(0.05)
    late = await opened(line)
    async with asyncio.timeout(SOON):
        message = await late.reader.read()
    assert [reply.status for reply in replies_in(message)] == [400]


async def test_far_beyond_the_limit_connections_are_closed_without_a_word(
    start_line, opened, monkeypatch
):
    monkeypatch.setattr("mock_server.http.admission.max_refused", lambda _: 0)
    line = await start_line(max_connections=1)
    busy = await opened(line)
    busy.writer.write(GOOD[:-5])
    await asyncio.sleep(0.05)
    assert await (await opened(line)).closed()
    assert await busy.ask(GOOD[-5:]) == 200


async def test_silent_connections_make_room_once_they_are_old(start_line, opened, monkeypatch):
    monkeypatch.setattr("mock_server.http.admission.FRESH_SECONDS", 0.0)
    line = await start_line(max_connections=2)
    silent = [await opened(line) for _ in range(2)]
    assert await (await opened(line)).ask() == 200
    assert await silent[0].closed()


async def test_hundreds_at_once_on_a_small_server_are_each_answered_or_closed(start_line, opened):
    line = await start_line(max_connections=20)

    async def one() -> int | None:
        return await (await opened(line)).ask()

    answers = await asyncio.gather(*(one() for _ in range(300)))
    assert set(answers) <= {200, 400, None}
    assert 200 in answers
    await asyncio.sleep(0.7)
    assert await (await opened(line)).ask() == 200


def greedy(port: int) -> socket.socket:
    """A client that asks for more than the buffers hold and reads none of it."""
    client = socket.socket()
    client.connect(("127.0.0.1", port))
    client.setblocking(False)
    return client


ASKED = b"GET /_mock/v1/rules HTTP/1.1\r\nHost: localhost\r\n\r\n" * 400


async def test_a_client_that_leaves_its_replies_unread_is_cut_off(start_line, monkeypatch):
    monkeypatch.setattr("mock_server.http.slow_reader.READER_SECONDS", 0.1)
    line = await start_line()
    loop = asyncio.get_running_loop()
    with greedy(line.port) as client:
        await loop.sock_sendall(client, ASKED)
        async with asyncio.timeout(SOON):
            while (await line.get("/health"))["status"] == "ok":
                # Only a client that writes learns of a reset without reading.
                try:
                    await loop.sock_sendall(client, b"\r\n")
                except ConnectionError:
                    break
                await asyncio.sleep(0.05)


async def test_a_client_that_reads_slowly_gets_all_of_it(start_line, monkeypatch):
    monkeypatch.setattr("mock_server.http.slow_reader.READER_SECONDS", 1.0)
    line = await start_line()
    loop = asyncio.get_running_loop()
    count = ASKED.count(b"GET")
    message = bytearray()
    with greedy(line.port) as client:
        await loop.sock_sendall(client, ASKED)
        async with asyncio.timeout(30):
            while message.count(b"HTTP/1.1 200") < count:
                chunk = await loop.sock_recv(client, 200_000)
                assert chunk, "it was cut off"
                message += chunk
                await asyncio.sleep(0.005)


async def test_clients_that_hang_on_demand_make_room_for_others(start_line, opened):
    """Else an outage that hangs would lock out the call that ends it."""
    line = await start_line(max_connections=2)
    hung = [await opened(line) for _ in range(2)]
    for item in hung:
        item.writer.write(request(event("X"), changes={"Hakuna-Mock-Fault": "timeout"}))
    await asyncio.sleep(0.05)
    late = await opened(line)
    assert await late.ask(request(method="GET", path="/_mock/v1/health")) == 200
    assert await hung[0].closed()
