"""Scenarios by name or by file: what `serve --load` and `play` take."""

from pathlib import Path

from contracts.positions import locate
from contracts.scenario import Scenario, ScenarioError, read_scenario
from contracts.scenarios import shipped
from contracts.strict_json import JsonFault, parse


class ScenarioFileError(Exception):
    """There is no such scenario, or the file is none; the message says where and why."""


def find_scenario(asked: str) -> Scenario | None:
    """The shipped scenario of that name, or the one in that `.json` file; None for another text."""
    if asked in shipped():
        return shipped()[asked]
    path = Path(asked)
    if path.suffix != ".json":
        return None
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "this is not UTF-8 text"
        raise ScenarioFileError(f"{asked}: {reason}") from None
    parsed = parse(text.encode())
    if isinstance(parsed, JsonFault):
        said = parsed.message.replace("the body", "the file")
        raise ScenarioFileError(f"{asked}: {said}")
    try:
        return read_scenario(parsed.value)
    except ScenarioError as error:
        line = locate(text, error.pointer).line
        place = error.pointer or "the file"
        raise ScenarioFileError(f"{asked}:{line}: {place}: {error}") from None
