"""Reading recorded events: one JSON event, a JSON array of them, or JSON Lines."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contracts.pointer import child
from contracts.strict_json import JsonFault, parse
from hakuna_mock.judging import Item, item_of
from hakuna_mock.reports.model import Source

STDIN = "-"


class InputError(Exception):
    """A file cannot be read as events; the message holds file and line."""


def read_events(path: str) -> Iterator[Item]:
    """The events of a file, or of standard input for `-`, each with its place."""
    text = _text(path)
    name = "<stdin>" if path == STDIN else path
    start = text.lstrip()
    if not start:
        raise InputError(f"{name}:1: the file is empty; it should hold events as JSON")
    try:
        whole = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        if start[0] == "{" and "\n" in start.strip():
            yield from _lines(name, text)
            return
        raise InputError(f"{name}:{getattr(error, 'lineno', 1)}: {_why(error)}") from None
    if isinstance(whole, list):
        for place, document in enumerate(whole):
            source = Source(name, text, child("", place))
            yield item_of(source, _label(document, place + 1), document)
    else:
        yield item_of(Source(name, text), _label(whole, 1), whole)


def _lines(name: str, text: str) -> Iterator[Item]:
    number = 0
    for line_number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        number += 1
        parsed = parse(line.encode("utf-8", "surrogatepass"))
        if isinstance(parsed, JsonFault):
            said = parsed.message.replace("the body", "this line").replace(" at line 1, ", " at ")
            raise InputError(f"{name}:{line_number}: {said}")
        source = Source(name, line.rstrip("\r"), first_line=line_number)
        yield item_of(source, _label(parsed.value, number), parsed.value)


def _text(path: str) -> str:
    try:
        data = sys.stdin.buffer.read() if path == STDIN else Path(path).read_bytes()
    except IsADirectoryError:
        raise InputError(f"{path}: this is a directory; name a file of events") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}:{line}: this is not UTF-8 text") from None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not a JSON number")


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"this is not JSON: {error.msg.lower()} (column {error.colno})"
    if isinstance(error, RecursionError):
        return "this is nested too deeply"
    return str(error)


def _label(document: Any, number: int) -> str:
    kind = document.get("type") if isinstance(document, dict) else None
    return f"{number}. {kind if isinstance(kind, str) else 'no event'}"
