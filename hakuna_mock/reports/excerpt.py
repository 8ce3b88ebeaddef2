"""The JSON around a finding, for code frames in text and HTML."""

from dataclasses import dataclass
from functools import lru_cache

from contracts.positions import Position
from contracts.printable import printable
from hakuna_mock.reports.model import Judged

WIDTH = 96
_BEFORE = 2
_INSIDE = 3


@dataclass(frozen=True)
class Row:
    """One line of the file, printable and cut to a window of `WIDTH` characters.

    `marked` are start and end of the value within `text`, on the row where it starts.
    """

    number: int
    text: str
    marked: tuple[int, int] | None = None


def excerpt(judged: Judged, position: Position) -> list[Row]:
    """The row of the place, those before it, and of an object or list the first ones inside."""
    texts = _rows(judged.source.text)
    at, column = position.line - 1, position.column - 1
    first = judged.source.first_line
    shift = max(0, column - WIDTH // 3) if len(texts[at]) > WIDTH else 0
    start = column - shift
    end = start + max(1, min(position.width, WIDTH - start))
    opens = texts[at][column:].strip() in ("{", "[")
    return [
        *_plain(texts, first, range(max(0, at - _BEFORE), at)),
        Row(first + at, printable(texts[at][shift : shift + WIDTH]), (start, end)),
        *_plain(texts, first, range(at + 1, min(len(texts), at + 1 + _INSIDE * opens))),
    ]


def _plain(texts: tuple[str, ...], first: int, places: range) -> list[Row]:
    return [Row(first + place, printable(texts[place][:WIDTH])) for place in places]


@lru_cache(maxsize=4)
def _rows(text: str) -> tuple[str, ...]:
    """The lines of a text; kept, because one file has many findings."""
    return tuple(text.split("\n"))
