"""Reading recorded events: files, folders and standard input, in every form that `check` takes.

One event, a JSON array of them, JSON Lines, recordings (`{"headers"?, "body", "response"?}`), and
HAR 1.2 as browsers and proxies export it. JSON Lines are read line by line.
"""

import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from contracts.json_text.parser import JsonFault, parse
from contracts.json_text.pointer import child
from contracts.json_text.positions import locate
from hakuna_mock.inputs.har import har_items, is_har
from hakuna_mock.inputs.recording import is_recording, recorded_item
from hakuna_mock.reports.model import Source
from hakuna_mock.runs.check import Item, item_of

STDIN = "-"
FORMS = ("auto", "json", "jsonl", "har")
_SUFFIXES = {".json", ".jsonl", ".ndjson", ".har"}
_LINE_SUFFIXES = {".jsonl", ".ndjson"}
_MOST_BYTES = 512 * 1024 * 1024
_MOST_DIGITS = 4300
"""More than these Python does not read (sys.set_int_max_str_digits)."""

Notice = Callable[[str], None]
Tick = Callable[[int], object]
"""Hears how many bytes were read since it was last called."""


class InputError(Exception):
    """A file cannot be read as events; the message holds file and line."""


def size_of(paths: Iterable[str]) -> int | None:
    """How many bytes there are to read; None where it cannot be told."""
    total = 0
    for path in paths:
        try:
            files = _files_in(path) if os.path.isdir(path) else [Path(path)]  # noqa: PTH112
            total += sum(one.stat().st_size for one in files)
        except (OSError, InputError):
            return None
    return total


def _files_in(folder: str, notice: Notice = lambda _said: None) -> list[Path]:
    """The files of events in a folder and those below it; InputError where one is closed to us.

    Pipes, devices and links to nowhere are passed over: reading them could last for ever.
    """
    found = []
    for parent, _, names in os.walk(folder, onerror=_refuse_folder):
        paths = [Path(parent, name) for name in names]
        found += [one for one in paths if one.suffix.lower() in _SUFFIXES]
    for one in sorted(found):
        if not one.is_file():
            notice(f"{one}: passed over, this is no regular file")
    return sorted(one for one in found if one.is_file())


def _refuse_folder(error: OSError) -> NoReturn:
    raise InputError(f"{error.filename}: {error.strerror}") from None


def read_events(
    path: str, form: str, notice: Notice, tick: Tick = lambda _bytes: None
) -> Iterator[Item]:
    """The events of a file, a folder or (`-`) standard input, each with its place.

    `notice` hears what was passed over, such as other requests in a HAR.
    """
    if path == STDIN:
        if sys.stdin is None:
            raise InputError("<stdin>: standard input is closed; give a file, or pipe events in")
        yield from _stream("<stdin>", _Followed(sys.stdin.buffer, tick), form, notice)
    elif os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises where a name is too long
        files = _files_in(path, notice)
        if not files:
            known = ", ".join(sorted(_SUFFIXES))
            raise InputError(f"{path}: there is no file of events in this folder ({known})")
        for one in files:
            yield from read_events(str(one), form, notice, tick)
    else:
        try:
            with Path(path).open("rb") as file:
                if form == "auto" and Path(path).suffix.lower() in _LINE_SUFFIXES:
                    form = "jsonl"
                yield from _stream(path, _Followed(file, tick), form, notice)
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}") from None


class _Followed:
    """A file whose reading is followed by a progress bar."""

    def __init__(self, file: BinaryIO, tick: Tick) -> None:
        self._file = file
        self._tick = tick

    def readline(self) -> bytes:
        """A line, or as much of it as a whole file may have."""
        line = self._file.readline(_MOST_BYTES)
        self._tick(len(line))
        return line

    def read(self, most: int) -> bytes:
        data = self._file.read(most)
        self._tick(len(data))
        return data


def _stream(name: str, file: _Followed, form: str, notice: Notice) -> Iterator[Item]:
    if form == "jsonl":
        yield from _lines(name, file)
        return
    if form == "auto":
        first = file.readline()
        if _is_one_object(first) and (second := file.readline()):
            yield from _lines(name, _Chained(first + second, file))
            return
        text = _text(name, first + file.read(_MOST_BYTES - len(first)))
    else:
        text = _text(name, file.read(_MOST_BYTES))
    yield from _document(name, text, form, notice)


