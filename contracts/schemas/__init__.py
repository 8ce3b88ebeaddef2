"""The contract as data: JSON Schema 2020-12 documents, shipped in the package, read once.

A `$ref` that leaves this folder is an error, never a download.
"""

import json
from functools import cache
from pkgutil import get_data
from typing import Any

from contracts.event_kinds import EVENT_TYPES

BASE = "https://hakuna-mock.invalid/schemas/"
"""What the documents' `$id`s start with; `.invalid` never resolves (RFC 2606)."""

NAMES = ("common", "envelope", *EVENT_TYPES, "reply", "error", "finding", "scenario")


@cache
def schema(name: str) -> dict[str, Any]:
    """The document of that name; KeyError where there is none."""
    if name not in NAMES:
        raise KeyError(name)
    document: dict[str, Any] = json.loads(text(name))
    return document


def text(name: str) -> str:
    """The document as it is shipped.

    It comes from the import system, not from `open`: a test with a fake file system (pyfakefs)
    may be the first to need it.
    """
    shipped = get_data(__name__, f"{name}.json")
    assert shipped is not None  # noqa: S101 - every loader of packages with data returns it
    return shipped.decode("utf-8")


@cache
def resolve(reference: str) -> dict[str, Any]:
    """What a `$ref` of one of these documents, such as `common.json#/$defs/id`, points at."""
    document, _, path = reference.partition("#")
    node: dict[str, Any] = schema(document.removesuffix(".json"))
    for step in path.split("/")[1:]:
        node = node[step]
    return node


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """The schema itself, its `$ref` followed if it is one."""
    return resolve(node["$ref"]) if "$ref" in node else node


@cache
def inlined(name: str) -> dict[str, Any]:
    """The document with what its `$ref`s point at in their place; none of ours refers to itself."""

    def whole(node: Any) -> Any:
        if isinstance(node, list):
            return [whole(item) for item in node]
        if not isinstance(node, dict):
            return node
        return {key: whole(item) for key, item in resolved(node).items() if key not in _ABOUT_TEXT}

    document: dict[str, Any] = whole(schema(name))
    return document


_ABOUT_TEXT = ("$defs", "$id", "$schema")
"""What a document says of itself as a text, and nothing of a value."""
