"""Places of our server that bugs of several areas change."""

from contracts import schemas
from contracts.orders import order
from mock_server import app
from mock_server.http import events_endpoint
from mock_server.store.memory import MemoryStore, world_id_of
from mock_server.store.protocol import Change
from seeded_bugs import around


def routed(path, handler):
    """Another handler for a GET of the control API."""
    app.ROUTES = tuple(
        (method, known, handler if known == path and method == "GET" else old)
        for method, known, old in app.ROUTES
    )


def groups(change):
    """Another grouping of an order's lines into products and their plans."""
    around(order, "groups_of", lambda old, lines: change(old(lines), lines))


def definition(name):
    """A shared definition of the schemas, to be changed in place."""
    return schemas.schema("common")["$defs"][name]


def deciding(new):
    """Another way to decide and store events: `new(old, store, key, decide)`.

    `decide(world)` gives the change, `old(store, key, decide)` stores it.
    """

    async def change_key(old, self, key, decide):
        if key is None or decide.__module__ != events_endpoint.__name__:
            return await old(self, key, decide)
        if self._worlds.get(world_id_of(key)) is None:
            await old(self, key, lambda _world: Change(None, ()))
        return await new(old, self, key, decide)

    around(MemoryStore, "change_key", change_key)


def world_of(store, key):
    """The world of a key that was used before."""
    return store._worlds.get(world_id_of(key))


def sent(decide):
    """What a decision is about: the method, headers and body of the request."""
    cells = zip(decide.__code__.co_freevars, decide.__closure__, strict=True)
    return {name: cell.cell_contents for name, cell in cells}


def sent_key(decide):
    """The idempotency key of the request."""
    headers = {name.lower(): value for name, value in sent(decide)["headers"]}
    return headers.get("hakuna-idempotency-key") or None
