"""What `play` takes: shorthand, the name of a shipped scenario, or a scenario file."""

import json
from collections.abc import Mapping
from contextlib import closing

from contracts.json_text.parser import Document
from contracts.json_text.parser import parse as parse_json
from contracts.scenarios.catalogue import shipped
from contracts.scenarios.format import FIRST_KEY, Scenario, Step, keys_from, requests_of
from contracts.shorthand import ShorthandError, body_of, parse, show
from contracts.suggestions import nearest
from fuzz.client.http_client import Target
from hakuna_mock.reports.model import Report, Source
from hakuna_mock.runs.check import Item, item_of, judge_by_server
from hakuna_mock.runs.verify import without_live_keys
from mock_server.scenario_files import ScenarioFileError, find_scenario

DEFAULT_KEY = "sk_test_" + "play"


class PlayError(Exception):
    """What was asked for cannot be played; the message says why and where."""


def play_items(asked: str, keys: Mapping[str, str] | None = None) -> list[Item]:
    """The requests of a play; PlayError where it is neither shorthand nor a scenario."""
    scenario = _scenario(asked)
    if scenario is not None:
        return scenario_items(scenario, keys or keys_from(scenario, DEFAULT_KEY))
    try:
        plays = parse(asked)
    except ShorthandError as error:
        meant = nearest(asked, shipped())
        more = f"\nDid you mean the scenario {meant}?" if meant else ""
        raise PlayError(f"this is not shorthand: {error}{more}") from None
    return [item_of(_source(play.text, body_of(play)), play.text) for play in plays]


def _scenario(asked: str) -> Scenario | None:
    try:
        return find_scenario(asked)
    except ScenarioFileError as error:
        raise PlayError(str(error)) from None


def scenario_items(scenario: Scenario, keys: Mapping[str, str]) -> list[Item]:
    """The requests of a scenario, each called by its shorthand where it has one."""
    items = []
    for number, asked in enumerate(requests_of(scenario, keys), start=1):
        if asked.step.is_control:
            raise PlayError(
                f"step {asked.place + 1} is a call of the control API, which only a server can "
                "answer: hakuna-mock fuzz --replay FILE --target URL, or verify FILE --target URL"
            )
        text = asked.body.decode("utf-8", "replace")
        parsed = parse_json(asked.body)
        label = f"{number}. raw text"
        if isinstance(parsed, Document):
            text = json.dumps(parsed.value, indent=2, ensure_ascii=False)
            label = _label(number, parsed.value)
        source = Source(f"{scenario.name}#{number}", text)
        step = asked.step
        items.append(
            Item(
                source,
                label,
                asked.body,
                asked.headers,
                asked.key,
                asked.expect,
                method=step.method,
                path=step.path,
            )
        )
    return items


def _label(number: int, document: object) -> str:
    try:
        return f"{number}. {show([document])}" if isinstance(document, dict) else f"{number}. JSON"
    except ShorthandError:
        return f"{number}. a body that is no event"


def _source(text: str, body: dict[str, object]) -> Source:
    return Source(text, json.dumps(body, indent=2, ensure_ascii=False))


def play_on_server(asked: str, url: str, key: str | None) -> Report:
    """Send to a server under a key (default: `sk_test_play`).

    NotAllowedError where a live key stands in what is played: then nothing is sent.
    """
    scenario = _scenario(asked)
    first = key or DEFAULT_KEY
    keys = keys_from(scenario, first) if scenario else {FIRST_KEY: first}
    items = play_items(asked, keys)
    without_live_keys([scenario or Scenario("the play", (Step(shorthand=asked),))])
    with closing(Target(url)) as target:
        return judge_by_server(items, target, keys)
