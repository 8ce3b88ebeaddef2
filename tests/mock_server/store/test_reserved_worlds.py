"""What is decided aside reserves its world, and nobody else's."""

import asyncio

import pytest

from contracts.worlds.effects import WorldReset
from contracts.worlds.policy import Policy
from mock_server.store.memory import MemoryStore, world_id_of
from mock_server.store.protocol import Change

KEY, OTHER = "sk_test_" + "one", "sk_test_" + "two"


class Held:
    """An `aside` whose jobs begin when they are released."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.released = asyncio.Event()

    async def __call__(self, job):
        self.began.set()
        await self.released.wait()
        return job()


def noting(order, name):
    def decide(_world):
        order.append(name)
        return Change(name, ())

    return decide


@pytest.fixture
async def held():
    """A store whose world of KEY is reserved, and what was decided so far."""
    store, order, aside = MemoryStore(Policy()), [], Held()
    slow = asyncio.create_task(store.change_key(KEY, noting(order, "slow"), aside))
    await aside.began.wait()
    yield store, order, aside
    aside.released.set()
    assert await slow == "slow"


async def test_the_same_world_waits_and_another_one_does_not(held):
    store, order, aside = held
    waiting = [
        asyncio.create_task(store.change_key(KEY, noting(order, name))) for name in ("a", "b")
    ]
    assert await store.change_key(OTHER, noting(order, "other")) == "other"
    await asyncio.sleep(0.01)
    assert order == ["other"]
    aside.released.set()
    assert await asyncio.gather(*waiting) == ["a", "b"]
    assert order == ["other", "slow", "a", "b"]


@pytest.mark.parametrize("what", ["delete", "change_all"])
async def test_what_would_change_it_from_outside_waits(held, what):
    store, order, aside = held
    if what == "delete":
        task = asyncio.create_task(store.delete(world_id_of(KEY)))
    else:
        task = asyncio.create_task(store.change_all(lambda _: Change(None, (WorldReset(),))))
    await asyncio.sleep(0.01)
    assert not task.done()
    aside.released.set()
    await task
    assert order == ["slow"]


async def test_it_can_be_read_meanwhile(held):
    store, _, _ = held
    assert (await store.read()).knows(world_id_of(KEY))


async def test_an_error_releases_it():
    store, order = MemoryStore(Policy()), []

    async def broken(_job):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await store.change_key(KEY, noting(order, "broken"), broken)
    assert await store.change_key(KEY, noting(order, "next")) == "next"
