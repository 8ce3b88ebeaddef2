"""What `play` takes: shorthand, the name of a shipped scenario, or a scenario file."""

import json
import os
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace

from contracts.json_text.parser import Document
from contracts.json_text.parser import parse as parse_json
from contracts.json_text.pointer import child
from contracts.scenarios.catalogue import is_shipped, shipped
from contracts.scenarios.format import (
    FIRST_KEY,
    Scenario,
    ScenarioRequest,
    Step,
    keys_from,
    requests_of,
)
from contracts.shorthand import Play, ShorthandError, continued, parse, show, undated_orders
from contracts.suggestions import nearest
from contracts.timing.rfc3339 import Instant
from fuzz.client.control_client import ControlClient
from fuzz.client.http_client import Target
from hakuna_mock.reports.model import Report, Source
from hakuna_mock.runs.item import Item, item_of
from hakuna_mock.runs.parts import part_of
from hakuna_mock.runs.send import judge_by_server
from hakuna_mock.runs.verify import without_live_keys
from mock_server.scenarios.files import ScenarioFileError, find_scenario

DEFAULT_KEY = "sk_test_" + "play"


class PlayError(Exception):
    """What was given cannot be played; the message says why and where."""


def play_items(given: str) -> list[Item]:
    """The requests of a play; PlayError where it is neither shorthand nor a scenario."""
    scenario = _scenario(given)
    if scenario is not None:
        return _scenario_items(scenario, keys_from(scenario, DEFAULT_KEY))
    return _shorthand_items(_plays(given))


def _scenario_items(scenario: Scenario, keys: Mapping[str, str]) -> list[Item]:
    _without_control(scenario)
    return scenario_items(scenario, keys)


def _plays(given: str) -> Sequence[Play]:
    try:
        return parse(given)
    except ShorthandError as error:
        if os.path.isdir(given):  # noqa: PTH112 - Path.is_dir raises where a play is long
            raise PlayError(
                f"{given}: this is a folder; name a scenario file in it, or judge what was "
                f"recorded there: hakuna-mock check {given}"
            ) from None
        meant = nearest(given, shipped())
        more = f"\nDid you mean the scenario {meant}?" if meant else ""
        raise PlayError(f"this is not shorthand: {error}{more}") from None


def _shorthand_items(
    plays: Sequence[Play], latest: Mapping[str, Instant] | None = None
) -> list[Item]:
    """The requests of plays; `latest` holds the latest time of the orders that they continue."""
    bodies = continued(plays, latest or {}, time.time_ns())
    return [
        item_of(_source(play.text, body), play.text)
        for play, body in zip(plays, bodies, strict=True)
    ]


def _scenario(given: str) -> Scenario | None:
    try:
        return find_scenario(given)
    except ScenarioFileError as error:
        raise PlayError(str(error)) from None


def scenario_items(
    scenario: Scenario, keys: Mapping[str, str], file: Source | None = None
) -> list[Item]:
    """The requests of a scenario, each called by its shorthand where it has one.

    Calls of the control API are left out, and so is what a scenario with such calls expects.
    `file` is where the scenario was read, if it was.
    """
    items: list[Item] = []
    as_written = not (is_shipped(scenario) or any(step.is_control for step in scenario.steps))
    for number, request in enumerate(requests_of(scenario, keys), start=1):
        step = request.step
        if step.is_control:
            continue
        parsed = parse_json(request.body)
        document = parsed.value if isinstance(parsed, Document) else None
        source = _place_of(request, file) if file else None
        if source is None:
            text = request.body.decode("utf-8", "replace")
            if document is not None:
                text = json.dumps(document, indent=2, ensure_ascii=False)
            source = Source(f"{scenario.name}#{number}", text)
        items.append(
            Item(
                source,
                f"{number}. {_label(document)}",
                request.body,
                request.headers,
                request.key,
                request.expect,
                as_written,
                method=step.method,
                path=step.path,
            )
        )
    if items and as_written:
        items[-1] = replace(items[-1], closes=scenario)
    return items


def _place_of(request: ScenarioRequest, file: Source) -> Source:
    """The place of a step's body in the scenario's file."""
    pointer = child(child(f"{file.pointer}/steps", request.place), _form_of(request.step))
    place = part_of(file, pointer)
    if request.step.raw is None and request.step.shorthand is None:
        return place
    return place.holding(request.body.decode("utf-8", "replace"))


def _form_of(step: Step) -> str:
    if step.raw is not None:
        return "raw"
    return "body" if step.shorthand is None else "shorthand"


def _label(document: object) -> str:
    if document is None:
        return "raw text"
    try:
        return show([document]) if isinstance(document, dict) else "JSON"
    except ShorthandError:
        return "a body that is not an event"


def _source(text: str, body: dict[str, object]) -> Source:
    return Source(text, json.dumps(body, indent=2, ensure_ascii=False))


def _without_control(scenario: Scenario) -> None:
    for place, step in enumerate(scenario.steps, start=1):
        if step.is_control:
            raise PlayError(
                f"step {place} is a call of the control API, which only a server can "
                "answer: hakuna-mock fuzz --replay FILE --target URL, or verify FILE --target URL"
            )


def fresh_key() -> str:
    """An API key that no server has seen."""
    return f"sk_test_play_{uuid.uuid4().hex[:10]}"


def play_on_server(given: str, url: str, key: str) -> Report:
    """Send to a server under a key.

    Shorthand continues the orders that the key's world knows, where the server is a hakuna-mock.
    NotAllowedError where a live key is in what is played: then nothing is sent.
    """
    scenario = _scenario(given)
    keys = keys_from(scenario, key) if scenario else {FIRST_KEY: key}
    plays = _plays(given) if scenario is None else ()
    items = _scenario_items(scenario, keys) if scenario else []
    without_live_keys([scenario or Scenario("the play", (Step(shorthand=given),))])
    with closing(Target(url)) as target:
        if plays:
            items = _shorthand_items(plays, _latest_times(plays, target, key))
        return judge_by_server(items, target, keys)


def _latest_times(plays: Sequence[Play], target: Target, key: str) -> Mapping[str, Instant]:
    """The latest times of the orders that the plays continue; none where a server shows none."""
    control = ControlClient(target.base_url, target.ask)
    if control.identify(key).settings is None:
        return {}
    latest = {order_id: control.latest_time(order_id, key) for order_id in undated_orders(plays)}
    return {order_id: at for order_id, at in latest.items() if at is not None}
