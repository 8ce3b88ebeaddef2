"""The values that options take: how each kind is read from text, and its JSON Schema."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from contracts.http.credentials import SANDBOX_KEY, mask, mask_keys
from contracts.timing.rfc3339 import Instant, parse_instant, why_not_an_instant
from contracts.values import dataclass
from contracts.worlds.policy import MAX_NAME, check_protection_product
from mock_server.store.state_target import check_state

_SIZE = re.compile(r"([0-9]{1,12})\s*(B|KiB|MiB|GiB)?", re.IGNORECASE)
_UNITS = {"": 1, "b": 1, "kib": 1024, "mib": 1024**2, "gib": 1024**3}
_FLAGS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


@dataclass(frozen=True)
class Kind:
    """A kind of value. `parse` raises ValueError with words that follow the option's name."""

    parse: Callable[[str], Any]
    metavar: str
    schema: Mapping[str, Any]


def as_text(value: object) -> str:
    """A value of TOML or click as it would be written in the environment."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else str(value)


def words(metavar: str) -> Kind:
    """Any text that is not empty."""

    def parse(value: str) -> str:
        if not value:
            raise ValueError("may not be empty")
        return value

    return Kind(parse, metavar, {"type": "string", "minLength": 1})


def choice(*choices: str, convert: Callable[[str], Any] = str) -> Kind:
    """One of a few words."""

    def parse(value: str) -> Any:
        if value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return convert(value)

    return Kind(parse, "|".join(choices), {"enum": list(choices)})


def whole(least: int, most: int = 10**18 - 1) -> Kind:
    """A whole number from `least` to `most`."""
    if least == 1 and most == 10**18 - 1:
        problem = "must be at least 1"
    else:
        problem = f"must be a whole number from {least} to {most}"

    def parse(value: str) -> int:
        number = _any_whole(value)
        if not least <= number <= most:
            raise ValueError(problem)
        return number

    return Kind(parse, "N", {"type": "integer", "minimum": least, "maximum": most})


def _any_whole(value: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise ValueError("must be a whole number")
    return int(value)


def _path(value: str) -> Path:
    return Path(value)


def _token(value: str) -> str:
    if not value or not value.isascii() or not value.isprintable() or value != value.strip():
        raise ValueError("must be printable ASCII, for it is sent as a header")
    return value


def _port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) > 65_535:
        raise ValueError("must be a port from 0 (any free one) to 65535")
    return int(value)


def size(least: int, most: int, example: str) -> Kind:
    """A number of bytes between these, with or without a unit."""

    def parse(value: str) -> int:
        match = _SIZE.fullmatch(value.strip())
        number = int(match[1]) * _UNITS[(match[2] or "").lower()] if match else 0
        if not least <= number <= most:
            from_least = f"{as_size(least)} at least and " if least > 1 else ""
            raise ValueError(
                f"must be a size such as {example}, {from_least}{as_size(most)} at most"
            )
        return number

    return Kind(
        parse,
        "SIZE",
        {
            "anyOf": [
                {"type": "integer", "minimum": least, "maximum": most},
                {"type": "string", "pattern": "^[0-9]{1,12} *([KkMmGg][Ii])?[Bb]?$"},
            ]
        },
    )


def as_size(number: int) -> str:
    """A number of bytes as a person writes it: 512MiB."""
    for unit, factor in (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024)):
        if number % factor == 0:
            return f"{number // factor}{unit}"
    return str(number)


def _instant(value: str) -> Instant:
    instant = parse_instant(value)
    if instant is None:
        raise ValueError(f"must be a point in time: {why_not_an_instant(value)}")
    return instant


def _switch(value: str) -> bool:
    if value.lower() not in _FLAGS:
        raise ValueError("must be true or false")
    return _FLAGS[value.lower()]


def _named_key(value: str) -> str:
    name, equals, key = value.rpartition("=")
    if not SANDBOX_KEY.fullmatch(key):
        raise ValueError(
            f"{mask(key)} is not a sandbox key: sk_test_ and then letters, digits or _"
        )
    if equals and (not name.strip() or len(name) > MAX_NAME or not name.isprintable()):
        raise ValueError(
            f"{mask(key)}: a name before = is a text of 1 to {MAX_NAME} visible characters"
        )
    return value


def split_named_key(value: str) -> tuple[str, str]:
    """The name and the key of `NAME=KEY`; the name is "" where there is none."""
    name, _, key = value.rpartition("=")
    return mask_keys(name.strip()), key


def _provider_document(value: str) -> object:
    from mock_server.proxy.provider_document import read_document  # noqa: PLC0415 - where one is

    return read_document(value)


def _rule_level(value: str) -> tuple[str, str]:
    from contracts.worlds.rule_levels import (  # noqa: PLC0415 - all rules, where one is named
        check_rule_level,
    )

    rule, equals, level = value.partition("=")
    if not equals:
        raise ValueError(f"{rule}: write ID=LEVEL, for example zip-format=off")
    try:
        return rule, check_rule_level(rule, level)
    except ValueError as error:
        raise ValueError(f"{rule}: {error}") from None


PATH = Kind(_path, "PATH", {"type": "string"})
STATE = Kind(check_state, "PATH|URL", {"type": "string", "minLength": 1})
TOKEN = Kind(_token, "TOKEN", {"type": "string", "pattern": "^[!-~]([ -~]*[!-~])?$"})
PORT = Kind(_port, "PORT", {"type": "integer", "minimum": 0, "maximum": 65_535})
ANY_WHOLE = Kind(_any_whole, "N", {"type": "integer", "exclusiveMaximum": 10**18})
POSITIVE = whole(1)
BODY_SIZE = size(1, 1024**3, "1MiB, 512KiB or 1000000")
MEMORY_SIZE = size(128 * 1024**2, 1024**4, "512MiB or 2GiB")
INSTANT = Kind(_instant, "RFC3339", {"type": "string", "format": "date-time"})
SWITCH = Kind(_switch, "", {"type": "boolean"})
NAMED_KEY = Kind(
    _named_key,
    "[NAME=]KEY",
    {"type": "string", "pattern": f"^(.{{1,{MAX_NAME}}}=)?{SANDBOX_KEY.pattern}$"},
)
PROVIDER_DOCUMENT = Kind(_provider_document, "FILE", {"type": "string", "minLength": 1})
RULE_LEVEL = Kind(_rule_level, "ID=LEVEL", {})
PROTECTION_PRODUCT = Kind(
    check_protection_product, "ID", {"type": "string", "pattern": r"^([^*]+\*?)$"}
)
