"""Bodies in the naive model: which faults one has, and what is to say of its values."""

import json
import re
from collections import Counter
from collections.abc import Callable
from difflib import SequenceMatcher
from functools import cache
from typing import Any

from contracts import schemas
from fuzz.model.event_types import EVENT_TYPES, ITEM_LISTS, ITEMS_TYPES
from fuzz.model.times import time_of
from fuzz.model.value_rules import RULES

_Check = Callable[[Any], str | None]
"""Which rule a value breaks; None where it is good."""


@cache
def tables() -> Any:
    """Codes of countries and currencies, and what belongs together, as data."""
    return json.loads(schemas.text("codes"))


@cache
def _known(name: str) -> frozenset[str]:
    return frozenset(tables()[name].split())


def whole(value: Any) -> bool:
    """Whether this is an integer as JSON Schema sees it: 1.0 is one, true is none."""
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def _fails(rule: str, good: bool) -> str | None:  # noqa: FBT001 - one line a check
    return None if good else rule


def _text(value: Any) -> str | None:
    return _fails("body-invalid", isinstance(value, str))


def _id(value: Any) -> str | None:
    return _fails("body-invalid", isinstance(value, str) and value != "")


def _object(value: Any) -> str | None:
    return _fails("body-invalid", isinstance(value, dict))


def _count(value: Any) -> str | None:
    return _fails("body-invalid", whole(value) and value >= 1)


def _price(value: Any) -> str | None:
    return _fails("body-invalid", whole(value) and value >= 0)


def _list(value: Any) -> str | None:
    return _fails("body-invalid", isinstance(value, list) and len(value) > 0)


def _time(value: Any) -> str | None:
    return _fails("timestamp-format", time_of(value) is not None)


def _country(value: Any) -> str | None:
    good = isinstance(value, str) and re.fullmatch("[a-z]{2}", value) is not None
    return _fails("country-format", good)


def _currency(value: Any) -> str | None:
    good = isinstance(value, str) and re.fullmatch("[a-z]{3}", value) is not None
    return _fails("currency-format", good)


_Fields = dict[str, tuple[bool, _Check]]
"""Field name to whether it is required, and its check."""

CUSTOMER: _Fields = {
    "first_name": (True, _text),
    "last_name": (True, _text),
    "email": (True, _text),
    "phone": (False, _text),
}
ADDRESS: _Fields = {
    "address_line_1": (True, _text),
    "address_line_2": (False, _text),
    "city": (True, _text),
    "country": (True, _country),
    "zip": (True, _text),
}
LINE: _Fields = {
    "id": (True, _id),
    "quantity": (True, _count),
    "price_amount": (True, _price),
    "product_id": (True, _id),
    "product_title": (True, _text),
    "product_brand": (True, _text),
    "custom_properties": (False, _object),
}
CUSTOM: _Fields = {"product_reference": (False, _id)}
PLACED: _Fields = {
    "order_id": (True, _id),
    "placed_at": (True, _time),
    "order_currency": (True, _currency),
    "cart_id": (False, _text),
    "customer": (True, _object),
    "customer_billing_address": (True, _object),
    "line_items": (True, _list),
}
ITEMS: dict[str, _Fields] = {
    "order_placed": LINE,
    **{
        name: {
            "line_item_id": (True, _id),
            "quantity": (kind.needs_quantity, _count),
            **{time: (len(kind.times) == 1, _time) for time in kind.times},
        }
        for name, kind in ITEMS_TYPES.items()
    },
}


def payload_fields(kind: str) -> _Fields:
    """The fields of the payload of an event of that type."""
    if kind == "order_placed":
        return PLACED
    if kind == "order_cancelled":
        return {"order_id": (True, _id), "cancelled_at": (True, _time)}
    return {"order_id": (True, _id), ITEM_LISTS[kind]: (True, _list)}


