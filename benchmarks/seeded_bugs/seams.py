"""Places of our server that bugs of several areas change."""

from contracts import schemas
from contracts.json_text import parser
from contracts.orders import order
from mock_server import app
from mock_server.http import judged
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


def numbers(**read):
    """Numbers of a body are read otherwise; the decoder that knows how is made anew."""
    for name, new in read.items():
        setattr(parser, name, new)
    parser._WITHOUT_REPEATS = parser._decoder(parser._distinct)


def no_short_way():
    """Every event takes the way through aiohttp's routes and responses."""
    MemoryStore.judges_at_once = False


def deciding(new):
    """Another way to decide and store events: `new(old, store, key, decide)`.

    `decide(world)` gives the change, `old(store, key, decide)` stores it. A request keeps its
    number however often it is decided about.
    """
    deciding_about = {}

    def request(old, self, server, world, *, in_work=False):
        if id(self) not in deciding_about:
            return old(self, server, world, in_work=in_work)
        numbered = deciding_about[id(self)] or old(self, server, world, in_work=in_work)
        deciding_about[id(self)] = numbered
        return numbered

    async def change_key(old, self, key, decide, aside=None):
        if key is None or decide.__module__ != judged.__name__:
            return await old(self, key, decide, aside)
        if self._worlds.get(world_id_of(key)) is None:
            await old(self, key, lambda _world: Change(None, ()))
        arrived = _arrived(decide)
        deciding_about[id(arrived)] = None
        try:
            return await new(old, self, key, decide)
        finally:
            del deciding_about[id(arrived)]

    around(judged.Arrived, "request", request)
    around(MemoryStore, "change_key", change_key)
    no_short_way()


def world_of(store, key):
    """The world of a key that was used before."""
    return store._worlds.get(world_id_of(key))


def _arrived(decide):
    cells = zip(decide.__code__.co_freevars, decide.__closure__, strict=True)
    return next(cell.cell_contents for name, cell in cells if name == "arrived")


def sent(decide):
    """What a decision is about: the request."""
    return _arrived(decide).unnumbered


def sent_key(decide):
    """The idempotency key of the request."""
    return sent(decide).header("hakuna-idempotency-key") or None
