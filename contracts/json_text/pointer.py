"""JSON pointers (RFC 6901): how every finding says where it is."""

from collections.abc import Iterable
from typing import Any


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
