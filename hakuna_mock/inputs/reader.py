"""Reading recorded events: files, folders and standard input, in every form that `check` takes.

One event, a JSON array, JSON Lines, recordings (`{"headers"?, "body", "response"?}`), what the
control API of a hakuna-mock lists, scenarios, and HAR 1.2 as browsers and proxies export it.
Arrays, lines and archives are read piece by piece.
"""

import codecs
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from contracts.json_text.parser import Document, JsonFault, parse
from contracts.utf8 import decoded, not_text
from hakuna_mock.inputs.documents import items_of
from hakuna_mock.inputs.folders import SUFFIXES, files_in
from hakuna_mock.inputs.har import har_items, is_har
from hakuna_mock.inputs.json_stream import MAX_VALUE, JsonStream, JsonStreamError, Located
from hakuna_mock.inputs.reading import InputError, Reading, Tick
from hakuna_mock.reports.model import Source
from hakuna_mock.runs.item import Item

STDIN = "-"
NAME_OF_STDIN = "<stdin>"
_LINE_SUFFIXES = (".jsonl", ".ndjson")
_CHUNK = 1024 * 1024
_BOM = codecs.BOM_UTF8
_MAX_NAMED = 3
_SIGNS_OF_EVENTS = (b"order_", b"/sandbox/event", b"payload")


def read_events(path: str, reading: Reading) -> Iterator[Item]:
    """The events of a file, a folder or (`-`) standard input, each with its place."""
    if path == STDIN:
        yield from read_stream(NAME_OF_STDIN, standard_input(), reading, is_file=False)
        return
    if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises where a name is too long
        files = files_in(path, reading)
        if not files:
            known = ", ".join(SUFFIXES)
            raise InputError(f"{path}: there is no file of events in this folder ({known})")
        for file in files:
            yield from _opened(str(file), reading, named=False)
    else:
        yield from _opened(path, reading, named=True)
    reading.finish()


def standard_input() -> BinaryIO:
    """Standard input as bytes; InputError where it is closed."""
    if sys.stdin is None:
        raise InputError(
            f"{NAME_OF_STDIN}: standard input is closed; give a file, or pipe events in"
        )
    return sys.stdin.buffer


def read_stream(name: str, data: BinaryIO, reading: Reading, *, is_file: bool) -> Iterator[Item]:
    """The events of something that is open; places in it carry the name."""
    source = Source(name, "", is_file=is_file)
    yield from _File(source, _Followed(data, reading.tick), reading).named()
    reading.finish()


def _opened(path: str, reading: Reading, *, named: bool) -> Iterator[Item]:
    try:
        with Path(path).open("rb") as data:
            file = _File(Source(path, "", is_file=True), _Followed(data, reading.tick), reading)
            yield from file.named() if named else file.found()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None


def _mentions_events(path: str) -> bool:
    """Whether a file that is not JSON may still hold events, such as one that was cut off."""
    end = b""
    with Path(path).open("rb") as file:
        while data := file.read(_CHUNK).replace(b"\0", b""):  # UTF-16 mentions them, too
            if any(sign in end + data for sign in _SIGNS_OF_EVENTS):
                return True
            end = data[-20:]
    return False


class _Followed:
    """A file whose reading is followed by a progress bar."""

    def __init__(self, file: BinaryIO, tick: Tick) -> None:
        self._file = file
        self._tick = tick

    def readline(self) -> bytes:
        """A line, or as much of it as one value may have."""
        line = self._file.readline(MAX_VALUE)
        self._tick(len(line))
        return line

    def chunks(self) -> Iterator[bytes]:
        """Everything, in pieces."""
        while data := self._file.read(_CHUNK):
            self._tick(len(data))
            yield data


