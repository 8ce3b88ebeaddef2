"""Between the forms of a sequence: shorthand, scenario, JSON, JSON Lines, HAR 1.2.

Everything is read into a scenario and written from one, so that the forms say the same. Secrets are
never written: a scenario names its keys, and the other forms get the play's own key.
"""

import json
import os
import re
import time
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from contracts.faults.catalogue import STATUSES
from contracts.faults.fault import FAULT_HEADER
from contracts.http.idempotency import KEY_HEADER
from contracts.http.masking import mask_secrets
from contracts.json_text.parser import Document
from contracts.json_text.parser import parse as parse_json
from contracts.judging.replies import ENDPOINT
from contracts.printable import printable
from contracts.scenarios.catalogue import shipped_scenario
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
from contracts.scenarios.step_from_request import step_from_request, without_secrets
from contracts.shorthand import ShorthandError, bodies, body_of, parse, show
from contracts.timing.rfc3339 import SECOND, Instant
from contracts.timing.rfc3339 import show as show_time
from contracts.values import dataclass
from contracts.version import __version__
from hakuna_mock.inputs.documents import is_scenario
from hakuna_mock.inputs.har import NOT_RECORDED
from hakuna_mock.inputs.reader import STDIN, read_events
from hakuna_mock.inputs.reading import Reading
from hakuna_mock.runs.item import NO_REPLY, Item
from hakuna_mock.runs.play import DEFAULT_KEY, play_items
from mock_server.scenarios.files import find_scenario


class ConvertError(Exception):
    """The sequence cannot be written in that form; the message says why."""


def read_sequence(
    given: str, name: str | None, reading: Reading, *, holds_faults: bool
) -> Scenario:
    """The scenario of shorthand, of a shipped name, or of a file in any form that `check` takes.

    ConvertError, InputError or PlayError where it is none of them. Without `holds_faults`, what was
    not accepted when it was recorded is left out: the form would make an event of it.
    """
    return _without_secrets(_sequence(given, name, reading, holds_faults=holds_faults))


def _sequence(given: str, name: str | None, reading: Reading, *, holds_faults: bool) -> Scenario:
    if given == STDIN or (_is_path(given) and not _is_scenario(given)):
        own = "stdin" if given == STDIN else mask_secrets(Path(given).stem)
        items = _convertible(read_events(given, reading), reading, holds_faults=holds_faults)
        return scenario_of(items, name or _as_name(own))
    scenario = find_scenario(given) if _is_scenario(given) else None
    if scenario is None:
        play_items(given)  # says what is wrong where this is not a shorthand
        return scenario_of_shorthand(given, name or "play")
    return replace(scenario, name=name or scenario.name)


def _is_path(given: str) -> bool:
    try:
        return Path(given).exists()
    except OSError:
        return False  # a play may be too long for a name


def _is_scenario(given: str) -> bool:
    """Whether this names a shipped scenario, or a file that is one. A pipe is read only once, so
    nobody looks into it before.
    """
    if shipped_scenario(given) is not None:
        return True
    if not os.path.isfile(given):  # noqa: PTH113 - Path.is_file raises where a play is long
        return False
    try:
        return is_scenario(json.loads(Path(given).read_text("utf-8-sig")))
    except (OSError, ValueError, RecursionError):
        return False


def _as_name(text: str) -> str:
    """A text as the name of a scenario may be: lowercase words with dashes."""
    return "-".join(re.findall(r"[a-z0-9]+", text.lower())) or "recorded"


def _convertible(items: Iterable[Item], reading: Reading, *, holds_faults: bool) -> Iterator[Item]:
    """The items that the form can hold; what is left out is counted."""
    unread = refused = 0
    for item in items:
        if item.body is None:
            unread += 1
        elif item.reply and not item.reply.accepted and not holds_faults:
            refused += 1
        else:
            yield item
    if unread:
        reading.notice(f"{unread} requests were recorded without a body, and left out")
    if refused:
        reading.notice(f"{refused} events were not accepted when recorded, and left out")


def left_out(scenario: Scenario, shorthand: str) -> bool:
    """Whether the shorthand says less than the scenario."""
    plain = all(not step.headers and step.key == FIRST_KEY for step in scenario.steps)
    return not plain or _documents(scenario, "shorthand") != bodies(shorthand)


def scenario_of_shorthand(text: str, name: str) -> Scenario:
    """One step an event."""
    return Scenario(name, tuple(Step(shorthand=show([body_of(play)])) for play in parse(text)))


def scenario_of(items: Iterable[Item], name: str) -> Scenario:
    """Recorded requests as a scenario; what was replied then is what is expected."""
    names: dict[str, str] = {}
    return Scenario(name, tuple(_step(item, names) for item in items))


