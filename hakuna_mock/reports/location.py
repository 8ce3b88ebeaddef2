"""Line and column of a finding in the file where its event was read, and that file's path."""

import os
from pathlib import Path

from contracts.json_text.positions import locate
from hakuna_mock.reports.model import Source


def place_of(source: Source, pointer: str = "") -> tuple[int, int]:
    """Line and column of a value in its file, from 1; of an escaped text, where that begins."""
    if source.embedded:
        return source.first_line, source.first_column
    position = locate(source.text, source.pointer + pointer)
    indent = source.first_column - 1 if position.line == 1 else 0
    return source.first_line + position.line - 1, position.column + indent


def path_in_repository(name: str) -> str:
    """A path as code hosts want it: normalised, and relative to the checkout where it is in one."""
    workspace = os.environ.get("GITHUB_WORKSPACE")
    whole = Path(os.path.normpath(Path.cwd() / name))
    for base in (workspace, str(Path.cwd())):
        if base and whole.is_relative_to(os.path.normpath(base)):
            return whole.relative_to(os.path.normpath(base)).as_posix()
    return whole.as_posix() if Path(name).is_absolute() else Path(os.path.normpath(name)).as_posix()
