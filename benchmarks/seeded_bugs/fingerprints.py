"""Bugs of when two bodies are the same."""

import json
import unicodedata

from contracts.json_text import fingerprint
from seeded_bugs import around, bug, case
from seeded_bugs.seams import numbers


@bug("idempotency")
def order_of_items_counts():
    """Two bodies with their items in another order are different."""
    around(fingerprint, "_in_order", lambda _old, document, encode: encode(document))


@bug("idempotency")
def order_of_keys_counts():
    """Two bodies with their keys in another order are different."""
    fingerprint._fast = lambda value: json.dumps(value, separators=(",", ":")).encode()


@bug("idempotency")
def one_is_not_one():
    """1 and 1.0 are different."""
    numbers(_finite=float)


def _print(change):
    """Fingerprints are taken of a changed document."""
    around(case, "fingerprint", lambda old, document: old(change(document)))


@bug("idempotency")
def payload_only():
    """The type is not part of the fingerprint."""
    _print(lambda body: body.get("payload") if isinstance(body, dict) else body)


@bug("idempotency")
def known_fields_only():
    """Fields outside the contract are not part of the fingerprint."""
    known = {
        "order_id", "placed_at", "order_currency", "cart_id", "customer", "line_items",
        "customer_billing_address", "fulfillment_items", "refund_items", "cancelled_line_items",
        "cancelled_at",
    }  # fmt: skip

    def change(body):
        payload = body.get("payload") if isinstance(body, dict) else None
        if not isinstance(payload, dict):
            return body
        return {
            "type": body.get("type"),
            "payload": {name: item for name, item in payload.items() if name in known},
        }

    _print(change)


@bug("idempotency")
def null_is_nothing():
    """A field that is null and one that is absent are the same."""

    def walk(value):
        if isinstance(value, dict):
            return {name: walk(item) for name, item in value.items() if item is not None}
        return [walk(item) for item in value] if isinstance(value, list) else value

    _print(walk)


def _strings(change):
    def walk(value):
        if isinstance(value, str):
            return change(value)
        if isinstance(value, list):
            return [walk(item) for item in value]
        if isinstance(value, dict):
            return {name: walk(item) for name, item in value.items()}
        return value

    return walk


@bug("idempotency")
def case_does_not_count():
    """Texts that differ in their case are the same."""
    _print(_strings(str.casefold))


@bug("idempotency")
def blanks_do_not_count():
    """Texts that differ in blanks at their end are the same."""
    _print(_strings(str.strip))


@bug("idempotency")
def normal_form_does_not_count():
    """Texts that look alike are the same, whatever their Unicode form."""
    _print(_strings(lambda text: unicodedata.normalize("NFC", text)))


@bug("idempotency")
def times_do_not_count():
    """Bodies that differ in their times are the same."""
    _print(_strings(lambda text: "" if text[4:5] == "-" and text[:4].isdigit() else text))


@bug("idempotency")
def quantities_do_not_count():
    """Bodies that differ in quantities are the same."""

    def walk(value):
        if isinstance(value, dict):
            return {name: walk(item) for name, item in value.items() if name != "quantity"}
        return [walk(item) for item in value] if isinstance(value, list) else value

    _print(walk)


@bug("idempotency")
def items_as_a_set():
    """Lists of items are compared as sets: an entry that appears twice counts once."""

    def items(document):
        payload = document.get("payload") if isinstance(document, dict) else None
        if not isinstance(payload, dict):
            return document
        once = {
            name: [item for place, item in enumerate(value) if item not in value[:place]]
            if isinstance(value, list)
            else value
            for name, value in payload.items()
        }
        return {**document, "payload": once}

    _print(items)


@bug("idempotency")
def first_kilobyte():
    """Only the first 500 characters of a body are compared."""
    around(fingerprint, "_in_order", lambda old, document, encode: old(document, encode)[:500])


@bug("idempotency")
def big_numbers_as_doubles():
    """Numbers beyond 2^53 are compared as doubles."""

    def walk(value):
        if isinstance(value, dict):
            return {name: walk(item) for name, item in value.items()}
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
            return float(value) if abs(value) < 10**300 else 0
        return [walk(item) for item in value] if isinstance(value, list) else value

    _print(walk)


@bug("idempotency")
def true_is_one():
    """`true` and 1 are the same."""

    def walk(value):
        if isinstance(value, dict):
            return {name: walk(item) for name, item in value.items()}
        if isinstance(value, bool):
            return int(value)
        return [walk(item) for item in value] if isinstance(value, list) else value

    _print(walk)
