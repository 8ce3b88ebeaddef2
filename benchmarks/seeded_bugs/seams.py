"""Places of our server that bugs of several areas change."""

from contracts import schemas
from contracts.orders import order
from mock_server import app
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
