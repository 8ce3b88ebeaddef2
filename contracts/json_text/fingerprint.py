"""When are two bodies the same event? For idempotency and for duplicates alike.

Parsed values count: key order is irrelevant, 1.0 is 1, and the lists of items are multisets.
"""

import json
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import orjson

from contracts.event_kinds import ITEM_LISTS

_exact = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def fingerprint(document: Any) -> str:
    """A short text that is equal exactly for bodies that mean the same event.

    `document` comes from `parse`, which has made 1.0 and 1 the same already.
    """
    try:
        canonical = _in_order(document, _fast)
    except TypeError:  # an integer of more than 64 bits; equal documents all take this way
        canonical = _in_order(document, lambda value: _exact(value).encode())
    return blake2b(canonical, digest_size=16).hexdigest()


def _fast(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _in_order(document: Any, encode: Callable[[Any], bytes]) -> bytes:
    """The document as canonical text, the entries of its item lists in an order of their own."""
    payload = document.get("payload") if isinstance(document, dict) else None
    if not isinstance(payload, dict):
        return encode(document)
    lists = {
        name: sorted(payload[name], key=encode)
        for name in ITEM_LISTS & payload.keys()
        if isinstance(payload[name], list)
    }
    return encode({**document, "payload": {**payload, **lists}})