def _step(item: Item, names: dict[str, str]) -> Step:
    key = names.setdefault(item.key, f"key-{len(names) + 1}" if names else FIRST_KEY)
    headers = None if item.headers is None else list(item.headers.items())
    # A live key is never written, so what it caused cannot come back.
    live = any("sk_live_" in value for _, value in headers or ())
    step = step_from_request(
        headers,
        item.sent,
        key=key,
        expect=StepExpectation() if live else item.expect,
        method=item.method,
        path=item.path,
    )
    if item.reply is None or item.reply.accepted or item.reply.was_judged:
        return step
    # A hakuna-mock fails in the same way, so that a replay stores no event that was not stored.
    status = item.reply.status
    effect = "reset" if status == NO_REPLY else STATUSES.get(status, "unavailable")
    known = next((code for code, name in STATUSES.items() if name == effect), None)
    faulty = {FAULT_HEADER: effect, **step.headers}
    return replace(step, headers=faulty, expect=StepExpectation(status=known))


def _without_secrets(scenario: Scenario) -> Scenario:
    """The scenario as it may be written, wherever in it a secret is."""
    return replace(
        scenario,
        name=scenario.name if mask_secrets(scenario.name) == scenario.name else "converted",
        title=mask_secrets(scenario.title),
        about=mask_secrets(scenario.about),
        orders=_masked(scenario.orders),
        steps=tuple(_safe_step(step) for step in scenario.steps),
    )


def _safe_step(step: Step) -> Step:
    raw = step.raw
    if raw is not None:
        text = mask_secrets(raw.decode("utf-8", "surrogateescape"))
        raw = text.encode("utf-8", "surrogateescape")
    return replace(
        step,
        body=_masked(step.body),
        raw=raw,
        shorthand=step.shorthand and mask_secrets(step.shorthand),
        headers={
            mask_secrets(name): value and without_secrets(name, value)
            for name, value in step.headers.items()
        },
        path=mask_secrets(step.path),
    )


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask_secrets(value)
    if isinstance(value, list):
        return [_masked(item) for item in value]
    if isinstance(value, Mapping):
        return {mask_secrets(name): _masked(item) for name, item in value.items()}
    return value


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
                raise ConvertError(f"step {number} is not JSON ({shown}); {form} cannot hold it")
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
    for request, headers in _requests(scenario):
        text = _as_text(request.body)
        parsed = parse_json(request.body)
        whole = isinstance(parsed, Document) and not parsed.duplicates
        body = parsed.value if isinstance(parsed, Document) and whole else text
        lines.append(json.dumps({"headers": headers, "body": body}, ensure_ascii=False))
    return "\n".join(lines)


def _requests(scenario: Scenario) -> Iterator[tuple[ScenarioRequest, dict[str, str]]]:
    """The requests with their headers.

    Idempotency keys that the scenario does not name follow from its content, so that two files can
    be put together and still mean what each of them meant.
    """
    content = json.dumps(write_scenario(scenario), sort_keys=True)
    keys = keys_from(scenario, DEFAULT_KEY)
    for number, request in enumerate(requests_of(scenario, keys), start=1):
        headers = dict(request.headers)
        if KEY_HEADER not in request.step.headers:
            headers[KEY_HEADER] = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{content} {number}"))
        yield request, headers


def _as_text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise ConvertError("a body is not even text; a recording cannot hold it") from None


def _as_har(scenario: Scenario) -> str:
    now = time.time_ns()  # a scenario has no times of its own
    entries = [
        _entry(request, headers, now + place * SECOND // 1000)
        for place, (request, headers) in enumerate(_requests(scenario))
    ]
    creator = {"name": "hakuna-mock", "version": __version__}
    log = {"version": "1.2", "creator": creator, "entries": entries}
    return json.dumps({"log": log}, indent=2, ensure_ascii=False)


def _entry(request: ScenarioRequest, headers: dict[str, str], started: Instant) -> dict[str, Any]:
    """An entry of an HTTP archive; the reply is only as much as is expected."""
    step = request.step
    sent = {
        "method": step.method,
        "url": f"http://127.0.0.1:4258{step.path}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "queryString": [],
        "postData": {"mimeType": headers.get("Content-Type", ""), **_text(request.body)},
        "headersSize": -1,
        "bodySize": len(request.body),
    }
    response = {
        "status": request.expect.status or 0,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": "application/json"},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
        **({"comment": NOT_RECORDED} if request.expect.status is None else {}),
    }
    return {
        "startedDateTime": show_time(started),
        "time": 0,
        "request": sent,
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


@dataclass(frozen=True)
class Form:
    """How a scenario is written; ConvertError where the form cannot hold it."""

    write: Callable[[Scenario], str]
    holds_faults: bool = False


FORMS = {
    "scenario": Form(_as_scenario, holds_faults=True),
    "shorthand": Form(_as_shorthand),
    "json": Form(_as_json),
    "jsonl": Form(_as_jsonl, holds_faults=True),
    "har": Form(_as_har, holds_faults=True),
}
