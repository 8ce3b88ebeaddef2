"""Clients that do their worst within the limits, one by one; `neighbour.py` runs them."""

from hostile import bodies, connections, control, readers
from hostile.client import Hostile

CLIENTS: tuple[Hostile, ...] = (
    *bodies.CLIENTS,
    *connections.CLIENTS,
    *readers.CLIENTS,
    *control.CLIENTS,
)
