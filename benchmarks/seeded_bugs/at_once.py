"""Bugs between requests that come at the same moment."""

import asyncio
from dataclasses import replace

from contracts.http.idempotency import EarlierReply
from contracts.worlds.effects import ReplyRemembered
from contracts.worlds.world import World
from seeded_bugs import bug
from seeded_bugs.seams import deciding, sent, sent_key, world_of

SECONDS = 0.003


class _WithReplies(World):
    """A world with other idempotency keys."""

    def __init__(self, base, replies):
        super().__init__(base=base)
        self._other = replies

    def reply(self, key):
        return self._other.get(key)


@bug("concurrency")
def lost_update():
    """Two events of one order read it before either is stored; the second forgets the first."""

    async def new(old, store, key, decide):
        world = world_of(store, key)
        change = decide(world)
        await asyncio.sleep(SECONDS)
        named = [effect for effect in change.effects if isinstance(effect, ReplyRemembered)]
        if named and world.reply(named[0].key):
            change = decide(world)
        return await old(store, key, lambda _world: change)

    deciding(new)


def _race_for_a_key(takes_part):
    """Requests look for their key, and decide a moment later."""

    async def new(old, store, key, decide):
        if not takes_part(decide):
            return await old(store, key, decide)
        before = dict(world_of(store, key).replies)
        await asyncio.sleep(SECONDS)
        return await old(store, key, lambda world: decide(_WithReplies(world, before)))

    deciding(new)


@bug("concurrency")
def twins():
    """Two requests under one key look for it before either is stored: both are new."""
    _race_for_a_key(lambda _decide: True)


@bug("concurrency")
def twins_of_placements():
    """Only placements under one key race: both are new."""
    _race_for_a_key(lambda decide: b'"order_placed"' in sent(decide).body)


@bug("concurrency")
def twin_refused():
    """While a request is under way its twin is refused instead of waiting for the answer."""
    busy = set()

    async def new(old, store, key, decide):
        name = (key, sent_key(decide))
        if None in name:
            return await old(store, key, decide)
        if name in busy:
            replies = {name[1]: EarlierReply("busy", "evt-busy", "")}
            return await old(store, key, lambda world: decide(_WithReplies(world, replies)))
        busy.add(name)
        await asyncio.sleep(SECONDS)
        busy.discard(name)
        return await old(store, key, decide)

    deciding(new)


@bug("concurrency")
def placement_race():
    """An event that arrives while its order is being placed finds no order, and is lost."""

    async def new(old, store, key, decide):
        change = decide(world_of(store, key))
        if change.result.verdict.event_type == "order_placed":
            await asyncio.sleep(SECONDS)
        return await old(store, key, lambda _world: change)

    deciding(new)


@bug("concurrency")
def answers_swapped():
    """Two replies that are ready at the same moment can be swapped."""
    ready = []

    async def new(old, store, key, decide):
        own = [await old(store, key, decide), key]
        ready.append(own)
        await asyncio.sleep(SECONDS)
        if len(ready) > 1 and ready[0] is own and ready[1][1] == key:
            own[0], ready[1][0] = ready[1][0], own[0]
        ready.remove(own)
        return own[0]

    deciding(new)


@bug("concurrency")
def other_body_in_a_race():
    """Two bodies under one new key at the same moment are both accepted."""

    async def new(old, store, key, decide):
        named = sent_key(decide)
        if named is None:
            return await old(store, key, decide)
        known = world_of(store, key).reply(named) is not None
        await asyncio.sleep(SECONDS)

        def decide_late(world):
            change = decide(world)
            reused = any(
                finding.rule == "idempotency-key-reused"
                for finding in change.result.verdict.findings
            )
            if known or not reused:
                return change
            change = decide(_WithReplies(world, {}))
            effects = [
                effect for effect in change.effects if not isinstance(effect, ReplyRemembered)
            ]
            return replace(change, effects=tuple(effects))

        return await old(store, key, decide_late)

    deciding(new)


@bug("concurrency")
def stored_in_the_other_world():
    """Of two events at the same moment the second is stored in the world of the first."""
    busy = []

    async def new(old, store, key, decide):
        busy.append(key)
        first = busy[0]
        await asyncio.sleep(SECONDS)
        busy.remove(key)
        change = decide(world_of(store, key))
        return await old(store, first, lambda _world: change)

    deciding(new)
