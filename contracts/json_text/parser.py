"""Bytes to JSON, stricter than the standard library and with its faults in words."""

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from contracts.json_text.pointer import child
from contracts.values import dataclass

MAX_DEPTH = 64
MAX_STRING = 128 * 1024
"""Characters of one string, names of fields included; a page of text has 3,000."""

MAX_INTEGER_DIGITS = 308
"""Longer integers are refused: no amount or quantity needs them, and validators differ there."""

_SMALLER = f"send a number of at most {MAX_INTEGER_DIGITS} digits"

_NO_MARKS = bytes(set(range(256)) - set(b'[]{}"'))
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_OPENING = ord("[")


@dataclass(frozen=True)
class JsonFault:
    """Why the bytes are not a document: `pointer` where it can be told, what is wrong, the fix."""

    pointer: str
    message: str
    fix: str = "send one event as a JSON object in UTF-8"


@dataclass(frozen=True)
class Document:
    """A parsed body; `duplicates` are the pointers of keys that appeared twice in one object."""

    value: Any
    duplicates: tuple[str, ...] = ()


_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class _RefusedError(ValueError):
    """A number that JSON text may hold in Python, but not here, and what to send instead."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


def parse(body: bytes) -> Document | JsonFault:
    """The document in `body`: UTF-8 without BOM, finite numbers, no lone surrogates, bounded depth.

    Of duplicate keys the last wins; they are reported, not refused.
    """
    text = _decoded(body)
    if isinstance(text, JsonFault):
        return text
    if not text.strip(" \t\r\n"):
        return JsonFault("", "the body is empty; send one event as a JSON object")
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _is_deeper(body, MAX_DEPTH):
        return JsonFault(
            "", f"the body is nested deeper than {MAX_DEPTH} levels; an event needs six"
        )
    repeated: list[tuple[dict[str, Any], str]] = []
    try:
        try:
            value = _WITHOUT_REPEATS.decode(text)
        except _RepeatedError:
            value = _decoder(partial(_collected, repeated)).decode(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        return JsonFault(
            "", f"the body is not valid JSON: {error.msg.lower().removesuffix(' at')} at {where}"
        )
    except _RefusedError as error:
        return JsonFault("", str(error), error.fix)
    surrogate = _lone_surrogate(value) if _ESCAPED_SURROGATE.search(text) else None
    if surrogate is not None:
        return JsonFault(
            surrogate, "a string holds a lone surrogate (\\ud800 to \\udfff); write the whole pair"
        )
    if _may_hold_long_string(body) and (long := _too_long_string(value)):
        return long
    return Document(value, _pointers_of(repeated, value) if repeated else ())


def _decoded(body: bytes) -> str | JsonFault:
    if body.startswith(b"\xef\xbb\xbf"):
        return JsonFault(
            "", "the body starts with a UTF-8 byte order mark (EF BB BF); send it without"
        )
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        return JsonFault(
            "", f"the body is not UTF-8: byte 0x{body[error.start]:02x} at offset {error.start}"
        )


class _RepeatedError(Exception):
    """A key appears twice in one object."""


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RepeatedError
    return found


def _collected(
    repeated: list[tuple[dict[str, Any], str]], pairs: list[tuple[str, Any]]
) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                repeated.append((found, key))
            seen.add(key)
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise _RefusedError(
        f"{name} is not a JSON number", "send a finite number, or leave the field out"
    )


def _finite(digits: str) -> float | int:
    """The number; a whole one as an integer, so that 1.0 and 1 are the same from here on."""
    value = float(digits)
    if value.is_integer():
        return int(value)
    if value in (float("inf"), float("-inf")):
        shown = digits if len(digits) <= 40 else digits[:40] + "…"
        raise _RefusedError(f"the number {shown} is too large", _SMALLER)
    return value


def _bounded(digits: str) -> int:
    length = len(digits.lstrip("-"))
    if length > MAX_INTEGER_DIGITS:
        raise _RefusedError(f"a number of {length} digits is too large", _SMALLER)
    return int(digits)


def _decoder(of_pairs: Callable[[list[tuple[str, Any]]], dict[str, Any]]) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=of_pairs,
        parse_constant=_refuse_constant,
        parse_float=_finite,
        parse_int=_bounded,
    )


_WITHOUT_REPEATS = _decoder(_distinct)
"""Made once: that takes a third of the time of reading. It gives up where a key repeats."""


def _is_deeper(body: bytes, levels: int) -> bool:
    """Whether brackets are nested deeper: asked of the text, for deep nesting breaks parsers.

    Each round closes the innermost pairs, so it takes as many rounds as there are levels, each at
    the speed of `bytes.replace`. Brackets that never close are counted one by one. No step takes
    long, for while one lasts no other thread runs.
    """
    without_escapes = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    marks = without_escapes.translate(_ONE_KIND, _NO_MARKS)
    # Most strings hold no bracket; two quotes less leave all others in or out of strings.
    brackets = b"".join(marks.replace(b'""', b"").split(b'"')[::2])
    rounds = 0
    while brackets and rounds < levels:
        closed = brackets.replace(b"[]", b"")
        if len(closed) == len(brackets):
            break
        brackets, rounds = closed, rounds + 1
    deepest = depth = 0
    for mark in brackets:
        depth += 1 if mark == _OPENING else -1
        deepest = max(deepest, depth)
    return rounds + deepest > levels


def _walk(value: Any) -> list[tuple[str, Any]]:
    """Every value of the document with its pointer; keys are included as values of their own."""
    found = [("", value)]
    for pointer, node in found:
        if isinstance(node, dict):
            for key, inner in node.items():
                found.append((child(pointer, key), key))
                found.append((child(pointer, key), inner))
        elif isinstance(node, list):
            found.extend((child(pointer, place), inner) for place, inner in enumerate(node))
    return found


def _may_hold_long_string(body: bytes) -> bool:
    """Whether some string may be too long: quotes that are far apart, escaped ones aside."""
    if len(body) <= MAX_STRING:
        return False
    unescaped = body.replace(b'\\"', b"")
    # Where a backslash is escaped itself, two strings may be taken for one: then one looks closer.
    _before, *between = unescaped.split(b'"')
    return max(map(len, between), default=0) > MAX_STRING - body.count(b'\\"')


def _too_long_string(value: Any) -> JsonFault | None:
    for pointer, node in _walk(value):
        if isinstance(node, str) and len(node) > MAX_STRING:
            message = (
                f"a string of {len(node)} characters; {MAX_STRING} are the limit of hakuna-mock"
            )
            # The pointer to a name that long would be as long itself.
            place = pointer if len(pointer) < MAX_STRING else ""
            return JsonFault(place, message, "shorten it: no field of an event needs so much")
    return None


def _lone_surrogate(value: Any) -> str | None:
    for pointer, node in _walk(value):
        if isinstance(node, str) and _SURROGATE.search(node):
            return pointer.encode("utf-8", "replace").decode()
    return None


def _pointers_of(repeated: list[tuple[dict[str, Any], str]], value: Any) -> tuple[str, ...]:
    """Where the objects with repeated keys ended up; an object that lost itself counts as ""."""
    places = {id(node): pointer for pointer, node in _walk(value) if isinstance(node, dict)}
    found = (
        child(places[id(owner)], key) if id(owner) in places else "" for owner, key in repeated
    )
    return tuple(dict.fromkeys(found))
