"""Where a JSON pointer points in a text: line and column of the value, for code frames."""

import json
from bisect import bisect_right
from functools import lru_cache
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import cast

from contracts.json_text.pointer import split
from contracts.values import dataclass

_DECODER = json.JSONDecoder()
_BLANK = " \t\r\n"

_Span = tuple[int, int]
"""Start and end of a value, as offsets in the text."""


@dataclass(frozen=True)
class Position:
    """Line and column, both from 1, and how many characters the value has on that line."""

    line: int
    column: int
    width: int


def locate(text: str, pointer: str) -> Position:
    """The place of the value; of a missing one, the nearest object or list around it."""
    return _map_of(text).position(pointer)


def excerpt(text: str, pointer: str) -> str:
    """The text of a value exactly as it is there; of a missing one, of what is around it.

    The whole document is all of the text but the blanks around it, and need not be read for that.
    """
    if not pointer:
        return text.strip(_BLANK)
    start, end = _map_of(text).span(pointer)
    return text[start:end]


class _Map:
    """One text, in which each object and list is read once, however many places are asked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = _line_starts(text)
        self._members: dict[int, dict[str, _Span]] = {}
        start = _skip(text, 0)
        try:
            _, end = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            end = start
        self._root = (start, end)

    def span(self, pointer: str) -> _Span:
        start, end = self._root
        try:
            # Text that is no JSON as a whole has only its start.
            for step in split(pointer) if end > start else ():
                start, end = self._child(start, step)
        except (KeyError, ValueError, RecursionError):
            pass  # the value is not there: what was found last is around it
        return start, end

    def position(self, pointer: str) -> Position:
        start, end = self.span(pointer)
        line = bisect_right(self._lines, start)
        stop = self._lines[line] - 1 if line < len(self._lines) else len(self._text)
        return Position(line, start - self._lines[line - 1] + 1, max(1, min(end, stop) - start))

    def _child(self, start: int, step: str) -> _Span:
        members = self._members.get(start)
        if members is None:
            members = self._members[start] = _members(self._text, start)
        return members[step]


@lru_cache(maxsize=4)
def _map_of(text: str) -> _Map:
    """Kept, because one file has many findings."""
    return _Map(text)


def _line_starts(text: str) -> list[int]:
    starts = [0]
    while (stop := text.find("\n", starts[-1])) >= 0:
        starts.append(stop + 1)
    return starts


def _members(text: str, start: int) -> dict[str, _Span]:
    """The members of an object or list; of repeated keys the last, which is the one that counts."""
    opening = text[start : start + 1]
    found: dict[str, _Span] = {}
    if opening not in ("{", "["):
        return found
    place, number = _skip(text, start + 1), 0
    while text[place : place + 1] not in ("}", "]", ""):
        name = str(number)
        if opening == "{":
            name, place = cast("tuple[str, int]", scanstring(text, place + 1))
            place = _skip(text, _skip(text, place) + 1)
        _, end = _DECODER.raw_decode(text, place)
        found[name] = (place, end)
        place, number = _skip(text, end), number + 1
        if text[place : place + 1] == ",":
            place = _skip(text, place + 1)
    return found


def _skip(text: str, place: int) -> int:
    while text[place : place + 1] in _BLANK and place < len(text):
        place += 1
    return place
