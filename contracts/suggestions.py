"""What a misspelt name most likely means: every refusal of a name says so with these words."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches
from itertools import islice

MAX_LETTERS = 80
MAX_NAMES = 200
MAX_GUESSES = 3
"""So many unknown names of one body are compared with the known ones: the search is slow, and
bodies may hold thousands of both."""

_MIN_BEGINNING = 3
_CUTOFF = 0.7
_HEX = re.compile(r"[0-9a-f]+")
_LONG_HEX = re.compile(r"([a-z]+-)?(?=[0-9]*[a-f])[0-9a-f]{8,}")
_WORDS = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"[0-9]+")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name that a misspelt one most likely means, None where none is close.

    Names that begin with the word come first. Names that differ in numbers are never guessed: they
    are well written and name something else. Long words and all but the first known ones are not
    compared.
    """
    asked = word.lower()
    if len(asked) > MAX_LETTERS:
        return None
    names = {
        name.lower(): name
        for name in islice(known, MAX_NAMES)
        if len(name) <= MAX_LETTERS and not _numbered_apart(asked, name.lower())
    }
    if len(asked) >= _MIN_BEGINNING:
        longer = [name for name in names if name.startswith(asked)]
        if longer:
            return names[max(longer, key=lambda name: _likeness(asked, name))]
    matches = get_close_matches(asked, names, n=1, cutoff=_CUTOFF)
    return names[matches[0]] if matches else None


def resembles(word: str, name: str) -> bool:
    """Whether the word is the name, misspelt."""
    return len(word) <= MAX_LETTERS and bool(
        get_close_matches(word.lower(), [name.lower()], cutoff=_CUTOFF)
    )


def _likeness(word: str, name: str) -> float:
    return SequenceMatcher(None, name, word).ratio()


def _numbered_apart(word: str, name: str) -> bool:
    """Whether two names differ in decimal or hexadecimal numbers: `item-12` and `item-21`.

    A long one whose end was lost in copying still names the same thing.
    """
    if _LONG_HEX.fullmatch(word) and name.startswith(word):
        return False
    if _DIGITS.findall(word) != _DIGITS.findall(name):
        return True
    parts, others = _WORDS.findall(word), _WORDS.findall(name)
    different = [pair for pair in zip(parts, others, strict=False) if pair[0] != pair[1]]
    return bool(different and len(parts) == len(others)) and all(
        _other_hexadecimal(part, other) for part, other in different
    )


def _other_hexadecimal(part: str, other: str) -> bool:
    """Whether two different words are hexadecimal numbers; `add` and `added` only look like it."""
    if not (_HEX.fullmatch(part) and _HEX.fullmatch(other)):
        return False
    return len(part) == len(other) or bool(_DIGITS.search(part))


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """`did you mean NAME?`, or other words where no name is close."""
    meant = nearest(word, known)
    return f"did you mean {meant}?" if meant else otherwise


def hint(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """The same as the end of a message, behind a semicolon; empty where there is nothing to say."""
    message = did_you_mean(word, known, otherwise)
    return f"; {message}" if message else ""


def look_alike(word: str, known: Iterable[str]) -> str | None:
    """The known name that looks the same on a screen but has other bytes (NFC and NFD)."""
    if word.isascii():
        return None
    return next((item for item in known if normalized(item) == normalized(word)), None)


def normalized(text: str) -> str:
    """The text in one Unicode form, so that look-alikes are equal."""
    return unicodedata.normalize("NFC", text)


def unicode_form(text: str) -> str:
    """The name of the text's Unicode form, as advice about a look-alike calls it."""
    return "NFC" if unicodedata.is_normalized("NFC", text) else "NFD"