def body_faults(body: Any) -> Counter[str]:
    """Rule to number of faults; empty where the body is an event."""
    if not isinstance(body, dict):
        return Counter(["body-invalid"])
    found: list[str] = []
    kind = body.get("type")
    known = isinstance(kind, str) and kind in EVENT_TYPES
    if not known:
        found.append("unknown-event-type" if "type" in body else "body-invalid")
    payload = body.get("payload")
    if not isinstance(payload, dict):
        return Counter([*found, "body-invalid"])
    if not known:
        found += _faults_in(payload, {"order_id": (True, _id)})
        return Counter(found)
    found += _faults_in(payload, payload_fields(str(kind)))
    if kind == "order_placed":
        found += _faults_in(payload.get("customer"), CUSTOMER)
        found += _faults_in(payload.get("customer_billing_address"), ADDRESS)
    items = payload.get(ITEM_LISTS.get(str(kind), ""))
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, dict):
            found.append("body-invalid")
            continue
        found += _faults_in(item, ITEMS[str(kind)])
        if kind == "order_placed":
            found += _faults_in(item.get("custom_properties"), CUSTOM)
        # Where there are two times, one of them is needed, and null is none.
        times = ITEMS_TYPES[str(kind)].times if kind in ITEMS_TYPES else ()
        if len(times) > 1 and all(item.get(time) is None for time in times):
            found.append("body-invalid")
    return Counter(found)


def _faults_in(holder: Any, fields: _Fields) -> list[str]:
    """What is wrong in an object; a holder that is none was said at its own field."""
    found: list[str] = []
    if not isinstance(holder, dict):
        return found
    for name, (required, check) in fields.items():
        if name not in holder:
            if required:
                found.append("body-invalid")
            continue
        value = holder[name]
        if value is None and not required:
            continue
        rule = check(value)
        if rule:
            found.append(rule)
    return found


def value_rules(event: dict[str, Any]) -> Counter[str]:
    """The rules about values that an event breaks, request headers aside."""
    kind, payload = event["type"], event["payload"]
    found: Counter[str] = Counter()
    unlisted = _unlisted(event, {"type", "payload"}) + _unlisted(payload, payload_fields(kind))
    for item in payload.get(ITEM_LISTS.get(kind, ""), ()):
        unlisted += _unlisted(item, ITEMS[kind])
        if kind == "order_placed":
            unlisted += sum(map(_nearly_reference, item.get("custom_properties") or ()))
    if kind == "order_placed":
        unlisted += _unlisted(payload["customer"], CUSTOMER)
        unlisted += _unlisted(payload["customer_billing_address"], ADDRESS)
        found.update(_placement_values(payload))
    if unlisted:
        found["unknown-field"] = unlisted
    found.update({rule: breaks(event) for rule, (_, breaks) in RULES.items()})
    return +found


def _unlisted(holder: dict[str, Any], fields: _Fields | set[str]) -> int:
    return sum(name not in fields for name in holder)


def _nearly_reference(name: str) -> bool:
    if name in ("product_reference", "protection_line_item_id"):
        return False
    return _likeness(name) >= 0.75


@cache
def _likeness(name: str) -> float:
    plain = "".join(item for item in name.lower() if item.isalnum())
    return SequenceMatcher(None, plain, "productreference").ratio()


def _placement_values(payload: dict[str, Any]) -> list[str]:
    found = []
    address, currency = payload["customer_billing_address"], payload["order_currency"]
    country, zip_code = address["country"], address["zip"]
    email = payload["customer"]["email"]
    if country not in _known("countries"):
        found.append("country-unknown")
    if currency not in _known("currencies"):
        found.append("currency-unknown")
    elif currency not in tables()["country_currencies"].get(country, [currency]):
        found.append("currency-country-mismatch")
    if email and "@" not in email:
        found.append("email-format")
    form = tables()["postal_codes"].get(country)
    if zip_code and form:
        plain = "".join(zip_code.upper().replace("-", "").split())
        spellings = [
            plain,
            *(plain[len(item) :] for item in form["prefixes"].split() if plain.startswith(item)),
        ]
        if not any(re.fullmatch(form["pattern"], spelling) for spelling in spellings):
            found.append("zip-format")
    return found
