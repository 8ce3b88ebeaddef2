"""Why a body does not match the contract, in words: every error with its place and what to do.

Asked only after the validator said no. Where the body does not match its schema, the annotations
`x-rule` and `x-expected` there give the rule and the words.
"""

import json
import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from itertools import count, islice
from typing import Any

from contracts import schemas
from contracts.event_kinds import EVENT_TYPES, ORDER_LINE_ITEMS_CANCELLED
from contracts.json_text.pointer import child, join
from contracts.schemas.keyword_errors import KeywordError, Path, keyword_errors
from contracts.schemas.validator import schema_name_for
from contracts.suggestions import MAX_GUESSES, MAX_NAMES, did_you_mean, nearest
from contracts.timing.rfc3339 import why_not_an_instant
from contracts.values import dataclass

MAX_ERRORS = 100
_LONG = 15
"""Numbers with so many digits are not repeated in advice: nobody meant them."""

_ROUNDING_ERROR = Decimal("0.000001")
_CENTS = "send whole cents as a number: 899.00 becomes 89900"


@dataclass(frozen=True)
class SchemaError:
    """One error of a body: the rule it breaks, where, what is wrong, and what to do.

    `basis` and `sources` are those of the part of the schema that the body breaks; empty where it
    is not even JSON.
    """

    rule: str
    pointer: str
    message: str
    fix: str
    basis: str = ""
    sources: tuple[str, ...] = ()


def schema_errors(document: Any) -> tuple[SchemaError, ...]:
    """Every error of a parsed body, sorted by place; empty if the contract accepts it.

    At most `MAX_ERRORS`, for a body with thousands of them is answered within a second, too; where
    there are more, the last one says so.
    """
    found: dict[tuple[str, str], tuple[Path, SchemaError]] = {}
    guesses = count()
    for broken in keyword_errors(schema_name_for(document), document):
        for steps, error in _errors_of(broken, guesses):
            found.setdefault((error.pointer, error.rule), (steps, error))
        if len(found) > MAX_ERRORS:
            break
    by_place = sorted(found.values(), key=lambda pair: [(isinstance(s, int), s) for s in pair[0]])
    listed = [error for _, error in by_place[:MAX_ERRORS]]
    if len(found) > MAX_ERRORS:
        listed[-1] = SchemaError(listed[-1].rule, "", _AND_MORE, _THE_OTHERS)
    return tuple(listed)


_AND_MORE = f"the body has more mistakes than the {MAX_ERRORS - 1} that are listed"
_THE_OTHERS = "fix these, then send it again: the others are named then"


def _errors_of(broken: KeywordError, guesses: Iterator[int]) -> Iterator[tuple[Path, SchemaError]]:
    path, node, value = broken.path, broken.node, broken.value
    if broken.keyword == "required":
        for name in node["required"]:
            if name not in value:
                yield (*path, name), _missing(node, value, join(path), name, guesses)
    elif broken.keyword == "anyOf":
        # The one anyOf of the contract: a cancelled line needs one of two timestamps.
        name = ORDER_LINE_ITEMS_CANCELLED.time
        yield (*path, name), _missing(node, value, join(path), name, guesses)
    else:
        yield path, _wrong(node, value, join(path))


def _missing(
    node: dict[str, Any], sent: dict[str, Any], parent: str, name: str, guesses: Iterator[int]
) -> SchemaError:
    known = node.get("properties", {})
    unknown = [key for key in islice(sent, MAX_NAMES) if key not in known]
    misspelt = nearest(name, unknown) if unknown and next(guesses) < MAX_GUESSES else None
    fix = f"rename {misspelt} to {name}" if misspelt else f"add {name}"
    expected = _expected(known.get(name, {}))
    if expected and not misspelt:
        fix += f": {expected}"
    message, basis = "this required field is missing", node["x-required-basis"]
    return SchemaError("body-invalid", child(parent, name), message, fix, basis, _sources(node))


def _expected(node: dict[str, Any]) -> str:
    return str(schemas.resolved(node).get("x-expected", ""))


def _wrong(node: dict[str, Any], value: Any, pointer: str) -> SchemaError:
    rule = node.get("x-rule", "body-invalid")
    expected = node.get("x-expected", "another value")
    message, fix = f"expected {expected}, got {shown(value)}", _fix(rule, node, value)
    return SchemaError(rule, pointer, message, fix, node["x-basis"], _sources(node))


def _sources(node: dict[str, Any]) -> tuple[str, ...]:
    return tuple(node["x-source"].split("; "))


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
    if "integer" in types and isinstance(value, str | float):
        return _number_fix(node, value)
    if "string" in types and isinstance(value, int | float) and not isinstance(value, bool):
        return f"put it in quotation marks: {json.dumps(str(value))}"
    if value is None:
        return "null is only accepted for optional fields; send a value"
    if types == "object" and isinstance(value, list) and "event" in node.get("x-expected", ""):
        return "send events one by one, each in its own request"
    if "object" in types and value == []:
        return _empty_list_fix(node)
    if types == "array" and isinstance(value, dict):
        return "put the entry into a list: [ … ]"
    return f"send {node.get('x-expected', 'another value')}"


def _empty_list_fix(node: dict[str, Any]) -> str:
    cause = "PHP encodes an empty array as []"
    if required := node.get("required"):
        return f"{cause}: send an object with {', '.join(required)}"
    return f"{cause}: send {{}}, or leave the field out"


def _number_fix(node: dict[str, Any], value: str | float) -> str:
    """What to send for text, or for a number with a fraction, where a whole number belongs."""
    is_price = "Unit price" in node.get("title", "")
    number = _decimal(value)
    if number is None:
        return _CENTS if is_price else "send a number without quotation marks"
    if number >= 10**_LONG:
        return "the number is too large: send a smaller one"
    if number < node["minimum"]:
        return f"send {node['x-expected']}"
    if is_price:
        return _price_fix(value, number)
    if number == number.to_integral_value():
        return f"remove the quotation marks: {int(number)}"
    return f"send {node['x-expected']}, without a fraction"


def _price_fix(value: str | float, number: Decimal) -> str:
    """An amount in another unit than cents, or cents that were computed in floating point."""
    whole = int(number.to_integral_value(ROUND_HALF_UP))
    cents = number * 100
    if isinstance(value, str):
        if re.fullmatch("[0-9]+", value.strip()):
            return f"remove the quotation marks: {whole}"
        if cents != cents.to_integral_value():
            return _CENTS
        return f"send whole cents as a number: {number} of the currency is {int(cents)}"
    if abs(number - whole) < _ROUNDING_ERROR:
        return f"cents that are computed in floating point are not exact: round them, {whole}"
    if cents != cents.to_integral_value():
        of_currency = int(cents.to_integral_value(ROUND_HALF_UP))
        return f"send whole cents: {of_currency} for {number} of the currency, {whole} for cents"
    advice = f"send whole cents: {number} of the currency is {int(cents)}"
    half = number * 2 == (number * 2).to_integral_value()
    return f"{advice}; if it is in cents already, round it: {whole}" if half else advice


def _decimal(value: str | float) -> Decimal | None:
    """The number that a text holds, or a float as it is written; a comma is a decimal point."""
    text = str(value).strip().replace(",", ".", 1)
    return Decimal(text) if re.fullmatch(r"-?[0-9]{1,40}(\.[0-9]{1,20})?", text) else None


def shown(value: Any) -> str:
    """A value as it may appear in a message: JSON, cut where it is long."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an empty list" if not value else f"a list of {len(value)}"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"