class _File:
    """One file under way. `place` holds its name."""

    def __init__(self, place: Source, file: _Followed, reading: Reading) -> None:
        self._name = place.name
        self._is_file = place.is_file
        self._file = file
        self._reading = reading
        self._count = 0
        self._others: list[int] = []

    def named(self) -> Iterator[Item]:
        """The events; what is not one is remembered as an error, for this file was named."""
        yield from self._items()
        if self._others:
            self._reading.not_events.append(self._about_others())

    def found(self) -> Iterator[Item]:
        """The events of a file that was found in a folder; what is not one is passed over."""
        try:
            yield from self._items()
        except InputError as error:
            if self._count or _mentions_events(self._name):
                raise
            self._reading.pass_over(f"{error}; passed over, for it mentions no event")
            return
        if self._others:
            self._reading.pass_over(f"{self._about_others()}; passed over")

    def _about_others(self) -> str:
        lines = ", ".join(f"{self._name}:{line}" for line in self._others[:_MAX_NAMED])
        more = len(self._others) - _MAX_NAMED
        lines += f" and {more} more" if more > 0 else ""
        return f"{lines}: not an event (no payload, and no type order_…), recording or scenario"

    def _items(self) -> Iterator[Item]:
        form = self._reading.form
        if form == "auto" and self._is_file and Path(self._name).suffix.lower() in _LINE_SUFFIXES:
            form = "jsonl"
        if form == "jsonl":
            yield from self._lines()
            return
        stream = JsonStream(self._text())
        try:
            if form == "har" or (form == "auto" and stream.begins_with("log")):
                yield from har_items(self._name, stream, self._reading)
            elif stream.peek() == "":
                raise InputError(self._empty())
            else:
                yield from self._values(stream)
        except JsonStreamError as error:
            raise InputError(f"{self._name}:{error.line}: {error}") from None
        except ValueError as error:
            raise InputError(f"{self._name}:1: {error}") from None

    def _values(self, stream: JsonStream) -> Iterator[Item]:
        """The values of a file: one, such as an array of any length, or one a line."""
        while stream.peek():
            if stream.peek() == "[":
                for place, located in enumerate(stream.elements()):
                    yield from self._of(located, f"/{place}")
            else:
                located = stream.value()
                if is_har(located.value):
                    again = JsonStream(iter([located.text]))
                    yield from har_items(self._name, again, self._reading)
                else:
                    yield from self._of(located)

    def _of(self, located: Located, where: str = "") -> Iterator[Item]:
        source = Source(
            self._name,
            located.text,
            first_line=located.line,
            first_column=located.column,
            is_file=self._is_file,
        )
        yield from self._documents(source, located.value, where)

    def _documents(
        self, source: Source, document: Any, where: str = "", parsed: Document | None = None
    ) -> Iterator[Item]:
        """The requests of one document; what is not one is counted."""
        before = self._count
        try:
            for item in items_of(source, before + 1, document, self._reading, parsed):
                self._count += 1
                yield item
        except InputError as error:
            line, colon, reason = str(error).removeprefix(f"{self._name}:").partition(": ")
            place = f"{where}: " if where else ""
            raise InputError(f"{self._name}:{line}{colon}{place}{reason}") from None
        if self._count == before:
            self._others.append(source.first_line)

    def _lines(self) -> Iterator[Item]:
        seen = False
        for number, raw in enumerate(iter(self._file.readline, b""), start=1):
            if len(raw) >= MAX_VALUE:
                most = f"{MAX_VALUE >> 20} MiB"
                raise InputError(f"{self._name}:{number}: this line is longer than {most}")
            line = raw.removeprefix(_BOM) if number == 1 else raw
            if not line.strip():
                continue
            seen = True
            try:
                text = decoded(line)
            except ValueError as error:
                raise InputError(f"{self._name}:{number}: {error}") from None
            parsed = parse(line)
            if isinstance(parsed, JsonFault):
                why = parsed.message.replace("the body", "this line").replace(
                    " at line 1, ", " at "
                )
                raise InputError(f"{self._name}:{number}: {why}")
            source = Source(
                self._name, text.rstrip("\r\n"), first_line=number, is_file=self._is_file
            )
            yield from self._documents(source, parsed.value, parsed=parsed)
        if not seen:
            raise InputError(self._empty())

    def _empty(self) -> str:
        return f"{self._name}:1: the file is empty; it should hold events as JSON"

    def _text(self) -> Iterator[str]:
        """The file as text, piece by piece; InputError with the place where it is none."""
        decoder = codecs.getincrementaldecoder("utf-8-sig")()
        read, lines, start = 0, 0, b""
        for data in self._file.chunks():
            start = start or data[:2]
            try:
                yield decoder.decode(data)
            except UnicodeDecodeError as error:
                raise self._not_text(error, read + len(data), lines, start) from None
            read += len(data)
            lines += data.count(b"\n")
        try:
            yield decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise self._not_text(error, read, lines, start) from None

    def _not_text(
        self, error: UnicodeDecodeError, read: int, lines: int, start: bytes
    ) -> InputError:
        data = error.object
        line = lines + data.count(b"\n", 0, error.start) + 1
        why = not_text(start, data[error.start], read - len(data) + error.start)
        return InputError(f"{self._name}:{line}: {why}")
