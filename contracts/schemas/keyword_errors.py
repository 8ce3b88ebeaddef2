"""Where a document breaks its schema: every keyword that a value breaks, with its place in both.

Asked only after the validator said no; what to do about it is for others to say in words.

`jsonschema-rs` gathers all errors of a value before it hands over the first, and copies into each
what is wrong: ten thousand bad entries of one list would hold up everybody else for a second. So it
sees of an object only what the schema speaks of, and each entry of a list by itself.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import jsonschema_rs

from contracts import schemas
from contracts.schemas.validator import compiled
from contracts.values import dataclass

Path = tuple[str | int, ...]

_Lists = list[tuple[Path, Path, list[Any]]]
"""Lists that were left out: the place of their entries in the schema, their path, the list."""


@dataclass(frozen=True, slots=True)
class KeywordError:
    """A keyword of the schema that a value breaks: the path of the value, the value, and the part
    of the schema that the keyword belongs to.

    An object that lacks several required fields is one error.
    """

    path: Path
    value: Any
    keyword: str
    node: dict[str, Any]


def keyword_errors(schema_name: str, document: Any) -> Iterator[KeywordError]:
    """Every error of a document by the schema of that name; none where it matches.

    Those inside a list come after those outside, entry by entry.
    """
    return _within(schema_name, (), document, ())


def _within(schema_name: str, place: Path, value: Any, path: Path) -> Iterator[KeywordError]:
    node = _node(schema_name, place)
    lists: _Lists = []
    outline = _outline(node, value, place, path, lists)
    latest = None
    for error in _validator(schema_name, place).iter_errors(outline):
        *inner, keyword = error.schema_path
        found = (error.instance_path, error.schema_path)
        if found == latest:  # one error for each field that is missing
            continue
        latest = found
        steps, wrong = _at(value, error.instance_path)
        if inner and inner[-1] == "propertyNames":  # a name has no path: which one it is, is asked
            name_is = _validator(schema_name, (*place, *inner)).is_valid
            wrong = next(name for name in wrong if not name_is(_utf8(name)))
        yield KeywordError(path + steps, wrong, str(keyword), _inside(node, inner))
    for entries_place, list_path, entries in lists:
        for number, entry in enumerate(entries):
            yield from _within(schema_name, entries_place, entry, (*list_path, number))


def _outline(node: dict[str, Any], value: Any, place: Path, path: Path, lists: _Lists) -> Any:
    """The value without what the schema does not speak of, and without the entries of lists."""
    if isinstance(value, list):
        if "items" in node:
            lists.append(((*place, "items"), path, value))
        return [None] if value else []
    if not isinstance(value, dict):
        return _utf8(value) if isinstance(value, str) else value
    fields = node.get("properties", {})
    is_open = "additionalProperties" not in node and "propertyNames" not in node
    outline = {}
    for name, item in value.items():
        field = fields.get(name)
        if field is None and is_open:
            continue
        if isinstance(item, dict | list):
            inner = (*place, "properties", name), (*path, name)
            outline[_utf8(name)] = _outline(field or {}, item, *inner, lists)
        else:
            outline[_utf8(name)] = _utf8(item) if isinstance(item, str) else item
    return outline


def _utf8(text: str) -> str:
    """A text as UTF-8 can write it; without lone surrogates it is the text itself."""
    return text if text.isascii() else text.encode(errors="replace").decode()


def _at(value: Any, outline_path: list[str | int]) -> tuple[Path, Any]:
    """The path and the value behind a path in the outline, whose names are UTF-8."""
    path: list[str | int] = []
    for step in outline_path:
        if isinstance(value, dict) and step not in value:
            step = next(name for name in value if _utf8(name) == step)  # noqa: PLW2901
        path.append(step)
        value = value[step]
    return tuple(path), value


@cache
def _node(schema_name: str, place: Path) -> dict[str, Any]:
    """The part of a schema at that place, its references followed."""
    node: dict[str, Any] = _inside(schemas.inlined(schema_name), place)
    return node


def _inside(node: Any, steps: Iterable[str | int]) -> Any:
    for step in steps:
        node = node[step]
    return node


@cache
def _validator(schema_name: str, place: Path) -> jsonschema_rs.Draft202012Validator:
    """The validator of that part, to which all entries of lists are good."""
    return compiled(_without_items(_node(schema_name, place)))


def _without_items(node: dict[str, Any]) -> dict[str, Any]:
    fields = {name: _without_items(item) for name, item in node.get("properties", {}).items()}
    kept = {name: item for name, item in node.items() if name != "items"}
    return {**kept, "properties": fields} if fields else kept
