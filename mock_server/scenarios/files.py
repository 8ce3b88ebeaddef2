"""Scenarios by name or by file: what `serve --load` and `play` take."""

import re
from pathlib import Path

from contracts.json_text.parser import JsonFault, parse
from contracts.json_text.positions import locate
from contracts.scenarios.catalogue import shipped_scenario
from contracts.scenarios.format import Scenario, ScenarioError, read_scenario
from contracts.utf8 import decoded


class ScenarioFileError(Exception):
    """There is no such scenario, or the file is none; the message says where and why."""


_LINES_OR_ARCHIVE = (".jsonl", ".ndjson", ".har")
_RECORDINGS = (
    "this holds recordings and not a scenario; hakuna-mock check judges them, "
    "hakuna-mock convert makes a scenario of them"
)
_AT_LINE = re.compile(r"at line ([0-9]+)")


def _line_of(text: str, fault: JsonFault) -> int:
    """The line of the fault, as far as it can be told; else the first."""
    message = _AT_LINE.search(fault.message)
    return int(message[1]) if message else locate(text, fault.pointer).line


def find_scenario(given: str) -> Scenario | None:
    """The shipped scenario of that name, or the one in that `.json` file; None for another text."""
    scenario = shipped_scenario(given)
    if scenario is not None:
        return scenario
    path = Path(given)
    if path.suffix in _LINES_OR_ARCHIVE and path.is_file():
        raise ScenarioFileError(f"{given}: {_RECORDINGS}")
    if path.suffix != ".json":
        return None
    try:
        text = decoded(path.read_bytes())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ScenarioFileError(f"{given}: {reason}") from None
    parsed = parse(text.encode())
    if isinstance(parsed, JsonFault):
        message = parsed.message.replace("the body", "the file").partition(";")[0]
        raise ScenarioFileError(f"{given}:{_line_of(text, parsed)}: {message}")
    if _is_recorded(parsed.value):
        raise ScenarioFileError(f"{given}: {_RECORDINGS}")
    try:
        return read_scenario(parsed.value)
    except ScenarioError as error:
        line = locate(text, error.pointer).line
        place = error.pointer or "the file"
        raise ScenarioFileError(f"{given}:{line}: {place}: {error}") from None


def _is_recorded(document: object) -> bool:
    """Whether it is what `check` takes beside scenarios: events, recordings, an archive."""
    if isinstance(document, list) and document:
        document = document[0]
    if not isinstance(document, dict) or "steps" in document:
        return False
    return not document.keys().isdisjoint(("payload", "body", "log"))
