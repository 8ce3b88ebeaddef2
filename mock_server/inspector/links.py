"""Addresses of our pages, as templates write them."""

from typing import Any
from urllib.parse import quote, urlencode

from mock_server.inspector import INSPECTOR

MAX_SEGMENT = 4000
"""A longer order id does not fit into an address that servers and browsers take."""


class Links:
    """Links that stay in the chosen world, unless they say otherwise."""

    def __init__(self, world_id: str | None) -> None:
        self._world_id = world_id

    def __call__(self, path: str, **query: Any) -> str:
        """A page below /_mock with its query; what is empty is left out."""
        asked = {name: str(value) for name, value in query.items() if value not in (None, "")}
        if self._world_id:
            asked.setdefault("world", self._world_id)
        return INSPECTOR + path + (f"?{urlencode(asked)}" if asked else "")

    def order(self, order_id: str, below: str = "", **query: Any) -> str:
        """An order's page; "" where its id is too long for an address.

        Browsers take `.` and `..` for folders, however they are written: they go into the query.
        """
        segment = quote(order_id.encode("utf-8", "replace"), safe="")
        if not segment or len(segment) >= MAX_SEGMENT:
            return ""
        if order_id in (".", ".."):
            return self(f"/order{below}", order_id=order_id, **query)
        return self(f"/orders/{segment}{below}", **query)
