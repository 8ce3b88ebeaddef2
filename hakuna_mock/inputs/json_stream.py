"""JSON values of a file one after the other, each with its exact text and its place.

A large array is never held as a whole. Libraries that stream JSON give values without their text
and line; repeated keys and the places of findings would be lost.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from contracts.values import dataclass

MAX_VALUE = 512 * 1024 * 1024
"""Characters of one value."""
MAX_DIGITS = 4300
"""Python does not read longer integers (sys.set_int_max_str_digits)."""
_LOOK_AHEAD = 200
_BLANK = " \t\r\n"
_ENDS = _BLANK + ",:]}"


class JsonStreamError(ValueError):
    """What follows is not JSON; the message says why, `line` where."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Located:
    """One value with its text, which begins at `line` and `column` (both from 1).

    A value that is the first thing on its line has its indentation in the text.
    """

    value: Any
    text: str
    line: int
    column: int


class JsonStream:
    """Reads values, arrays and objects from chunks of text."""

    def __init__(self, chunks: Iterator[str]) -> None:
        self._chunks = chunks
        self._buffer = ""
        self._at = 0
        self._ended = False
        self._line, self._column = 1, 1
        self._indentation = ""
        self._decoder = json.JSONDecoder(parse_constant=_refuse, parse_int=_bounded)

    @property
    def line(self) -> int:
        """The line of what comes next."""
        return self._line

    def peek(self) -> str:
        """The next character that is not blank; empty at the end."""
        while True:
            start = self._at
            while self._at < len(self._buffer) and self._buffer[self._at] in _BLANK:
                self._at += 1
            self._passed(self._buffer[start : self._at])
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._fill():
                return ""

    def begins_with(self, name: str) -> bool:
        """Whether an object comes next whose first member has this name."""
        self.peek()
        while len(self._buffer) - self._at < _LOOK_AHEAD and self._fill():
            pass
        start = self._buffer[self._at : self._at + _LOOK_AHEAD]
        return re.match(rf'\{{\s*"{name}"\s*:', start) is not None

    def value(self) -> Located:
        """The next value."""
        self.peek()
        line, column, indentation = self._line, self._column, self._indentation
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as error:
                before = self._buffer[self._at : error.pos]
                if self._fill():
                    continue
                line += before.count("\n")
                column = len(before) + self._column
                if "\n" in before:
                    column = len(before) - before.rfind("\n")
                reason = f"this is not JSON: {error.msg.lower()} (column {column})"
                raise JsonStreamError(line, reason) from None
            except RecursionError:
                raise JsonStreamError(self._line, "this is nested too deeply") from None
            except ValueError as error:
                raise JsonStreamError(self._line, str(error)) from None
            # A number that ends with the buffer, or before a sign that is not an end, may go on.
            ended = self._buffer[end : end + 1] in _ENDS or self._buffer[end - 1] in '"]}'
            if (ended and end < len(self._buffer)) or not self._fill():
                break
        text = self._buffer[self._at : end]
        self._at = end
        self._passed(text)
        if column == len(indentation) + 1:
            return Located(value, indentation + text, line, 1)
        return Located(value, text, line, column)

    def elements(self) -> Iterator[Located]:
        """The elements of the array that comes next."""
        self._take("[")
        if self.peek() == "]":
            self._take("]")
            return
        while True:
            yield self.value()
            if self.peek() != ",":
                self._take("]")
                return
            self._take(",")

    def members(self) -> Iterator[str]:
        """The names in the object that comes next; the caller reads each value."""
        self._take("{")
        if self.peek() == "}":
            self._take("}")
            return
        while True:
            name = self.value()
            if not isinstance(name.value, str):
                raise JsonStreamError(name.line, "this is not JSON: a name in quotes is missing")
            self._take(":")
            yield name.value
            if self.peek() != ",":
                self._take("}")
                return
            self._take(",")

    def _take(self, sign: str) -> None:
        found = self.peek()
        if found != sign:
            what = f"{found!r} is where {sign!r} belongs" if found else f"{sign!r} is missing"
            raise JsonStreamError(self._line, f"this is not JSON: {what} (column {self._column})")
        self._at += 1
        self._passed(sign)

    def _fill(self) -> bool:
        """Read on, at least as much as is there, so that a long value is not parsed too often."""
        if self._ended:
            return False
        rest = self._buffer[self._at :]
        if len(rest) > MAX_VALUE:
            raise JsonStreamError(
                self._line, "this value is too long; write one event a line (JSON Lines)"
            )
        parts, more = [rest], 0
        while more <= len(rest):
            chunk = next(self._chunks, None)
            if chunk is None:
                self._ended = True
                break
            parts.append(chunk)
            more += len(chunk)
        self._buffer, self._at = "".join(parts), 0
        return more > 0

    def _passed(self, text: str) -> None:
        """Count lines and columns of what was read."""
        blank, newlines = not text.strip(_BLANK), text.count("\n")
        if newlines:
            self._indentation = text[text.rfind("\n") + 1 :] if blank else ""
        elif not blank:
            self._indentation = ""
        elif self._column == len(self._indentation) + 1:
            self._indentation += text
        self._line += newlines
        self._column = len(text) - text.rfind("\n") if newlines else self._column + len(text)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")


def _bounded(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"an integer of {len(digits)} digits is not a sensible amount or quantity")
    return int(digits)
