"""Bugs between worlds, and between requests that come at the same moment."""

import asyncio
import unicodedata
from dataclasses import replace

from contracts.idempotency import EarlierReply
from contracts.scratch import ScratchWorld
from mock_server import memory_store
from mock_server.control import narrowing, rehearsal, scenarios
from mock_server.memory_store import MemoryStore, _MemoryWorld
from seeded_bugs import around, bug

SECONDS = 0.003


def _named(name):
    """Another name for a key's world."""
    for module in (memory_store, narrowing, scenarios):
        module.world_id_of = name


_WORLD = memory_store.world_id_of


@bug("isolation")
def keys_without_case():
    """Keys that differ in their case share a world."""
    _named(lambda key: _WORLD(key.lower()))


@bug("isolation")
def keys_cut_off():
    """Keys that are alike but for their last character share a world."""
    _named(lambda key: _WORLD(key[:-1]))


@bug("isolation")
def keys_as_they_are_shown():
    """Keys that look alike when masked share a world."""
    _named(lambda key: _WORLD(memory_store.mask(key)))


def _all_states():
    states = []
    around(
        ScratchWorld,
        "__init__",
        lambda old, self, *base: (old(self, *base), states.append(self))[0],
    )
    return states


@bug("isolation")
def orders_of_all_worlds():
    """An order that is unknown in one world is looked for in the others."""
    states = _all_states()

    def order(old, self, order_id):
        return old(self, order_id) or next(
            (found for one in states if (found := one.orders.get(order_id))), None
        )

    around(ScratchWorld, "order", order)


@bug("isolation")
def idempotency_keys_of_all_worlds():
    """Idempotency keys are those of all worlds."""
    states = _all_states()

    def reply(old, self, key):
        return old(self, key) or next(
            (found for one in states if (found := one.replies.get(key))), None
        )

    around(ScratchWorld, "reply", reply)


@bug("isolation")
def duplicates_of_all_worlds():
    """An event that another world had is a duplicate."""
    states = _all_states()

    def order(old, self, order_id):
        found = old(self, order_id)
        if found is None:
            return None
        known = {}
        for one in states:
            if order_id in one.orders:
                known = {**known, **one.orders[order_id].accepted}
        return replace(found, accepted={**known, **found.accepted})

    around(ScratchWorld, "order", order)


@bug("isolation")
def settings_of_all_worlds():
    """What one world is told all are told."""

    async def set_policy(_old, self, _key, _world_id, policy):
        self._policy = policy
        for world in self._worlds.values():
            world.policy = policy
        return True

    around(MemoryStore, "set_policy", set_policy)


@bug("isolation")
def settings_of_new_worlds():
    """What one world is told new worlds are told as well."""

    async def set_policy(old, self, key, world_id, policy):
        self._policy = policy
        return await old(self, key, world_id, policy)

    around(MemoryStore, "set_policy", set_policy)


@bug("isolation")
def reset_of_all_worlds():
    """The reset of one world clears all."""

    async def reset(old, self, _world_id):
        for world_id in list(self._worlds):
            await old(self, world_id)

    around(MemoryStore, "reset", reset)


def _reset_keeps(*names):
    def reset(old, self):
        kept = {name: getattr(self, name) for name in names if hasattr(self, name)}
        old(self)
        for name, value in kept.items():
            setattr(self, name, value)

    around(_MemoryWorld, "reset", reset)


@bug("isolation")
def reset_keeps_findings():
    """A reset leaves the findings."""
    _reset_keeps("findings")


@bug("isolation")
def reset_keeps_events():
    """A reset leaves the list of events."""
    _reset_keeps("events")


@bug("isolation")
def reset_keeps_orders():
    """A reset leaves the orders."""
    _reset_keeps("state", "events_of_order", "events")


@bug("isolation")
def reset_keeps_idempotency_keys():
    """A reset leaves the idempotency keys."""

    def reset(old, self):
        kept = self.state.replies if hasattr(self, "state") else {}
        old(self)
        self.state.replies.update(kept)

    around(_MemoryWorld, "reset", reset)


