"""The reader's own copy of the provider's OpenAPI document, and how it judges an event.

The request schema of `POST …/events` is found, also behind `$ref`; where it is a `oneOf` by `type`,
an event is explained by the branch of its own type. Nothing is ever fetched: a `$ref` that leaves
the document is an error with its place.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jsonschema_rs

from contracts.json_text.pointer import child, join
from contracts.printable import printable
from contracts.schemas.validator import is_date_time
from contracts.values import dataclass

MAX_DIFFERENCES = 20
MAX_NODES = 20_000
_VERSION = re.compile(r"3\.[01](\.[0-9]+)?")


class ContractDocumentError(ValueError):
    """The document cannot be used; `pointer` is the place, "" for the whole."""

    def __init__(self, pointer: str, message: str) -> None:
        place = f"{pointer}: " if pointer else ""
        super().__init__(f"{place}{message}")
        self.pointer = pointer


@dataclass(frozen=True)
class Difference:
    """Where an event is judged otherwise by the provider's document than by ours."""

    pointer: str
    message: str


@dataclass(frozen=True, eq=False)
class ProviderContract:
    """The provider's document. `pointer` is the place of its request schema, `title` its name."""

    title: str
    pointer: str
    whole: Any
    by_type: Mapping[str, Any]

    def accepts(self, document: Any) -> bool:
        """Whether the provider's document accepts a body."""
        return bool(self.whole.is_valid(document))

    def refusals(self, document: Any) -> tuple[Difference, ...]:
        """Why it does not, each with its place in the body."""
        kind = document.get("type") if isinstance(document, dict) else None
        branch = self.by_type.get(kind) if isinstance(kind, str) else None
        chosen = self.whole if branch is None or branch.is_valid(document) else branch
        found: dict[str, Difference] = {}
        for error in chosen.iter_errors(document):
            pointer = join(error.instance_path)
            found.setdefault(pointer, Difference(pointer, printable(error.message, 300)))
            if len(found) >= MAX_DIFFERENCES:
                break
        return tuple(found[item] for item in sorted(found))


def read_provider_contract(document: Any) -> ProviderContract:
    """The contract in an OpenAPI 3.0 or 3.1 document; ContractDocumentError where there is none."""
    if not isinstance(document, dict):
        raise ContractDocumentError("", "an OpenAPI document is an object")
    version = _version(document)
    pointer = _request_schema(document)
    _check_references(document, pointer)
    if version.startswith("3.0"):
        document = _as_31(document)
    info = document.get("info")
    title = info.get("title") if isinstance(info, dict) else None
    whole = _compiled(document, pointer)
    branches = {
        kind: _compiled(document, place) for kind, place in _branches(document, pointer).items()
    }
    return ProviderContract(str(title or "the provider's document"), pointer, whole, branches)


def _version(document: Mapping[str, Any]) -> str:
    version = document.get("openapi")
    if isinstance(version, str) and _VERSION.fullmatch(version):
        return version
    if "swagger" in document:
        raise ContractDocumentError(
            "/swagger", "this is Swagger 2.0; convert it to OpenAPI 3 first (swagger2openapi does)"
        )
    if version is None:
        raise ContractDocumentError("", "there is no field openapi: is this an OpenAPI document?")
    raise ContractDocumentError(
        "/openapi", f"{str(version)[:20]!r} is not supported; it must be 3.0.x or 3.1.x"
    )


def _request_schema(document: Mapping[str, Any]) -> str:
    """The place of the request schema of `POST …/events`."""
    paths = document.get("paths")
    if not isinstance(paths, dict):
        raise ContractDocumentError("/paths", "there are no paths")
    found: list[tuple[str, str]] = []
    for path in paths:
        if str(path).rstrip("/").rpartition("/")[2] == "events":
            place, item = _followed(document, child("/paths", path))
            if isinstance(item, dict) and "post" in item:
                found.append((str(path), child(place, "post")))
    if not found:
        some = ", ".join(list(map(str, paths))[:8]) or "none"
        raise ContractDocumentError("/paths", f"there is no POST …/events (the paths are: {some})")
    # Of both environments the sandbox is meant, else the shortest path.
    found.sort(key=lambda element: ("sandbox" not in element[0], len(element[0])))
    place, operation = _followed(document, found[0][1])
    if not isinstance(operation, dict) or "requestBody" not in operation:
        raise ContractDocumentError(place, "this operation has no requestBody")
    place, body = _followed(document, child(place, "requestBody"))
    content = body.get("content") if isinstance(body, dict) else None
    kinds = [element for element in content or () if _is_json(str(element))] if content else []
    if not isinstance(content, dict) or not kinds:
        raise ContractDocumentError(f"{place}/content", "there is no application/json")
    place = child(f"{place}/content", kinds[0])
    media = content[kinds[0]]
    if not isinstance(media, dict) or not isinstance(media.get("schema"), dict):
        raise ContractDocumentError(place, "there is no schema")
    return child(place, "schema")


def _is_json(kind: str) -> bool:
    name = kind.partition(";")[0].strip().lower()
    return name in ("application/json", "*/*", "application/*") or name.endswith("+json")


def _followed(document: Any, pointer: str) -> tuple[str, Any]:
    """What is at a place, every `$ref` there followed."""
    seen: set[str] = set()
    while True:
        node = _at(document, pointer)
        if not isinstance(node, dict) or "$ref" not in node:
            return pointer, node
        if pointer in seen:
            raise ContractDocumentError(pointer, "this $ref leads back to itself")
        seen.add(pointer)
        pointer = _target(node["$ref"], pointer)