class _Chained:
    """What was read already, and then the rest of the file, line by line."""

    def __init__(self, read: bytes, rest: _Followed) -> None:
        self._read = io.BytesIO(read)
        self._rest = rest

    def readline(self) -> bytes:
        return self._read.readline() or self._rest.readline()


def _is_one_object(line: bytes) -> bool:
    """Whether a first line is a whole object, so that the file has one a line."""
    if not line.lstrip(b"\xef\xbb\xbf \t").startswith(b"{"):
        return False
    try:
        return isinstance(json.loads(line.decode("utf-8-sig")), dict)
    except (ValueError, RecursionError):
        return False


def _document(name: str, text: str, form: str, notice: Notice) -> Iterator[Item]:
    start = text.lstrip()
    if not start:
        raise InputError(f"{name}:1: the file is empty; it should hold events as JSON")
    try:
        whole = json.loads(text, parse_constant=_refuse, parse_int=_bounded)
    except (ValueError, RecursionError) as error:
        if form == "auto" and start[0] == "{" and "\n" in start.strip():
            yield from _lines(name, io.BytesIO(text.encode()))
            return
        raise InputError(f"{name}:{getattr(error, 'lineno', 1)}: {_why(error)}") from None
    if form == "har" or (form == "auto" and is_har(whole)):
        try:
            yield from har_items(name, whole, notice)
        except ValueError as error:
            raise InputError(f"{name}:1: {error}") from None
    elif isinstance(whole, list):
        for place, document in enumerate(whole):
            yield _item(Source(name, text, child("", place)), place + 1, document)
    else:
        yield _item(Source(name, text), 1, whole)


def _lines(name: str, file: _Followed | _Chained | io.BytesIO) -> Iterator[Item]:
    number = 0
    for line_number, raw in enumerate(iter(file.readline, b""), start=1):
        if len(raw) >= _MOST_BYTES:
            most = f"{_MOST_BYTES >> 20} MiB"
            raise InputError(f"{name}:{line_number}: this line is longer than {most}")
        line = raw.removeprefix(b"\xef\xbb\xbf") if line_number == 1 else raw
        if not line.strip():
            continue
        number += 1
        parsed = parse(line)
        if isinstance(parsed, JsonFault):
            said = parsed.message.replace("the body", "this line").replace(" at line 1, ", " at ")
            raise InputError(f"{name}:{line_number}: {said}")
        text = line.decode("utf-8").rstrip("\r\n")
        yield _item(Source(name, text, first_line=line_number), number, parsed.value)
    if not number:
        raise InputError(f"{name}:1: the file is empty; it should hold events as JSON")


def _item(source: Source, number: int, document: Any) -> Item:
    if is_recording(document):
        try:
            return recorded_item(source, number, document)
        except ValueError as error:
            line = source.first_line + locate(source.text, source.pointer).line - 1
            place = f"{source.pointer}: " if source.pointer else ""
            raise InputError(f"{source.name}:{line}: {place}{error}") from None
    return item_of(source, _label(document, number))


def _text(name: str, data: bytes) -> str:
    if len(data) >= _MOST_BYTES:
        raise InputError(
            f"{name}: more than {_MOST_BYTES >> 20} MiB; send JSON Lines (--input jsonl)"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
        what = "this is UTF-16 and not UTF-8 text" if utf16 else "this is not UTF-8 text"
        where = f"byte 0x{data[error.start]:02x} at offset {error.start}"
        raise InputError(f"{name}:{line}: {what} ({where}); save it as UTF-8") from None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not a JSON number")


def _bounded(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"an integer of {len(digits)} digits is not a sensible amount or quantity")
    return int(digits)


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"this is not JSON: {error.msg.lower()} (column {error.colno})"
    if isinstance(error, RecursionError):
        return "this is nested too deeply"
    return str(error)


def _label(document: Any, number: int) -> str:
    kind = document.get("type") if isinstance(document, dict) else None
    return f"{number}. {kind if isinstance(kind, str) else 'no event'}"
