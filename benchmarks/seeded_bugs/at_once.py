"""Bugs between requests that come at the same moment."""

import asyncio
from dataclasses import replace

from contracts.http.idempotency import EarlierReply
from contracts.worlds.world import World
from mock_server.store.memory import MemoryStore
from seeded_bugs import around, bug

SECONDS = 0.003


def _decide(new):
    around(MemoryStore, "decide", new)


@bug("concurrency")
def lost_update():
    """Two events of one order read it before either is stored; the second forgets the first."""

    async def decide(old, self, address, arrived, decider):
        if address.key is None:
            return await old(self, address, arrived, decider)
        world = self._world_of(address.key)
        verdict = decider(world.state, world.policy)
        await asyncio.sleep(SECONDS)
        named = verdict.accepted.idempotency if verdict.accepted else None
        if named and world.state.reply(named[0]):
            verdict = decider(world.state, world.policy)
        world.commit(verdict, arrived)
        return verdict

    _decide(decide)


class _WithoutReplies(World):
    """A world whose idempotency keys are as they were a moment ago."""

    def __init__(self, base, replies):
        super().__init__(base)
        self._old = replies

    def reply(self, key):
        return self._old.get(key)


@bug("concurrency")
def twins():
    """Two requests under one key look for it before either is stored: both are new."""

    async def decide(old, self, address, arrived, decider):
        if address.key is None:
            return await old(self, address, arrived, decider)
        world = self._world_of(address.key)
        before = dict(world.state.replies)
        await asyncio.sleep(SECONDS)
        verdict = decider(_WithoutReplies(world.state, before), world.policy)
        world.commit(verdict, arrived)
        return verdict

    _decide(decide)


@bug("concurrency")
def twins_of_placements():
    """Only placements under one key race: both are new."""

    async def decide(old, self, address, arrived, decider):
        if address.key is None or b'"order_placed"' not in arrived.body:
            return await old(self, address, arrived, decider)
        world = self._world_of(address.key)
        before = dict(world.state.replies)
        await asyncio.sleep(SECONDS)
        verdict = decider(_WithoutReplies(world.state, before), world.policy)
        world.commit(verdict, arrived)
        return verdict

    _decide(decide)


@bug("concurrency")
def twin_refused():
    """While a request is under way its twin is refused instead of waiting for the answer."""
    busy = set()

    async def decide(old, self, address, arrived, decider):
        name = (address.key, address.idempotency_key)
        if None in name:
            return await old(self, address, arrived, decider)
        world = self._world_of(address.key)
        if name in busy:
            state = World(world.state)
            state.replies[address.idempotency_key] = EarlierReply("busy", "evt-busy", "")
            verdict = decider(state, world.policy)
            world.commit(verdict, arrived)
            return verdict
        busy.add(name)
        await asyncio.sleep(SECONDS)
        busy.discard(name)
        return await old(self, address, arrived, decider)

    _decide(decide)


@bug("concurrency")
def placement_race():
    """An event that arrives while its order is being placed finds no order, and is lost."""

    async def decide(old, self, address, arrived, decider):
        if address.key is None:
            return await old(self, address, arrived, decider)
        world = self._world_of(address.key)
        verdict = decider(world.state, world.policy)
        if verdict.event_type == "order_placed":
            await asyncio.sleep(SECONDS)
        world.commit(verdict, arrived)
        return verdict

    _decide(decide)


@bug("concurrency")
def answers_swapped():
    """Two replies that are ready at the same moment can be swapped."""
    ready = []

    async def decide(old, self, address, arrived, decider):
        verdict = await old(self, address, arrived, decider)
        mine = [verdict]
        ready.append(mine)
        await asyncio.sleep(SECONDS)
        if len(ready) > 1 and ready[0] is mine and ready[1][0].key == verdict.key:
            mine[0], ready[1][0] = ready[1][0], mine[0]
        ready.remove(mine)
        return mine[0]

    _decide(decide)


@bug("concurrency")
def other_body_in_a_race():
    """Two bodies under one new key at the same moment are both accepted."""

    async def decide(old, self, address, arrived, decider):
        key = address.idempotency_key
        if address.key is None or key is None:
            return await old(self, address, arrived, decider)
        world = self._world_of(address.key)
        known = world.state.reply(key) is not None
        await asyncio.sleep(SECONDS)
        verdict = decider(world.state, world.policy)
        if not known and any(one.rule == "idempotency-key-reused" for one in verdict.findings):
            kept = world.state.replies.pop(key)
            verdict = decider(world.state, world.policy)
            world.state.replies[key] = kept
            if verdict.accepted:
                accepted = replace(verdict.accepted, idempotency=None)
                verdict = replace(verdict, accepted=accepted)
        world.commit(verdict, arrived)
        return verdict

    _decide(decide)


@bug("concurrency")
def stored_in_the_other_world():
    """Of two events at the same moment the second is stored in the world of the first."""
    busy = []

    async def decide(old, self, address, arrived, decider):
        if address.key is None:
            return await old(self, address, arrived, decider)
        busy.append(address.key)
        first = busy[0]
        await asyncio.sleep(SECONDS)
        busy.remove(address.key)
        world = self._world_of(address.key)
        verdict = decider(world.state, world.policy)
        self._world_of(first).commit(verdict, arrived)
        return verdict

    _decide(decide)
