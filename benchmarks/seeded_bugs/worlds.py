"""Bugs between worlds: what one key sees or changes of another's, and what a reset leaves."""

from dataclasses import replace

from contracts.worlds.world import World
from mock_server import app
from mock_server.control import dry_run, world_scope
from mock_server.control.resources import requests, scenarios
from mock_server.store import memory
from mock_server.store.memory import MemoryStore, _MemoryWorld
from seeded_bugs import around, bug


def _named(name):
    """Another name for a key's world."""
    for module in (memory, world_scope, scenarios):
        module.world_id_of = name


_WORLD = memory.world_id_of


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
    _named(lambda key: _WORLD(memory.mask(key)))


def _all_states():
    states = []
    around(
        World,
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

    around(World, "order", order)


@bug("isolation")
def idempotency_keys_of_all_worlds():
    """Idempotency keys are those of all worlds."""
    states = _all_states()

    def reply(old, self, key):
        return old(self, key) or next(
            (found for one in states if (found := one.replies.get(key))), None
        )

    around(World, "reply", reply)


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

    around(World, "order", order)


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
    from contracts.worlds.policy import Policy

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
    dry_run.World = lambda _base: World()


@bug("isolation")
def dry_run_stays():
    """A dry run changes the world."""
    dry_run.World = lambda base: base


@bug("isolation")
def dry_run_event_by_event():
    """A dry run judges each event of a list as if it were the first."""
    around(
        World,
        "commit",
        lambda old, self, verdict: None if self._base is not None else old(self, verdict),
    )


@bug("isolation")
def dry_run_flags():
    """A dry run never rejects, whatever the world is told."""
    from contracts.worlds.policy import Policy

    around(
        dry_run,
        "judge",
        lambda old, question, world, policy: old(question, world, Policy(levels=policy.levels)),
    )


@bug("isolation")
def three_orders_kept():
    """Only the last three orders of a world are kept."""

    def commit(old, self, verdict):
        old(self, verdict)
        placed = [name for name, one in self.orders.items() if one.is_placed]
        for name in placed[:-3]:
            del self.orders[name]

    around(World, "commit", commit)


@bug("isolation")
def order_of_another_world():
    """`/orders/{id}` shows the order of whichever world has it."""

    async def found(old, self, world_id, order_id):
        return await old(self, world_id, order_id) or (await old(self, None, order_id))[:1]

    around(MemoryStore, "order", found)


@bug("isolation")
def event_of_another_world():
    """`/events/{id}` shows the event of whichever world has it."""

    async def found(old, self, world_id, event_id):
        return await old(self, world_id, event_id) or await old(self, None, event_id)

    around(MemoryStore, "event", found)


@bug("isolation")
def request_of_another_world():
    """`/requests/{id}` shows the request of whichever world has it."""
    old = requests.one_request

    async def everything(_request):
        return None

    async def one_request(request):
        kept, requests.narrowed = requests.narrowed, everything
        try:
            return await old(request)
        finally:
            requests.narrowed = kept

    app.ROUTES = tuple(
        (method, path, one_request if path.startswith("/requests/{") else handler)
        for method, path, handler in app.ROUTES
    )
