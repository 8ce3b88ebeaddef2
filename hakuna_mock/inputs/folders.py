"""Which files of a folder are read: those that can hold events, in the order in which people count.

Dot folders, `node_modules` and what is not a regular file are passed over.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from hakuna_mock.inputs.reading import InputError, Reading

SUFFIXES = (".har", ".json", ".jsonl", ".ndjson")
_NOT_READ = "node_modules"


def size_of(paths: Iterable[str]) -> int | None:
    """How many bytes there are to read; None where that is not known."""
    total = 0
    for path in paths:
        try:
            files = files_in(path, Reading()) if os.path.isdir(path) else [Path(path)]  # noqa: PTH112
            total += sum(file.stat().st_size for file in files)
        except (OSError, InputError):
            return None
    return total


def files_in(folder: str, reading: Reading) -> list[Path]:
    """The files of events in a folder and those below it; InputError where one is closed to us.

    Pipes, devices and links to nowhere are passed over: reading them could last for ever.
    """
    found: list[Path] = []
    folders: list[str] = []
    for parent, inner, names in os.walk(folder, onerror=_refuse_folder):
        folders += [
            str(Path(parent, item)) for item in inner if item.startswith(".") or item == _NOT_READ
        ]
        inner[:] = [item for item in inner if not item.startswith(".") and item != _NOT_READ]
        paths = [Path(parent, name) for name in names if not name.startswith(".")]
        found += [path for path in paths if path.suffix.lower() in SUFFIXES]
    for name in sorted(folders):
        reading.pass_over(f"{name}: folder passed over")
    found.sort(key=_natural)
    for item in found:
        if not item.is_file():
            reading.pass_over(f"{item}: passed over, this is not a regular file")
    return [item for item in found if item.is_file()]


def _natural(path: Path) -> list[tuple[tuple[int, int, str], ...]]:
    """The parts of a path, with numbers in them compared as numbers: 1, 2, 10."""
    return [
        tuple(
            (0, int(piece), "") if piece.isdecimal() else (1, 0, piece)
            for piece in re.split(r"([0-9]+)", part)
            if piece
        )
        for part in path.parts
    ]


def _refuse_folder(error: OSError) -> NoReturn:
    raise InputError(f"{error.filename}: {error.strerror}") from None
