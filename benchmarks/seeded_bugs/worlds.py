"""Bugs between worlds: what one key sees or changes of another's, and what a reset leaves."""

from contracts.judging.session import Session
from contracts.worlds.effects import OrderOpened, PolicyChanged, WorldReset
from contracts.worlds.policy import Policy
from contracts.worlds.world import World
from mock_server import app
from mock_server.control import world_scope
from mock_server.control.resources import requests, scenarios
from mock_server.store import memory
from mock_server.store.reader import Reader
from mock_server.store.worlds import Worlds
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


def _all_worlds():
    """Every world that is ever made."""
    worlds = []
    around(
        World,
        "__init__",
        lambda old, self, *args, **named: (old(self, *args, **named), worlds.append(self))[0],
    )
    return worlds


@bug("isolation")
def orders_of_all_worlds():
    """An order that is unknown in one world is looked for in the others."""
    worlds = _all_worlds()

    def order(old, self, order_id):
        return old(self, order_id) or next(
            (found for world in worlds if (found := world.orders.get(order_id))), None
        )

    around(World, "order", order)


@bug("isolation")
def idempotency_keys_of_all_worlds():
    """Idempotency keys are those of all worlds."""
    worlds = _all_worlds()

    def reply(old, self, key):
        return old(self, key) or next(
            (found for world in worlds if (found := world.replies.get(key))), None
        )

    around(World, "reply", reply)


@bug("isolation")
def duplicates_of_all_worlds():
    """An event that another world had is a duplicate."""
    worlds = _all_worlds()

    def first_event(old, self, order_id, fingerprint):
        found = old(self, order_id, fingerprint)
        for world in worlds if self.order(order_id) else ():
            if found is None and order_id in world.histories:
                found = world.histories[order_id].first_by_fingerprint.get(fingerprint)
        return found

    around(World, "first_event", first_event)


def _applied(new):
    """Another way to carry out effects: `new(old, worlds, world_id, effect, position)`."""
    around(Worlds, "apply", new)


@bug("isolation")
def settings_of_all_worlds():
    """What one world is told all are told."""

    def apply(old, self, world_id, effect, position):
        old(self, world_id, effect, position)
        if isinstance(effect, PolicyChanged):
            for item in (None, *self.by_id):
                old(self, item, effect, position)

    _applied(apply)


@bug("isolation")
def settings_of_new_worlds():
    """What one world is told new worlds are told as well."""

    def apply(old, self, world_id, effect, position):
        old(self, world_id, effect, position)
        if isinstance(effect, PolicyChanged):
            old(self, None, effect, position)

    _applied(apply)


@bug("isolation")
def reset_of_all_worlds():
    """The reset of one world clears all."""

    def apply(old, self, world_id, effect, position):
        everyone = (None, *self.by_id) if isinstance(effect, WorldReset) else (world_id,)
        for item in everyone:
            old(self, item, effect, position)

    _applied(apply)


def _reset_keeps(*names):
    def clear(old, self):
        kept = {name: getattr(self, name) for name in names if hasattr(self, name)}
        old(self)
        for name, value in kept.items():
            setattr(self, name, value)

    around(World, "clear", clear)


@bug("isolation")
def reset_keeps_findings():
    """A reset leaves the findings."""
    _reset_keeps("findings")


@bug("isolation")
def reset_keeps_events():
    """A reset leaves the list of events."""
    _reset_keeps("events", "event_numbers", "histories")


@bug("isolation")
def reset_keeps_orders():
    """A reset leaves the orders."""
    _reset_keeps("orders", "histories", "events", "event_numbers", "placements")


@bug("isolation")
def reset_keeps_idempotency_keys():
    """A reset leaves the idempotency keys."""
    _reset_keeps("replies")


@bug("isolation")
def reset_keeps_waiting_events():
    """A reset leaves the events that wait for a placement."""

    def clear(old, self):
        kept = getattr(self, "orders", {})
        old(self)
        self.orders.update({name: item for name, item in kept.items() if not item.is_placed})

    around(World, "clear", clear)


@bug("isolation")
def reset_keeps_the_journal():
    """A reset leaves the journal."""
    _reset_keeps("journal")


@bug("isolation")
def reset_clears_settings():
    """A reset takes the settings away."""

    def clear(old, self):
        old(self)
        if hasattr(self, "orders") and self.base is None:
            self.policy = Policy()

    around(World, "clear", clear)


def _reads_all(name):
    """A question about one world is answered for all of them."""
    around(Reader, name, lambda old, self, _world_id, **named: old(self, None, **named))


@bug("isolation")
def journal_of_all_worlds():
    """A world's journal shows the requests of all."""
    _reads_all("requests")


@bug("isolation")
def findings_of_all_worlds():
    """A world's findings are those of all."""
    _reads_all("findings")


@bug("isolation")
def verdict_on_all_worlds():
    """A world's verdict counts the findings of all."""
    _reads_all("open_counts")


@bug("isolation")
def events_of_all_worlds():
    """A world's list of events shows those of all."""
    _reads_all("events")


@bug("isolation")
def dry_run_in_an_empty_world():
    """A dry run does not know the world's orders."""
    around(Reader, "dry_world", lambda _old, self, world_id: World(self.policy(world_id)))


@bug("isolation")
def dry_run_stays():
    """A dry run changes the world."""
    around(Reader, "dry_world", lambda _old, self, world_id: self._worlds.get(world_id))


@bug("isolation")
def dry_run_event_by_event():
    """A dry run judges each event of a list as if it were the first."""
    around(
        Session, "apply", lambda old, self, effects: None if self.world.base else old(self, effects)
    )


@bug("isolation")
def dry_run_flags():
    """A dry run never rejects, whatever the world is told."""
    around(
        Reader,
        "dry_world",
        lambda _old, self, world_id: World(
            Policy(levels=self.policy(world_id).levels), base=self._worlds.get(world_id)
        ),
    )


@bug("isolation")
def three_orders_kept():
    """Only the last three orders of a world are kept."""

    def apply(old, self, world_id, effect, position):
        old(self, world_id, effect, position)
        world = self.get(world_id)
        if world is not None and isinstance(effect, OrderOpened):
            placed = [name for name, order in world.orders.items() if order.is_placed]
            for name in placed[:-3]:
                del world.orders[name]

    _applied(apply)


@bug("isolation")
def order_of_another_world():
    """`/orders/{id}` shows the order of whichever world has it."""
    around(
        Reader,
        "orders_named",
        lambda old, self, world_id, order_id: (
            old(self, world_id, order_id) or old(self, None, order_id)[:1]
        ),
    )


@bug("isolation")
def event_of_another_world():
    """`/events/{id}` shows the event of whichever world has it."""
    around(
        Reader,
        "event",
        lambda old, self, world_id, event_id: (
            old(self, world_id, event_id) or old(self, None, event_id)
        ),
    )


@bug("isolation")
def request_of_another_world():
    """`/requests/{id}` shows the request of whichever world has it."""
    old = requests.one_request

    async def everything(_request):
        return None

    async def one_request(request):
        kept, requests.scope_of = requests.scope_of, everything
        try:
            return await old(request)
        finally:
            requests.scope_of = kept

    app.ROUTES = tuple(
        (method, path, one_request if path.startswith("/requests/{") else handler)
        for method, path, handler in app.ROUTES
    )