def _target(reference: Any, pointer: str) -> str:
    place = child(pointer, "$ref")
    if not isinstance(reference, str):
        raise ContractDocumentError(place, "a $ref is a text")
    if not reference.startswith("#"):
        raise ContractDocumentError(
            place,
            f"{reference[:80]!r} leaves the document, and nothing is fetched; bundle it into one "
            "file first (redocly bundle does)",
        )
    target = reference[1:]
    if target and not target.startswith("/"):
        raise ContractDocumentError(place, f"{reference[:80]!r} is an anchor; write #/components/…")
    return _unquoted(target)


def _unquoted(pointer: str) -> str:
    return re.sub("%([0-9a-fA-F]{2})", lambda item: chr(int(item[1], 16)), pointer)


def _at(document: Any, pointer: str) -> Any:
    node = document
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and name.isdigit() and int(name) < len(node):
            node = node[int(name)]
        elif isinstance(node, dict) and name in node:
            node = node[name]
        elif isinstance(node, dict) and name.isdigit() and int(name) in node:
            node = node[int(name)]  # YAML reads the name of a response as a number
        else:
            raise ContractDocumentError(pointer, "there is nothing at this place")
    return node


def _check_references(document: Any, start: str) -> None:
    """Refuse a schema in which a `$ref` leads nowhere or out of the document."""
    waiting, seen = [start], set[str]()
    while waiting:
        pointer = waiting.pop()
        if pointer in seen:
            continue
        seen.add(pointer)
        if len(seen) > MAX_NODES:
            raise ContractDocumentError(start, "this schema is too large")
        node = _at(document, pointer)
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                target = _target(node["$ref"], pointer)
                _at_reference(document, target, pointer)
                waiting.append(target)
            waiting += [child(pointer, name) for name in node if name not in ("$ref", "example")]
        elif isinstance(node, list):
            waiting += [child(pointer, place) for place in range(len(node))]


def _at_reference(document: Any, target: str, pointer: str) -> None:
    try:
        _at(document, target)
    except ContractDocumentError:
        place = child(pointer, "$ref")
        raise ContractDocumentError(place, f"there is nothing at #{target[:100]}") from None


def _branches(document: Any, pointer: str) -> dict[str, str]:
    """The branch of each event type, where the schema is a choice by `type`."""
    place, schema = _followed(document, pointer)
    if not isinstance(schema, dict):
        return {}
    for keyword in ("oneOf", "anyOf"):
        options = schema.get(keyword)
        if isinstance(options, list):
            return {
                kind: item
                for number in range(len(options))
                for item in (_branch(place, keyword, number),)
                for kind in _types(document, item)
            }
    return {}


def _branch(pointer: str, keyword: str, number: int) -> str:
    """The place of one branch."""
    return child(child(pointer, keyword), number)


def _types(document: Any, pointer: str) -> Iterator[str]:
    """The values of `type` that a branch is for."""
    place, schema = _followed(document, pointer)
    if not isinstance(schema, dict):
        return
    properties = schema.get("properties")
    if isinstance(properties, dict) and "type" in properties:
        _, kind = _followed(document, child(f"{place}/properties", "type"))
        if isinstance(kind, dict):
            values = [kind["const"]] if "const" in kind else kind.get("enum", [])
            yield from (item for item in values if isinstance(item, str))
    parts = schema.get("allOf")
    if isinstance(parts, list):
        for number in range(len(parts)):
            yield from _types(document, _branch(place, "allOf", number))


def _compiled(document: Mapping[str, Any], pointer: str) -> Any:
    """A validator of the schema at a place; `$ref`s into the document are followed."""
    root = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": f"#{pointer}",
        **{name: value for name, value in document.items() if not str(name).startswith("$")},
    }
    try:
        return jsonschema_rs.Draft202012Validator(
            root, formats={"date-time": is_date_time}, validate_formats=True, offline=True
        )
    except (ValueError, jsonschema_rs.ValidationError) as error:
        message = " ".join(str(error).split())[:200]
        raise ContractDocumentError(pointer, f"this is not a JSON Schema: {message}") from None


def _as_31(node: Any) -> Any:
    """The document with what OpenAPI 3.0 says otherwise than JSON Schema, as that says it."""
    if isinstance(node, list):
        return [_as_31(item) for item in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        return {"$ref": node["$ref"]}  # 3.0 ignores what is beside it
    made = {name: _as_31(value) for name, value in node.items()}
    for change in _CHANGES_30:
        change(made)
    return made


def _nullable(node: dict[str, Any]) -> None:
    if node.pop("nullable", None) is True and isinstance(node.get("type"), str):
        node["type"] = [node["type"], "null"]
        if isinstance(node.get("enum"), list) and None not in node["enum"]:
            node["enum"] = [*node["enum"], None]


def _exclusive(limit: str, keyword: str) -> Callable[[dict[str, Any]], None]:
    def change(node: dict[str, Any]) -> None:
        if node.get(keyword) is True and limit in node:
            node[keyword] = node.pop(limit)
        elif isinstance(node.get(keyword), bool):
            del node[keyword]

    return change


_CHANGES_30 = (
    _nullable,
    _exclusive("minimum", "exclusiveMinimum"),
    _exclusive("maximum", "exclusiveMaximum"),
)
