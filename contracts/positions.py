"""Where a JSON pointer stands in a text: line and column of the value, for code frames."""

import json
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import cast

from contracts.pointer import split

_DECODER = json.JSONDecoder()
_BLANK = " \t\r\n"


@dataclass(frozen=True)
class Position:
    """Line and column, both from 1, and how many characters the value has on that line."""

    line: int
    column: int
    width: int


def locate(text: str, pointer: str) -> Position:
    """The place of the value; of a missing one, the nearest object or list around it."""
    start = end = _skip(text, 0)
    try:
        _, end = _DECODER.raw_decode(text, start)
        for step in split(pointer):
            start, end = _child(text, start, step)
    except (KeyError, ValueError, RecursionError):
        pass  # the value is not there: what was found last is around it
    line = text.count("\n", 0, start) + 1
    column = start - (text.rfind("\n", 0, start) + 1) + 1
    stop = text.find("\n", start)
    last = min(end, len(text) if stop < 0 else stop)
    return Position(line, column, max(1, last - start))


def _child(text: str, start: int, step: str) -> tuple[int, int]:
    """Start and end of one member; of repeated keys the last, which is the one that counts."""
    opening = text[start : start + 1]
    if opening not in ("{", "["):
        raise KeyError(step)
    place, number, found = _skip(text, start + 1), 0, None
    while text[place : place + 1] not in ("}", "]", ""):
        name = str(number)
        if opening == "{":
            name, place = cast("tuple[str, int]", scanstring(text, place + 1))
            place = _skip(text, _skip(text, place) + 1)
        _, end = _DECODER.raw_decode(text, place)
        if name == step:
            found = (place, end)
            if opening == "[":
                break
        place, number = _skip(text, end), number + 1
        if text[place : place + 1] == ",":
            place = _skip(text, place + 1)
    if found is None:
        raise KeyError(step)
    return found


def _skip(text: str, place: int) -> int:
    while text[place : place + 1] in _BLANK and place < len(text):
        place += 1
    return place
