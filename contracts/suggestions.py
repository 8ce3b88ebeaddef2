"""What a misspelt name most likely means: every refusal of a name says so with these words."""

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

MOST_LETTERS = 80
MOST_NAMES = 200


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name that a misspelt one most likely means, None where none is close.

    Long words and all but the first known ones are not compared: the search is slow, and bodies
    may hold thousands of both.
    """
    if len(word) > MOST_LETTERS:
        return None
    names = {name.lower(): name for name in islice(known, MOST_NAMES)}
    matches = get_close_matches(word.lower(), names, n=1, cutoff=0.7)
    return names[matches[0]] if matches else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """`did you mean NAME?`, or other words where no name is close."""
    meant = nearest(word, known)
    return f"did you mean {meant}?" if meant else otherwise


def hint(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """The same as the end of a message, behind a semicolon; empty where there is nothing to say."""
    said = did_you_mean(word, known, otherwise)
    return f"; {said}" if said else ""
