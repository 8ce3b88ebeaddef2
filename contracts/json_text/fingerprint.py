"""When are two bodies the same event? (design section 6, for idempotency and duplicates alike)

Parsed values count: key order is irrelevant, 1.0 is 1, and the lists of items are multisets.
"""

import json
from hashlib import blake2b
from typing import Any

from contracts.event_kinds import ITEM_LISTS

_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def fingerprint(document: Any) -> str:
    """A short text that is equal exactly for bodies that mean the same event.

    `document` comes from `strict_json.parse`, which has made 1.0 and 1 the same already.
    """
    return blake2b(_canonical(_sorted_items(document)).encode(), digest_size=16).hexdigest()


def _sorted_items(document: Any) -> Any:
    """The document with the entries of its item lists in an order of their own."""
    payload = document.get("payload") if isinstance(document, dict) else None
    if not isinstance(payload, dict):
        return document
    lists = {
        name: sorted(payload[name], key=_canonical)
        for name in ITEM_LISTS
        if isinstance(payload.get(name), list)
    }
    return {**document, "payload": {**payload, **lists}}
