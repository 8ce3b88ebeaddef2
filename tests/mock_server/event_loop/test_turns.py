"""Where more requests come than there is time for, each client gets its share."""

import asyncio
import socket
from collections.abc import Callable

import pytest
from damaged_requests import EVENT
from server_mock import OTHER_KEY
from server_sockets import PATIENCE, request

from mock_server.app import create_app
from mock_server.event_loop.turns import MAX_KNOWN, ROUND_SECONDS, Turns, client_of
from mock_server.server_state import SERVER
from mock_server.serving import listening
from mock_server.settings import Settings


class Stopwatch:
    """A clock that moves by what a request takes."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def turns(stopwatch: Stopwatch) -> Turns:
    return Turns(stopwatch)


def _taking(
    stopwatch: Stopwatch, seconds: float, served: list[str], name: str
) -> Callable[[], None]:
    def serve() -> None:
        stopwatch.now += seconds
        served.append(name)

    return serve


async def _until(done: Callable[[], bool]) -> int:
    rounds = 0
    while not done():
        await asyncio.sleep(0)
        rounds += 1
        assert rounds < 10_000
    return rounds


async def test_a_request_is_served_at_once_where_there_is_time(turns, stopwatch):
    served: list[str] = []
    for number in range(5):
        turns.take(_taking(stopwatch, ROUND_SECONDS, served, str(number)), lambda: "one")
        assert served[-1] == str(number)
        stopwatch.now += 1.0  # the next one comes later


async def test_a_round_ends_after_its_time(turns, stopwatch):
    served: list[str] = []
    for number in range(100):
        turns.take(_taking(stopwatch, ROUND_SECONDS / 4, served, str(number)), lambda: "one")
    assert len(served) == 4
    while len(served) < 100:
        before = len(served)
        await asyncio.sleep(0)
        assert len(served) - before <= 5
    assert served == [str(number) for number in range(100)]


async def test_a_client_with_one_request_does_not_wait_for_one_with_a_thousand(turns, stopwatch):
    served: list[str] = []
    for _ in range(1_000):
        turns.take(_taking(stopwatch, ROUND_SECONDS, served, "busy"), lambda: "busy")
    turns.take(_taking(stopwatch, ROUND_SECONDS, served, "modest"), lambda: "modest")
    await _until(lambda: "modest" in served)
    assert len(served) < 20


async def test_clients_that_never_pause_get_the_same_time_whatever_a_request_takes(
    turns, stopwatch
):
    served: list[str] = []
    for _ in range(1_000):
        for name, seconds in (("cheap", 0.0001), ("dear", 0.0004)):
            turns.take(_taking(stopwatch, seconds, served, name), lambda name=name: name)
    await _until(lambda: len(served) >= 500)
    assert served.count("cheap") == pytest.approx(4 * served.count("dear"), rel=0.1)


async def test_a_client_that_is_known_comes_before_new_ones(turns, stopwatch):
    """Who sends a new key with every request is not served first with each of them."""
    served: list[str] = []
    for _ in range(3):  # the modest one has waited before
        turns.take(_taking(stopwatch, ROUND_SECONDS, served, "modest"), lambda: "modest")
    await _until(lambda: len(served) == 3)
    for number in range(1_000):
        name = str(number)
        turns.take(_taking(stopwatch, ROUND_SECONDS, served, name), lambda name=name: name)
    turns.take(_taking(stopwatch, ROUND_SECONDS, served, "modest"), lambda: "modest")
    await _until(lambda: served.count("modest") == 4)
    assert len(served) <= 8


async def test_new_clients_are_served_where_known_ones_never_pause(turns, stopwatch):
    served: list[str] = []
    for _ in range(2_000):
        turns.take(_taking(stopwatch, ROUND_SECONDS, served, "busy"), lambda: "busy")
    turns.take(_taking(stopwatch, 0, served, "new"), lambda: "new")
    await _until(lambda: "new" in served)
    assert len(served) < 20


async def test_a_task_waits_for_the_turn_of_its_client(turns, stopwatch):
    served: list[str] = []
    for _ in range(100):
        turns.take(_taking(stopwatch, ROUND_SECONDS, served, "busy"), lambda: "busy")
    await asyncio.wait_for(turns.wait(lambda: "modest"), 5)
    assert len(served) < 30


async def test_a_task_that_is_gone_holds_up_nobody(turns, stopwatch):
    served: list[str] = []
    for _ in range(3):
        turns.take(_taking(stopwatch, ROUND_SECONDS, served, "busy"), lambda: "busy")
    gone = asyncio.ensure_future(turns.wait(lambda: "gone"))
    await asyncio.sleep(0)
    gone.cancel()
    turns.take(_taking(stopwatch, 0, served, "last"), lambda: "gone")
    await _until(lambda: "last" in served)


async def test_one_that_fails_holds_up_nobody(turns, stopwatch):
    served: list[str] = []
    raised: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: raised.append(context))

    def fail() -> None:
        raise RuntimeError("a fault of ours")

    turns.take(_taking(stopwatch, ROUND_SECONDS, served, "first"), lambda: "one")
    turns.take(fail, lambda: "one")
    turns.take(_taking(stopwatch, 0, served, "last"), lambda: "one")
    await _until(lambda: "last" in served)
    assert len(raised) == 1


async def test_at_the_end_all_that_wait_are_served(turns, stopwatch):
    served: list[str] = []
    for number in range(50):
        name = str(number % 3)
        turns.take(_taking(stopwatch, ROUND_SECONDS, served, name), lambda name=name: name)
    turns.finish()
    assert len(served) == 50


async def test_what_is_remembered_of_clients_ends_with_the_crowd(turns, stopwatch):
    served: list[str] = []
    for number in range(5_000):
        name = str(number)
        turns.take(_taking(stopwatch, ROUND_SECONDS, served, name), lambda name=name: name)
    await _until(lambda: len(served) == 5_000)
    assert not turns._shares
    assert len(turns._known) == MAX_KNOWN
    assert not turns._queues
    assert not turns._next


def test_without_a_key_a_client_is_a_connection():
    item, another = object(), object()
    assert client_of((), item) != client_of((), another)
    key = (("Accept", "*/*"), ("authorization", "Bearer sk_test_a"))
    assert client_of(key, item) == client_of(key, another) == "Bearer sk_test_a"


@pytest.mark.parametrize(
    "their_changes",
    [{}, {"Expect": "a-miracle"}],
    ids=["events", "unusual requests"],
)
async def test_a_crowd_of_one_client_is_not_felt_by_another(their_changes):
    """All of them ask at the same moment, the other client last."""
    app = create_app(Settings(port=0))
    async with listening(app) as where:
        crowd = [await _connected(where.url) for _ in range(200)]
        other = await _connected(where.url)
        for connection in crowd:
            connection.send(request(EVENT, changes=their_changes))
        other.send(request(EVENT, changes={"Authorization": f"Bearer {OTHER_KEY}"}))
        loop = asyncio.get_running_loop()
        for connection in (*crowd, other):
            reply = await asyncio.wait_for(loop.sock_recv(connection, 65_536), PATIENCE)
            assert reply.startswith(b"HTTP/1.1 ")
            connection.close()
        worlds = app[SERVER].store._worlds.by_id.values()
        (own,) = [rows[0] for world in worlds if len(rows := list(world.journal.rows)) == 1]
        assert own[1].seq < 100


async def _connected(url: str) -> socket.socket:
    connection = socket.socket()
    connection.setblocking(False)
    host, port = url.removeprefix("http://").split(":")
    await asyncio.get_running_loop().sock_connect(connection, (host, int(port)))
    await asyncio.sleep(0.001)  # it is accepted
    return connection
