"""JSON pointers (RFC 6901): how every finding says where it is."""

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice
from typing import Any

MOST_LETTERS = 80
MOST_NAMES = 200


def child(parent: str, step: str | int) -> str:
    """The pointer one step further in."""
    return f"{parent}/{str(step).replace('~', '~0').replace('/', '~1')}"


def join(steps: Iterable[str | int]) -> str:
    """The pointer of a path of keys and list places."""
    pointer = ""
    for step in steps:
        pointer = child(pointer, step)
    return pointer


def split(pointer: str) -> list[str]:
    """The steps of a pointer, unescaped; list places stay text."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def at(document: Any, pointer: str) -> Any:
    """The value at the pointer; KeyError, IndexError or TypeError where there is none."""
    for step in split(pointer):
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


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
