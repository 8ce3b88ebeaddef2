"""Bugs of order ids that are taken for each other."""

import unicodedata

from contracts.worlds.world import World
from mock_server.store.reader import Reader
from seeded_bugs import around, bug


def _order_ids(change):
    """Orders are found under a changed id."""

    def order(old, self, order_id):
        found = old(self, order_id)
        if found is not None:
            return found
        same = [item for name, item in self.orders.items() if change(name) == change(order_id)]
        return same[0] if same else None

    around(World, "order", order)


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


@bug("ids of orders")
def order_paths_not_decoded():
    """`/orders/{id}` finds no id with a character that is escaped in a path."""

    def named(old, self, world_id, order_id):
        plain = all(item.isalnum() or item in "-._~" for item in order_id if item.isascii())
        return old(self, world_id, order_id) if plain and order_id.isascii() else []

    around(Reader, "orders_named", named)
