"""Between the forms of a sequence: shorthand, scenario, JSON, JSON Lines, HAR 1.2.

Everything is read into a scenario and written from one, so that the forms say the same. API keys
are never written: a scenario names them, and the other forms get the play's own key.
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from contracts.faults.fault import FAULT_HEADER
from contracts.json_text.parser import Document
from contracts.json_text.parser import parse as parse_json
from contracts.judging.replies import ENDPOINT
from contracts.printable import printable
from contracts.scenarios.catalogue import shipped
from contracts.scenarios.format import (
    FIRST_KEY,
    Scenario,
    ScenarioError,
    ScenarioRequest,
    Step,
    StepExpectation,
    keys_from,
    read_scenario,
    requests_of,
    write_scenario,
)
from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import ShorthandError, bodies, body_of, parse, show
from contracts.version import __version__
from hakuna_mock.inputs.reader import STDIN, Notice, read_events
from hakuna_mock.runs.check import Item
from hakuna_mock.runs.play import DEFAULT_KEY, play_items
from mock_server.scenario_files import find_scenario

_CREDENTIALS = ("authorization", "bearer", "x-api-key")
_KEPT = {name.lower(): name for name in usual_headers(0)} | {
    FAULT_HEADER.lower(): FAULT_HEADER,
    "bearer": "Bearer",
    "x-api-key": "X-API-KEY",
}
"""The headers that the contract speaks of; others, cookies among them, are left out."""

ANOTHER_KEY = "sk_test_" + "another00"
"""Stands for a second, different key in one request: a step has one key only."""

HAR_TIME = "1970-01-01T00:00:00.000Z"
"""A HAR needs times; a scenario has none."""


class ConvertError(Exception):
    """The sequence cannot be written in that form; the message says why."""


def read_sequence(asked: str, form: str, name: str | None, notice: Notice) -> Scenario:
    """The scenario of shorthand, of a shipped name, or of a file in any form that `check` takes.

    ConvertError, InputError or PlayError where it is none of them.
    """
    if asked == STDIN or (_is_path(asked) and not _is_scenario(asked)):
        own = "stdin" if asked == STDIN else Path(asked).stem
        return scenario_of(read_events(asked, form, notice), name or _as_name(own))
    scenario = find_scenario(asked) if _is_scenario(asked) else None
    if scenario is None:
        play_items(asked)  # says what is wrong where this is no shorthand
        return scenario_of_shorthand(asked, name or "play")
    return replace(scenario, name=name or scenario.name)


def _is_path(asked: str) -> bool:
    try:
        return Path(asked).exists()
    except OSError:
        return False  # a play may be too long for a name


def _is_scenario(asked: str) -> bool:
    """Whether this names a shipped scenario, or a file that is one."""
    if asked in shipped():
        return True
    try:
        document = json.loads(Path(asked).read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(document, dict) and "steps" in document


def _as_name(text: str) -> str:
    """A text as the name of a scenario may be: lowercase words with dashes."""
    return "-".join(re.findall(r"[a-z0-9]+", text.lower())) or "recorded"


def left_out(scenario: Scenario, shorthand: str) -> bool:
    """Whether the shorthand says less than the scenario."""
    plain = all(not step.headers and step.key == FIRST_KEY for step in scenario.steps)
    return not plain or _documents(scenario, "shorthand") != bodies(shorthand)


def scenario_of_shorthand(text: str, name: str) -> Scenario:
    """One step an event."""
    return Scenario(name, tuple(Step(shorthand=show([body_of(play)])) for play in parse(text)))


def scenario_of(items: Iterable[Item], name: str) -> Scenario:
    """Recorded requests as a scenario; what was answered then is what is expected."""
    names: dict[str, str] = {}
    steps = []
    for item in items:
        parsed = parse_json(item.body)
        written = isinstance(parsed, Document) and not parsed.duplicates
        headers, key = _headers(item.headers, names)
        steps.append(
            Step(
                body=parsed.value if isinstance(parsed, Document) and written else None,
                raw=None if written else item.body,
                headers=headers,
                key=key if item.headers else item.key,
                # A live key is never written, so what it caused cannot come back.
                expect=StepExpectation() if _is_live(item.headers) else item.expect,
            )
        )
    return Scenario(name, tuple(steps))


def _is_live(headers: Mapping[str, str] | None) -> bool:
    return any("sk_live_" in value for value in (headers or {}).values())


def _headers(
    sent: Mapping[str, str] | None, names: dict[str, str]
) -> tuple[dict[str, str | None], str]:
    """What differs from the headers of a good client, and the name of the key that was sent."""
    if sent is None:
        return {}, FIRST_KEY
    given = {name.lower(): value for name, value in sent.items() if name.lower() in _KEPT}
    key, deciding = FIRST_KEY, ""
    for name in _CREDENTIALS:
        scheme, blank, secret = given.get(name, "").rpartition(" ")
        if not secret.startswith(("sk_test_", "sk_live_")):
            continue
        if not deciding:
            deciding, first = secret, not names
            key = names.setdefault(secret, FIRST_KEY if first else f"key-{len(names) + 1}")
        shown = "{key}" if secret == deciding else ANOTHER_KEY
        given[name] = f"{scheme}{blank}{shown}"
    usual = {"authorization": "Bearer {key}", "content-type": "application/json"}
    usual["hakuna-version"] = usual_headers(0)["Hakuna-Version"]
    changed: dict[str, str | None] = {
        _KEPT[name]: value for name, value in given.items() if usual.get(name) != value
    }
    absent = [name for name in usual_headers(0) if name.lower() not in given]
    return {**changed, **dict.fromkeys(absent)}, key


def _as_scenario(scenario: Scenario) -> str:
    if not scenario.steps:
        raise ConvertError("there is no event in it to make a scenario of")
    document = write_scenario(scenario)
    try:
        read_scenario(document)
    except ScenarioError as error:
        raise ConvertError(f"{error.pointer or 'the scenario'}: {error}") from None
    return json.dumps(document, indent=2, ensure_ascii=False)


def _only_events(scenario: Scenario, form: str) -> None:
    for number, step in enumerate(scenario.steps, start=1):
        if (step.method, step.path) != ("POST", ENDPOINT):
            where = f"{step.method} {step.path}"
            raise ConvertError(f"step {number} is sent to {where}; {form} cannot hold it")


def _documents(scenario: Scenario, form: str) -> list[Any]:
    found = []
    _only_events(scenario, form)
    for number, step in enumerate(scenario.steps, start=1):
        for raw in step.bodies():
            parsed = parse_json(raw)
            if not isinstance(parsed, Document):
                shown = printable(raw.decode("utf-8", "replace"), 40)
                raise ConvertError(f"step {number} is no JSON ({shown}); {form} cannot hold it")
            found.append(parsed.value)
    return found


def _as_shorthand(scenario: Scenario) -> str:
    try:
        return show(_documents(scenario, "shorthand"))
    except ShorthandError as error:
        raise ConvertError(f"shorthand cannot hold this: {error}") from None


def _as_json(scenario: Scenario) -> str:
    return json.dumps(_documents(scenario, "a JSON array"), indent=2, ensure_ascii=False)


def _as_jsonl(scenario: Scenario) -> str:
    """One recording a line."""
    _only_events(scenario, "a recording")
    lines = []
    for asked in requests_of(scenario, keys_from(scenario, DEFAULT_KEY)):
        text = _as_text(asked.body)
        parsed = parse_json(asked.body)
        whole = isinstance(parsed, Document) and not parsed.duplicates
        body = parsed.value if isinstance(parsed, Document) and whole else text
        recording = {"headers": dict(asked.headers), "body": body}
        lines.append(json.dumps(recording, ensure_ascii=False))
    return "\n".join(lines)


def _as_text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise ConvertError("a body is not even text; a recording cannot hold it") from None


def _as_har(scenario: Scenario) -> str:
    entries = [_entry(asked) for asked in requests_of(scenario, keys_from(scenario, DEFAULT_KEY))]
    creator = {"name": "hakuna-mock", "version": __version__}
    log = {"version": "1.2", "creator": creator, "entries": entries}
    return json.dumps({"log": log}, indent=2, ensure_ascii=False)


def _entry(asked: ScenarioRequest) -> dict[str, Any]:
    """A request of an HTTP archive; the answer is only as much as is expected."""
    headers, step = asked.headers, asked.step
    listed = [{"name": name, "value": value} for name, value in headers.items()]
    request = {
        "method": step.method,
        "url": f"http://127.0.0.1:4258{step.path}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": listed,
        "queryString": [],
        "postData": {"mimeType": headers.get("Content-Type", ""), **_text(asked.body)},
        "headersSize": -1,
        "bodySize": len(asked.body),
    }
    response = {
        "status": asked.expect.status or 0,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": "application/json"},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    }
    return {
        "startedDateTime": HAR_TIME,
        "time": 0,
        "request": request,
        "response": response,
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
    }


def _text(body: bytes) -> dict[str, str]:
    """A body as archives hold it: text, or base64 that says so."""
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"text": b64encode(body).decode(), "encoding": "base64"}


FORMS: dict[str, Callable[[Scenario], str]] = {
    "scenario": _as_scenario,
    "shorthand": _as_shorthand,
    "json": _as_json,
    "jsonl": _as_jsonl,
    "har": _as_har,
}
"""How a scenario is written in each form; ConvertError where the form cannot hold it."""
