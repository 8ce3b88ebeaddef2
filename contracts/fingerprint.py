"""When are two bodies the same event? (design section 6, for idempotency and duplicates alike)

Parsed values count: key order is irrelevant, 1.0 is 1, and the lists of items are multisets.
"""

import json
from hashlib import blake2b
from typing import Any

ITEM_LISTS = frozenset({"line_items", "fulfillment_items", "refund_items", "cancelled_line_items"})


def fingerprint(document: Any) -> str:
    """A short text that is equal exactly for bodies that mean the same event."""
    return blake2b(_canonical(_normal(document)).encode(), digest_size=16).hexdigest()


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _normal(value: Any) -> Any:
    if isinstance(value, dict):
        normal = {key: _normal(inner) for key, inner in value.items()}
        payload = normal.get("payload")
        if isinstance(payload, dict):
            for name in ITEM_LISTS & payload.keys():
                if isinstance(payload[name], list):
                    payload[name] = sorted(payload[name], key=_canonical)
        return normal
    if isinstance(value, list):
        return [_normal(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
