"""The JSON Schema of the table `[tool.hakuna-mock]`, for editors and for whoever writes it."""

from typing import Any

from contracts.findings.outside import OUTSIDE
from contracts.rules import RULES
from contracts.worlds.policy import Decision
from contracts.worlds.rule_levels import LEVELS
from mock_server.settings import OPTIONS, Option, env_name


def settings_schema() -> dict[str, Any]:
    """Every setting in both spellings, `max-body` and `max_body`."""
    properties = {}
    for name, option in OPTIONS.items():
        schema = {"description": f"{option.help} ({option.flag}, {env_name(name)})"}
        schema |= _rules() if option.keyed else _values(option)
        properties[name.replace("_", "-")] = properties[name] = schema
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The table [tool.hakuna-mock] of pyproject.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


def _values(option: Option) -> dict[str, Any]:
    if not option.many:
        return dict(option.kind.schema)
    return {"type": "array", "items": dict(option.kind.schema)}


def _rules() -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            rule.id: {
                "description": rule.title,
                "enum": [
                    level
                    for level in LEVELS
                    if not (rule.always_refuses and level == Decision.ACCEPT)
                ],
            }
            for rule in RULES.values()
        }
        | {item.id: {"description": item.title, "enum": [*LEVELS]} for item in OUTSIDE.values()},
    }