@bug("isolation")
def reset_keeps_waiting_events():
    """A reset leaves the events that wait for a placement."""

    def reset(old, self):
        kept = self.state.orders if hasattr(self, "state") else {}
        old(self)
        self.state.orders.update({name: one for name, one in kept.items() if not one.is_placed})

    around(_MemoryWorld, "reset", reset)


@bug("isolation")
def reset_keeps_the_journal():
    """A reset leaves the journal."""

    def reset(old, self):
        entries = list(self.journal)
        old(self)
        for one in entries:
            self.journal.add(one)

    around(_MemoryWorld, "reset", reset)


@bug("isolation")
def reset_clears_settings():
    """A reset takes the settings away."""
    from contracts.policy import Policy

    def reset(old, self):
        old(self)
        self.policy = Policy()

    around(_MemoryWorld, "reset", reset)


@bug("isolation")
def journal_of_all_worlds():
    """A world's journal shows the requests of all."""

    async def requests(old, self, _world_id):
        return await old(self, None)

    around(MemoryStore, "requests", requests)


@bug("isolation")
def findings_of_all_worlds():
    """A world's findings are those of all."""

    async def findings(old, self, _world_id):
        return await old(self, None)

    around(MemoryStore, "findings", findings)


@bug("isolation")
def verdict_on_all_worlds():
    """A world's verdict counts the findings of all."""

    async def counts(old, self, _world_id):
        return await old(self, None)

    around(MemoryStore, "open_counts", counts)


@bug("isolation")
def events_of_all_worlds():
    """A world's list of events shows those of all."""

    async def events(old, self, _world_id):
        return await old(self, None)

    around(MemoryStore, "events", events)


@bug("isolation")
def dry_run_in_an_empty_world():
    """A dry run does not know the world's orders."""
    rehearsal.ScratchWorld = lambda _base: ScratchWorld()


@bug("isolation")
def dry_run_stays():
    """A dry run changes the world."""
    rehearsal.ScratchWorld = lambda base: base


@bug("isolation")
def dry_run_event_by_event():
    """A dry run judges each event of a list as if it were the first."""
    around(
        ScratchWorld,
        "apply",
        lambda old, self, accepted: None if self._base is not None else old(self, accepted),
    )


@bug("isolation")
def dry_run_flags():
    """A dry run never rejects, whatever the world is told."""
    from contracts.policy import Policy

    around(
        rehearsal,
        "judge",
        lambda old, question, world, policy: old(question, world, Policy(levels=policy.levels)),
    )


@bug("isolation")
def three_orders_kept():
    """Only the last three orders of a world are kept."""

    def apply(old, self, accepted):
        old(self, accepted)
        placed = [name for name, one in self.orders.items() if one.is_placed]
        for name in placed[:-3]:
            del self.orders[name]

    around(ScratchWorld, "apply", apply)


@bug("ids of orders")
def order_ids_in_any_case():
    """Order ids are compared without their case."""
    _order_ids(str.casefold)


@bug("ids of orders")
def order_ids_trimmed():
    """Blanks around an order id do not count."""
    _order_ids(str.strip)


@bug("ids of orders")
def order_ids_normalised():
    """Order ids that look alike are the same, whatever their Unicode form."""
    _order_ids(lambda order_id: unicodedata.normalize("NFC", order_id))


@bug("ids of orders")
def order_ids_of_32_characters():
    """Only 32 characters of an order id count."""
    _order_ids(lambda order_id: order_id[:32])


def _order_ids(change):
    """Orders are found under a changed id."""

    def order(old, self, order_id):
        found = old(self, order_id)
        if found is not None:
            return found
        same = [one for name, one in self.orders.items() if change(name) == change(order_id)]
        return same[0] if same else None

    around(ScratchWorld, "order", order)


@bug("ids of orders")
def order_paths_not_decoded():
    """`/orders/{id}` finds no id with a character that is escaped in a path."""

    async def order(old, self, world_id, order_id):
        plain = all(one.isalnum() or one in "-._~" for one in order_id if one.isascii())
        return await old(self, world_id, order_id) if plain and order_id.isascii() else []

    around(MemoryStore, "order", order)


# --- at the same moment ---


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


class _WithoutReplies(ScratchWorld):
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
            state = ScratchWorld(world.state)
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
