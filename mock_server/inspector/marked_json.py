"""A body line by line, with the places that findings point at marked."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import Any

from contracts.findings.finding import Finding, State
from contracts.json_text.pointer import child
from contracts.values import dataclass

MAX_LINES = 3000
"""A page shows so many lines; the rest of a longer body is in its JSON twin."""


@dataclass
class BodyLine:
    """One line of text; `pointer` is the value that begins on it, "" for none or the whole."""

    number: int
    indent: int
    text: str
    pointer: str = ""
    findings: list[Finding] = field(default_factory=list)

    @property
    def severity(self) -> str:
        """The most severe open finding that points here; `resolved`, "" without one."""
        still = [finding.severity for finding in self.findings if finding.state is State.OPEN]
        if still:
            return str(min(still, key=lambda item: item.rank))
        return "resolved" if self.findings else ""


@dataclass(frozen=True)
class MarkedBody:
    """The lines, how many more there are, and whether the text is JSON."""

    lines: list[BodyLine]
    more: int
    is_json: bool

    def line_of(self, finding: Finding) -> int | None:
        """The number of the shown line that the finding points at."""
        marked = (line.number for line in self.lines if finding in line.findings)
        return next(marked, None)


def marked_body(body: bytes, findings: Iterable[Finding]) -> MarkedBody:
    """The body as indented JSON, each finding at its value; other text as it came."""
    text = body.decode("utf-8", "backslashreplace")
    try:
        written = [(text_, indent, at) for indent, text_, at in _lines(json.loads(text), "", 0, "")]
        is_json = True
    except (ValueError, RecursionError):
        written = [(line, 0, "") for line in text.splitlines()]
        is_json = False
    lines = [BodyLine(n, indent, item, at) for n, (item, indent, at) in enumerate(written, 1)]
    if is_json:
        _mark(lines, findings)
    return MarkedBody(lines[:MAX_LINES], max(0, len(lines) - MAX_LINES), is_json)


def _mark(lines: list[BodyLine], findings: Iterable[Finding]) -> None:
    places = {line.pointer: line for line in reversed(lines) if line.pointer or line.number == 1}
    for finding in findings:
        if not finding.pointer:
            continue  # it speaks of the headers or of the whole
        pointer = finding.pointer
        while pointer not in places and pointer:
            pointer = pointer.rpartition("/")[0]  # a missing value: what is around it
        if pointer in places:
            places[pointer].findings.append(finding)


def _lines(value: Any, pointer: str, indent: int, name: str) -> Iterator[tuple[int, str, str]]:
    """Indent, text and pointer of each line of a value, without the comma that may follow."""
    if isinstance(value, dict) and value:
        yield indent, f"{name}{{", pointer
        last = len(value) - 1
        for place, (key, inner) in enumerate(value.items()):
            named = f"{json.dumps(key, ensure_ascii=False)}: "
            yield from _with_comma(
                _lines(inner, child(pointer, key), indent + 1, named), comma=place != last
            )
        yield indent, "}", ""
    elif isinstance(value, list) and value:
        yield indent, f"{name}[", pointer
        last = len(value) - 1
        for place, inner in enumerate(value):
            yield from _with_comma(
                _lines(inner, child(pointer, place), indent + 1, ""), comma=place != last
            )
        yield indent, "]", ""
    else:
        yield indent, name + json.dumps(value, ensure_ascii=False), pointer


def _with_comma(
    lines: Iterator[tuple[int, str, str]], *, comma: bool
) -> Iterator[tuple[int, str, str]]:
    """The lines, the last of them with a comma where something follows."""
    held: tuple[int, str, str] | None = None
    for line in lines:
        if held is not None:
            yield held
        held = line
    if held is not None:
        yield (held[0], held[1] + ("," if comma else ""), held[2])
