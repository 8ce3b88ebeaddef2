"""Why a body does not match the contract, in words: every fault with its place and what to do.

Asked only after the gate said no. It reads the same schemas with `jsonschema`, whose errors carry
the failing subschema; our `x-rule` and `x-expected` annotations there give the rule and the words.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from contracts import schemas
from contracts.event_kinds import EVENT_TYPES, ORDER_LINE_ITEMS_CANCELLED
from contracts.json_text.pointer import child, join
from contracts.schemas.validator import is_date_time, schema_name_for
from contracts.suggestions import did_you_mean, nearest
from contracts.timing.rfc3339 import why_not_an_instant

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError


MAX_FAULTS = 100
_LONG = 15
"""Numbers with so many digits are not repeated in advice: nobody meant them."""


@dataclass(frozen=True)
class Fault:
    """One fault of a body: the rule it breaks, where, what is wrong, and what to do."""

    rule: str
    pointer: str
    message: str
    fix: str


def faults(document: Any) -> tuple[Fault, ...]:
    """Every fault of a parsed body, sorted by place; empty if the contract accepts it.

    At most `MAX_FAULTS`: a body with thousands of them is answered within a second, too.
    """
    found: dict[tuple[str, str], tuple[list[Any], Fault]] = {}
    for error in jsonschema_validator(schema_name_for(document)).iter_errors(document):
        path = list(error.absolute_path)
        for steps, fault in _faults_of(error, path):
            found.setdefault((fault.pointer, fault.rule), (steps, fault))
        if len(found) >= MAX_FAULTS:
            break
    by_place = sorted(found.values(), key=lambda pair: [(isinstance(s, int), s) for s in pair[0]])
    return tuple(fault for _, fault in by_place)


@cache
def jsonschema_validator(schema_name: str) -> "Draft202012Validator":
    """The explaining validator, with our own formats and a registry that downloads nothing.

    `jsonschema` is imported here, not above: it costs 70 ms that most runs never need.
    """
    from jsonschema import Draft202012Validator, FormatChecker  # noqa: PLC0415
    from referencing import Registry, Resource  # noqa: PLC0415

    registry: Registry[Any] = Registry().with_resources(
        (schemas.BASE + f"{name}.json", Resource.from_contents(schemas.schema(name)))
        for name in schemas.NAMES
    )
    formats = FormatChecker(formats=())
    formats.checks("date-time")(is_date_time)
    return Draft202012Validator(
        schemas.schema(schema_name), registry=registry, format_checker=formats
    )


def _faults_of(error: "ValidationError", path: list[Any]) -> Iterator[tuple[list[Any], Fault]]:
    node: dict[str, Any] = error.schema  # type: ignore[assignment] # booleans are never used here
    value: Any = error.instance
    if error.validator == "required":
        for name in node["required"]:
            if name not in value:
                yield [*path, name], _missing(node, value, join(path), name)
    elif error.validator == "anyOf":
        # The one anyOf of the contract: a cancelled line needs one of two timestamps.
        name = ORDER_LINE_ITEMS_CANCELLED.time
        yield [*path, name], _missing(node, value, join(path), name)
    else:
        yield path, _wrong(node, value, join(path))


def _missing(node: dict[str, Any], sent: dict[str, Any], parent: str, name: str) -> Fault:
    known = node.get("properties", {})
    misspelt = nearest(name, (key for key in sent if key not in known))
    fix = f"rename {misspelt} to {name}" if misspelt else f"add {name}"
    expected = _expected(known.get(name, {}))
    if expected and not misspelt:
        fix += f": {expected}"
    return Fault("body-invalid", child(parent, name), "this required field is missing", fix)


def _expected(node: dict[str, Any]) -> str:
    return str(schemas.resolved(node).get("x-expected", ""))


def _wrong(node: dict[str, Any], value: Any, pointer: str) -> Fault:
    rule = node.get("x-rule", "body-invalid")
    expected = node.get("x-expected", "another value")
    return Fault(rule, pointer, f"expected {expected}, got {shown(value)}", _fix(rule, node, value))


def _fix(rule: str, node: dict[str, Any], value: Any) -> str:
    if rule == "timestamp-format":
        return why_not_an_instant(value)
    if rule == "unknown-event-type":
        word = value if isinstance(value, str) else ""
        return did_you_mean(word, EVENT_TYPES, "use one of the five event types, exactly")
    if rule in ("country-format", "currency-format"):
        return _code_fix(rule, value)
    return _plain_fix(node, value)


def _code_fix(rule: str, value: Any) -> str:
    length, example = (2, "de") if rule == "country-format" else (3, "eur")
    if isinstance(value, str):
        lowered = value.strip().lower()
        if len(lowered) == length and lowered.isascii() and lowered.isalpha():
            return f"write {json.dumps(lowered)}"
    return f"write the lowercase ISO code with {length} letters, for example {json.dumps(example)}"


def _plain_fix(node: dict[str, Any], value: Any) -> str:
    types = node.get("type", ())
    if "integer" in types and isinstance(value, str):
        bare = value.strip()
        if bare.isascii() and bare.isdigit() and len(bare) < _LONG and int(bare) >= node["minimum"]:
            return f"remove the quotation marks: {int(bare)}"
        if "Unit price" in node.get("title", ""):
            return "send whole cents as a number: 899.00 becomes 89900"
        return "send a number without quotation marks"
    if "integer" in types and isinstance(value, float) and "Unit price" in node.get("title", ""):
        if not 0 <= value < 10**_LONG:
            return "send whole cents: 899.00 becomes 89900"
        return f"send whole cents: {value:g} of the currency becomes {round(value * 100)}"
    if "string" in types and isinstance(value, int | float) and not isinstance(value, bool):
        return f"put it in quotation marks: {json.dumps(str(value))}"
    if value is None:
        return "null is only accepted for optional fields; send a value"
    if types == "object" and isinstance(value, list) and "event" in node.get("x-expected", ""):
        return "send events one by one, each in its own request"
    if types == "array" and isinstance(value, dict):
        return "put the entry into a list: [ … ]"
    return f"send {node.get('x-expected', 'another value')}"


def shown(value: Any) -> str:
    """A value as it may stand in a message: JSON, cut where it is long."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an empty list" if not value else f"a list of {len(value)}"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"
