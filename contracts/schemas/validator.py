"""The validator: does a parsed body match the contract? Asked of every request, so it is fast.

The answer is yes or no; `keyword_errors.py` finds the places of a no, `schema_errors.py` the words.
All read the same schemas and the same format checks, and a property test proves that they agree.
"""

from functools import cache
from typing import Any

import jsonschema_rs

from contracts import schemas
from contracts.event_kinds import EVENT_TYPES
from contracts.timing.rfc3339 import parse_instant


def is_date_time(value: object) -> bool:
    """The `date-time` format as this contract means it (RFC 3339 with offset)."""
    return not isinstance(value, str) or parse_instant(value) is not None


def named_type(document: Any) -> str | None:
    """The event type that a parsed body names; None where it names none of the five."""
    kind = document.get("type") if isinstance(document, dict) else None
    return kind if isinstance(kind, str) and kind in EVENT_TYPES else None


def schema_name_for(document: Any) -> str:
    """Which schema judges this body: its event type's, or the envelope's where that is unknown."""
    return named_type(document) or "envelope"


def accepts(document: Any) -> bool:
    """Whether the parsed body is an event as the contract describes it."""
    name = schema_name_for(document)
    return name != "envelope" and _validator(name).is_valid(document)


def lists_every_field(document: dict[str, Any]) -> bool:
    """Whether the schema lists every field of a valid event; free names need a closer look."""
    return _closed(document["type"]).is_valid(document)


@cache
def _closed(name: str) -> jsonschema_rs.Draft202012Validator:
    """A twin of the schema that holds nothing but its fields, and no others."""

    def closed(node: dict[str, Any]) -> dict[str, Any]:
        node = schemas.resolved(node)
        twin: dict[str, Any] = {}
        if "items" in node:
            twin["items"] = closed(node["items"])
        if "properties" in node:
            twin["properties"] = {key: closed(item) for key, item in node["properties"].items()}
            twin["additionalProperties"] = False
        return twin

    return jsonschema_rs.Draft202012Validator(closed(schemas.schema(name)))


@cache
def _validator(name: str) -> jsonschema_rs.Draft202012Validator:
    return compiled(schemas.inlined(name))


def compiled(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """The validator of a schema without references, with our own formats."""
    return jsonschema_rs.Draft202012Validator(
        schema,
        formats={"date-time": is_date_time},
        validate_formats=True,
        offline=True,
        mask="…",  # nobody reads its messages, and a value may be a mebibyte long
    )


def warm_up() -> None:
    """Compile all validators now, so that the first request is as fast as the others."""
    for name in EVENT_TYPES:
        _validator(name)
        _closed(name)
