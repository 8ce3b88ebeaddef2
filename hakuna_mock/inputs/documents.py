"""One JSON document as the requests that it stands for, whatever form it has."""

from collections.abc import Iterator
from typing import Any

from contracts.json_text.parser import Document
from contracts.json_text.positions import excerpt
from contracts.orders.subject import looks_like_event, subject_of
from contracts.scenarios.format import FIRST_KEY, ScenarioError, keys_from, read_scenario
from hakuna_mock.inputs.reading import InputError, Reading
from hakuna_mock.inputs.recording import is_recording, recorded_item
from hakuna_mock.reports.location import place_of
from hakuna_mock.reports.model import Source
from hakuna_mock.runs.item import Item
from hakuna_mock.runs.parts import part_of
from hakuna_mock.runs.play import DEFAULT_KEY, scenario_items


def items_of(
    source: Source, number: int, document: Any, reading: Reading, parsed: Document | None = None
) -> Iterator[Item]:
    """The requests of an event, a recording, a row of the control API, or a scenario.

    None where the document is not meant as any of these. InputError where it is, but broken.
    `parsed` is what the strict parser made of all of the text, where that read it.
    """
    if is_scenario(document):
        yield from _scenario(source, document, reading)
    elif is_recording(document):
        try:
            yield recorded_item(source, number, document, reading)
        except ValueError as error:
            place = f"{source.pointer}: " if source.pointer else ""
            line = place_of(source)[0]
            raise InputError(f"{source.name}:{line}: {place}{error}") from None
    elif looks_like_event(document):
        label = f"{number}. {subject_of(document).type or 'no event'}"
        body = excerpt(source.text, source.pointer).encode()
        yield Item(source, label, body, parsed=parsed)


def is_scenario(document: Any) -> bool:
    """Whether a JSON document is meant as a scenario."""
    return isinstance(document, dict) and isinstance(document.get("steps"), list)


def _scenario(source: Source, document: dict[str, Any], reading: Reading) -> Iterator[Item]:
    """The requests of a scenario, each of its keys a world of its own."""
    try:
        scenario = read_scenario(document)
    except ScenarioError as error:
        place = part_of(source, source.pointer + error.pointer)
        where = f"{source.name}:{place.first_line}"
        raise InputError(f"{where}: {error.pointer or 'the scenario'}: {error}") from None
    calls = sum(step.is_control for step in scenario.steps)
    if calls:
        calls_in_words = "1 step calls" if calls == 1 else f"{calls} steps call"
        reading.pass_over(
            f"{source.name}: {calls_in_words} the control API of a server; passed over, and what "
            "the scenario expects is not compared"
        )
    for item in scenario_items(scenario, keys_from(scenario, DEFAULT_KEY), source):
        own = scenario.name if item.key == FIRST_KEY else f"{scenario.name} {item.key}"
        identity = (source.name, source.first_line, source.pointer, item.key)
        yield item.in_world(reading.world_name(identity, own))
