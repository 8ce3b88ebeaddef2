"""Text to plays: the grammar of the shorthand, with errors that point at the place.

An id in double quotes is taken as it stands (`"line-item-id-3311"`); bare labels get their prefix
(`d` is line `line-d` of product `prd-d`).
"""

import re
from dataclasses import field
from typing import NoReturn

from contracts.event_kinds import KIND_OF_LETTER
from contracts.json_text.parser import MAX_INTEGER_DIGITS
from contracts.values import dataclass

_TOKENS = re.compile(
    r'\s*(?:(?P<name>"[^"]*"|[A-Za-z0-9_][A-Za-z0-9_.-]*)|(?P<number>-[0-9]+)|(?P<mark>[{}:,>=@#]))'
)
_DAY_DIGITS = 12
_LETTERS = tuple(KIND_OF_LETTER)
_MEANING = ", ".join(f"{kind.letter} {kind.verb}" for kind in KIND_OF_LETTER.values())


class ShorthandError(ValueError):
    """The text is not shorthand; the message shows the place and what was expected."""

    def __init__(self, text: str, column: int, message: str) -> None:
        start = text.rfind("\n", 0, column) + 1
        line = text[start:].partition("\n")[0]
        super().__init__(f"{message}\n  {line}\n  {' ' * (column - start)}^")
        self.column = column


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a play. Names starting with a quotation mark are ids as they stand."""

    label: str
    product: str
    quantity: int | None
    protects: str | None = None


@dataclass(frozen=True, slots=True)
class Play:
    """One event: its letter, the order's name, its entries and its day (0 is the first).

    `text` is the piece of shorthand it was read from; `dated` says that its day was given with `@`.
    """

    letter: str
    order: str
    entries: tuple[Entry, ...]
    day: int
    text: str = field(default="", compare=False)
    dated: bool = field(default=True, compare=False)

    @property
    def order_id(self) -> str:
        """The id that the order's name stands for."""
        return prefixed("ord-", self.order)


def prefixed(prefix: str, name: str) -> str:
    """The id that a name stands for: prefixed, or as it stands in quotation marks."""
    return name[1:-1] if name.startswith('"') else prefix + name


def parse(text: str) -> tuple[Play, ...]:
    """The plays of a shorthand text; ShorthandError where it is not one."""
    reader = _Reader(text)
    plays: list[Play] = []
    while reader.kind:
        plays.append(_play(reader, len(plays)))
    if not plays:
        reader.fail(f"expected an event such as P{{d:1}}: {_MEANING}")
    return tuple(plays)


class _Reader:
    """The tokens of a text, one at a time."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.column = 0
        self.kind: str | None = None
        self.token = ""
        self.advance()

    def advance(self) -> str:
        """Step to the next token; the one just read is returned."""
        done = self.token
        match = _TOKENS.match(self.text, self.position)
        if match is None:
            rest = self.text[self.position :]
            self.column = self.position + len(rest) - len(rest.lstrip())
            if rest.strip():
                self.fail(f"unexpected {rest.strip()[0]!r}")
            self.kind, self.token = None, ""
            return done
        self.kind = str(match.lastgroup)
        self.token = match[self.kind]
        self.column = match.start(self.kind)
        self.position = match.end()
        return done

    def take(self, mark: str) -> bool:
        """Whether the next token is that mark; if so it is read."""
        if self.token != mark:
            return False
        self.advance()
        return True

    def name(self, what: str) -> str:
        """The next token as a name."""
        if self.kind != "name" or not self.token.strip('"'):
            self.fail(f"expected {what}")
        return self.advance()

    def number(self, what: str, digits: int) -> int:
        """The next token as a whole number of at most so many digits."""
        if self.kind == "mark" or not re.fullmatch(r"-?[0-9]+", self.token):
            self.fail(f"expected {what}")
        if len(self.token.lstrip("-")) > digits:
            self.fail(f"expected {what}, of at most {digits} digits")
        return int(self.advance())

    def fail(self, message: str) -> NoReturn:
        """Raise with the place of the next token."""
        raise ShorthandError(self.text, self.column, message)


def _play(reader: _Reader, place: int) -> Play:
    # A letter may stand alone or glued to others only by marks: `P{`, `X#2`, `X@4`.
    if reader.kind != "name" or reader.token not in _LETTERS:
        reader.fail(f"expected one of {' '.join(_LETTERS)} ({_MEANING})")
    start = reader.column
    letter = reader.advance()
    order = reader.name("the order's name after #") if reader.take("#") else "1"
    entries: tuple[Entry, ...] = ()
    if KIND_OF_LETTER[letter].items is not None:
        if not reader.take("{"):
            reader.fail(f"expected {{ after {letter}, for example {letter}{{d:1}}")
        entries = _entries(reader, letter)
    dated = reader.take("@")
    day = reader.number("a day after @, such as @5", _DAY_DIGITS) if dated else place
    text = reader.text[start : reader.column if reader.kind else None].strip()
    return Play(letter, order, entries, day, text, dated)


def _entries(reader: _Reader, letter: str) -> tuple[Entry, ...]:
    entries = []
    while True:
        entries.append(_entry(reader, letter))
        if reader.take("}"):
            return tuple(entries)
        if not reader.take(","):
            reader.fail("expected , or }")


def _entry(reader: _Reader, letter: str) -> Entry:
    label = reader.name("a line's label, such as d")
    product = label
    if letter == "P" and reader.take("="):
        product = reader.name("a product after =")
    quantity = None
    if reader.take(":"):
        quantity = reader.number("a quantity after :", MAX_INTEGER_DIGITS)
    elif letter != "C":
        reader.fail(f"expected : and a quantity after {label} (only C may leave it out)")
    protects = None
    if letter == "P" and reader.take(">"):
        protects = reader.name("the protected product after >")
    return Entry(label, product, quantity, protects)
