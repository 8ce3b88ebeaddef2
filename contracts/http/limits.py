"""How large one event may be. The provider publishes no such limits: all of these are `house`."""

from typing import Any

from contracts.event_kinds import ITEM_LISTS
from contracts.json_text.parser import JsonFault
from contracts.json_text.pointer import child
from contracts.schemas.schema_errors import SchemaError

MAX_ITEMS = 10_000
"""Entries in one list of line items; more would hold up everybody else for seconds."""


def too_many_items(document: Any) -> JsonFault | None:
    """The fault of an event whose list of items is too long to be judged, None for any other."""
    payload = document.get("payload") if isinstance(document, dict) else None
    if not isinstance(payload, dict):
        return None
    for name in sorted(ITEM_LISTS & payload.keys()):
        items = payload[name]
        if isinstance(items, list) and len(items) > MAX_ITEMS:
            message = f"{name} has {len(items)} entries; {MAX_ITEMS} are the limit of hakuna-mock"
            return JsonFault(child("/payload", name), message, "spread them over several events")
    return None


def too_many_events(order_id: str, received: int, limit: int | None) -> SchemaError | None:
    """Why an order takes no further event: it has more than any real one would."""
    if limit is None or received < limit:
        return None
    message = f"order {order_id!r} has {received} events, the limit of hakuna-mock"
    fix = "look for a loop that posts again and again, or raise --max-order-events"
    return SchemaError("body-invalid", "/payload/order_id", message, fix)
