"""The OpenAPI 3.1 document of the mocked endpoint, built from the same schemas as the validator."""

import copy
from functools import cache
from typing import Any

from contracts import schemas
from contracts.event_kinds import EVENT_TYPES
from contracts.http.idempotency import KEY_HEADER, MAX_LENGTH
from contracts.judging.replies import ENDPOINT
from contracts.rules.families.headers import VERSION, VERSION_HEADER
from contracts.version import __version__

DEFAULT_SERVER = "http://127.0.0.1:4258"

_COMMON = "common.json#/$defs/"
_ERRORS = {
    "400": "A body, an idempotency key or, under enforcement `reject`, an event that breaks a rule",
    "401": "No usable sandbox key",
    "404": "Wrong path or method; an unknown order under enforcement `reject`",
}


def openapi(server_url: str = DEFAULT_SERVER) -> dict[str, Any]:
    """The document for the mock at that address.

    Every schema in it is one of `contracts/schemas`, with its `$ref`s inlined.
    """
    servers = [{"url": server_url, "description": "hakuna-mock"}]
    return {**_document(), "servers": servers}


@cache
def _document() -> dict[str, Any]:
    parts = schemas.schema("common")["$defs"]
    components = {name: _local(node) for name, node in parts.items()}
    for name in (*EVENT_TYPES, "reply", "error"):
        document = {key: value for key, value in schemas.schema(name).items() if key[0] != "$"}
        components[name] = _local(document)
    components["event"] = {
        "oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in EVENT_TYPES],
        "discriminator": {
            "propertyName": "type",
            "mapping": {name: f"#/components/schemas/{name}" for name in EVENT_TYPES},
        },
    }
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Hakuna Events API, as hakuna-mock understands it",
            "version": __version__,
            "description": (
                "Unofficial and not affiliated with Hakuna. `x-basis` says of each part whether "
                "it is documented, inferred, or a house choice; `x-required-basis` says the same "
                "of lists of required fields."
            ),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "security": [{"authorization": []}, {"bearerHeader": []}],
        "paths": {ENDPOINT: {"post": _operation()}},
        "components": {
            "schemas": components,
            "securitySchemes": {
                "authorization": {"type": "http", "scheme": "bearer"},
                "bearerHeader": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Bearer",
                    "description": "The literal header of the events page.",
                },
            },
        },
    }


def _operation() -> dict[str, Any]:
    return {
        "operationId": "publishEvent",
        "summary": "Publish one order event",
        "parameters": [
            _header(
                VERSION_HEADER,
                f"The API version. Events belong to {VERSION}; other values get a warning here.",
                {"type": "string", "examples": [VERSION]},
            ),
            _header(
                KEY_HEADER,
                "Names this event, so that a retry is safe; a UUID.",
                {"type": "string", "pattern": "^[!-~]+$", "minLength": 1, "maxLength": MAX_LENGTH},
            ),
        ],
        "requestBody": {"required": True, "content": _json("event")},
        "responses": {
            "200": {"description": "The event was accepted", "content": _json("reply")},
            **{
                status: {"description": text, "content": _json("error")}
                for status, text in _ERRORS.items()
            },
        },
    }


def _header(name: str, text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "description": text, "schema": schema}


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _local(node: Any) -> Any:
    """The same schema with references into this document instead of between files."""
    if isinstance(node, dict):
        found = {key: _local(value) for key, value in node.items()}
        reference = found.get("$ref")
        if isinstance(reference, str):
            found["$ref"] = reference.replace(_COMMON, "#/components/schemas/")
        return found
    return [_local(value) for value in node] if isinstance(node, list) else copy.copy(node)
