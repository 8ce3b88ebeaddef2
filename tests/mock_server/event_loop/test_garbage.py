"""No collection of garbage takes long, and what is not looked at any more is not garbage."""

import asyncio
import gc

import pytest

from mock_server.event_loop import garbage
from mock_server.event_loop.garbage import Garbage
from mock_server.http.connection import Connection

GET = b"GET /_mock/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def steps(monkeypatch):
    """What is asked of the collector, and nothing of it done."""
    asked = []
    monkeypatch.setattr(garbage, "STEP_SECONDS", 0.001)
    monkeypatch.setattr(garbage.gc, "collect", asked.append)
    monkeypatch.setattr(garbage.gc, "freeze", lambda: asked.append("freeze"))
    return asked


async def test_requests_that_come_one_after_the_other_are_looked_at_in_steps(steps):
    collector = Garbage()
    while len(steps) < 6:
        collector.note()
        collector.note()
        await asyncio.sleep(0.002)
    assert steps == [0, 0, 0, 0, 1, "freeze"]


async def test_without_requests_nothing_is_done(steps):
    Garbage()
    await asyncio.sleep(0.02)
    assert steps == []


@pytest.fixture
def _no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_no_collector")
async def test_a_connection_that_ended_leaves_nothing_that_only_a_collector_finds(line):
    async def one():
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        writer.write(GET)
        await reader.readuntil(b"}")
        writer.transport.abort()

    def servers_side():
        kinds = [type(one) for one in gc.get_objects()]
        transports = [kind for kind in kinds if issubclass(kind, asyncio.Transport)]
        return kinds.count(Connection), len(transports)

    before = servers_side()
    for _ in range(5):
        await one()
    await asyncio.sleep(0.05)
    left = servers_side()
    assert left[0] == before[0]
    assert left[1] - before[1] <= 5, "the clients' own sides at most"
