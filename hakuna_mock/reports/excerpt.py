"""The JSON around a finding, for code frames in text and HTML."""

from functools import lru_cache

from contracts.json_text.positions import locate
from contracts.printable import printable
from contracts.values import dataclass
from hakuna_mock.reports.model import Source

WIDTH = 96
_BEFORE = 2
_INSIDE = 3


@dataclass(frozen=True)
class Row:
    """One line of the file, printable and cut to a window of `WIDTH` characters.

    `marked` are start and end of the value within `text`, on the row where it starts; `cut` says
    whether the file's line goes on before and after.
    """

    number: int
    text: str
    marked: tuple[int, int] | None = None
    cut: tuple[bool, bool] = (False, False)


def excerpt(source: Source, pointer: str) -> list[Row]:
    """The row of a value, those before it, and of an object or list the first ones inside.

    The rows of a text that is escaped in its file are numbered from 1.
    """
    position = locate(source.text, source.pointer + pointer)
    texts = _rows(source.shown)
    at, column = position.line - 1, position.column - 1
    first = 1 if source.embedded else source.first_line
    shift = max(0, column - WIDTH // 3) if len(texts[at]) > WIDTH else 0
    start = column - shift
    marked = (start, start + max(1, min(position.width, WIDTH - start)))
    value = texts[at][column : column + position.width]
    inside = _INSIDE if value.strip() in ("{", "[") else 0
    before = range(max(0, at - _BEFORE), at)
    after = range(at + 1, min(len(texts), at + 1 + inside))
    return [
        *(_row(texts[place], first + place) for place in before),
        _row(texts[at], first + at, shift, marked),
        *(_row(texts[place], first + place) for place in after),
    ]


def _row(text: str, number: int, shift: int = 0, marked: tuple[int, int] | None = None) -> Row:
    cut = (shift > 0, len(text) > shift + WIDTH)
    return Row(number, printable(text[shift : shift + WIDTH]), marked, cut)


@lru_cache(maxsize=4)
def _rows(text: str) -> tuple[str, ...]:
    """The lines of a text; kept, because one file has many findings."""
    return tuple(text.split("\n"))
