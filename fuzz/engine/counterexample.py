"""A counterexample as a scenario, as numbered steps and as curl commands."""

import json
import shlex
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from contracts.http.idempotency import KEY_HEADER
from contracts.printable import printable
from contracts.scenarios.format import (
    CONTROL,
    FIRST_KEY,
    Scenario,
    ScenarioRequest,
    StepExpectation,
    requests_of,
)
from contracts.scenarios.format import Step as ScenarioStep
from contracts.scenarios.step_from_request import step_as_sent
from contracts.shorthand import ShorthandError, show
from fuzz.checks.reply import rendered
from fuzz.engine.campaign import Counterexample
from fuzz.engine.usual_values import keys_sent
from fuzz.generate.context import DRY_RUN, IN_PARALLEL, RESET, SEND, SETTINGS, Step
from fuzz.model.oracle import HttpRequest, Model, Prediction
from fuzz.model.world_settings import WorldSettings

OTHER_KEY = "other"
_VARIABLES = {FIRST_KEY: "KEY", OTHER_KEY: "OTHER_KEY"}


def short_id(found: Counterexample) -> str:
    """A short name of the failure that is the same in every run."""
    digest = blake2b("\n".join(found.failure.kind).encode(), digest_size=3).hexdigest()
    return f"{found.failure.check_failure.check}-{digest}"


def scenario_of(found: Counterexample, now: int, settings: WorldSettings) -> Scenario:
    """The steps as a scenario; each expects what the model does.

    `settings` are those of a world that no step has changed.
    """
    model = Model(now=now, settings=settings)
    changed: dict[str, WorldSettings] = {}
    names = _names(found)
    steps: list[ScenarioStep] = []
    for step in found.steps:
        for place, request in enumerate(step.requests if step.mode in (SEND, IN_PARALLEL) else ()):
            own = model.world_of(request) or ""
            own = own if own in names else _owner(request, names)
            at_once = step.mode == IN_PARALLEL and place > 0
            model.settings = changed.get(own, settings)
            event_step = _event_step(request, own, model.predict(request), found.tag)
            steps.append(replace(event_step, key=names[own], at_once=at_once))
        control = _control_step(step, names.get(step.key, FIRST_KEY), found.tag)
        if control is not None:
            steps.append(control)
            if step.mode == RESET:
                model.reset(step.key)
            elif step.mode == SETTINGS:
                before = changed.get(step.key, settings)
                changed[step.key] = before.changed(step.settings or {})
    failure = found.failure
    title = f"{failure.check_failure.check} after {failure.action!r}"
    about = f"Found by hakuna-mock fuzz: {_expected_and_actual(found)}"
    if settings.overrides():
        about += f"; the world's settings: {', '.join(settings.overrides())}"
    return Scenario(short_id(found), tuple(steps), title, about)


def _expected_and_actual(found: Counterexample) -> str:
    failure = found.failure.check_failure
    text = f"expected {rendered(failure.expected)}, got {rendered(failure.actual)}"
    return without_tag(text, found.tag)


def without_tag(text: str, tag: str) -> str:
    """A text without the tag that made its names unique; a tag on its own keeps its length."""
    return text.replace(f"{tag}-", "").replace(tag, "x" * len(tag))


def _names(found: Counterexample) -> dict[str, str]:
    """The names of the API keys: the one that is used first is the main one."""
    used = [key for step in found.steps for key in _keys_in(step, found.keys)]
    order = dict.fromkeys([*used, *found.keys])
    return dict(zip(order, (FIRST_KEY, OTHER_KEY), strict=False))


def _keys_in(step: Step, keys: Sequence[str]) -> Iterator[str]:
    for request in step.requests:
        yield from keys_sent(request, keys)
    if step.key:
        yield step.key


def _owner(request: HttpRequest, names: Mapping[str, str]) -> str:
    """The API key that a request carries; the main one if it carries none."""
    sent = set(keys_sent(request, list(names)))
    return next((key for key in names if key in sent), next(iter(names)))


def _event_step(request: HttpRequest, own: str, expected: Prediction, tag: str) -> ScenarioStep:
    """The request without the tag; `own` is the API key that becomes {key}."""
    headers = {
        name: without_tag(value.replace(own, "{key}"), tag) for name, value in request.headers
    }
    body = request.body.replace(f"{tag}-".encode(), b"").replace(tag.encode(), b"x" * len(tag))
    step = step_as_sent(headers, body, method=request.method, path=request.path, same_bytes=True)
    severe = {rule for rule, severity in expected.findings.items() if severity != "advice"}
    return replace(
        step,
        expect=StepExpectation(
            expected.status,
            frozenset(severe),
            frozenset(expected.findings) - severe,
            expected.error_code,
        ),
    )


def _control_step(step: Step, key: str, tag: str) -> ScenarioStep | None:
    if step.mode == RESET:
        return ScenarioStep(key=key, method="POST", path=f"{CONTROL}reset")
    if step.mode == SETTINGS:
        settings = dict(step.settings or {})
        return ScenarioStep(body=settings, key=key, method="PUT", path=f"{CONTROL}settings")
    if step.mode == DRY_RUN:
        rows = [
            {
                "headers": {
                    name: without_tag(value, tag)
                    for name, value in request.headers
                    if "sk_test" not in value
                },
                "body": json.loads(without_tag(request.body.decode(), tag)),
            }
            for request in step.requests
        ]
        return ScenarioStep(body=rows, key=key, method="POST", path=f"{CONTROL}check")
    return None


def steps_of(scenario: Scenario, keys: Mapping[str, str]) -> list[Step]:
    """A saved scenario as steps again, for these API keys."""
    steps: list[Step] = []
    for request in requests_of(scenario, keys):
        step = _step_again(request, keys[request.key])
        if request.step.at_once and steps and steps[-1].requests:
            requests = (*steps[-1].requests, *step.requests)
            steps[-1] = Step(step.action, requests, IN_PARALLEL)
        else:
            steps.append(step)
    return steps


def _step_again(request: ScenarioRequest, key: str) -> Step:
    step = request.step
    action = f"step {request.place + 1}"
    if step.path == f"{CONTROL}reset":
        return Step(action, mode=RESET, key=key)
    if step.path == f"{CONTROL}settings":
        return Step(action, mode=SETTINGS, key=key, settings=step.body)
    if step.path == f"{CONTROL}check":
        return Step(action, tuple(_rows(step.body, key)), DRY_RUN, key)
    return Step(
        action, (HttpRequest(tuple(request.headers.items()), request.body, step.method, step.path),)
    )


def _rows(rows: Any, key: str) -> Iterator[HttpRequest]:
    for row in rows if isinstance(rows, list) else ():
        headers = {"Authorization": f"Bearer {key}", **row.get("headers", {})}
        yield HttpRequest(tuple(headers.items()), json.dumps(row["body"]).encode())


def step_lines(scenario: Scenario) -> list[str]:
    """The steps, numbered, one line each."""
    lines = []
    for number, step in enumerate(scenario.steps, start=1):
        key = "" if step.key == FIRST_KEY else f" (key {step.key})"
        parallel = " in parallel" if step.at_once else ""
        notes = [
            f"without {name}" if value is None else f"{name}: {printable(value, 60)}"
            for name, value in step.headers.items()
            if value is None or name != KEY_HEADER
        ]
        changes = f"  [{'; '.join(notes)}]" if notes else ""
        lines.append(f"{number}. {_summary(step)}{key}{parallel}{changes}")
    return lines


def _summary(step: ScenarioStep) -> str:
    if step.is_control:
        body = "" if step.body is None else f" {_control_body(step)}"
        return f"{step.method} {step.path}{body}"
    route = "" if (step.method, step.path) == _USUAL_ROUTE else f"{step.method} {step.path} "
    if step.raw is not None:
        return f"{route}raw {printable(step.raw.decode('utf-8', 'backslashreplace'), 120)}"
    try:
        return route + show([step.body])
    except ShorthandError:
        return f"{route}{rendered(step.body)[:120]}"


def _control_body(step: ScenarioStep) -> str:
    """The body of a control call, with its events in shorthand if it has some."""
    try:
        return show([row["body"] for row in step.body])
    except (ShorthandError, TypeError, KeyError):
        return rendered(step.body)[:120]


_USUAL_ROUTE = ("POST", ScenarioStep().path)


_EVENT_HEADERS = frozenset({"Hakuna-Version", KEY_HEADER})
"""Headers that mean nothing to the control API."""


def curl_lines(scenario: Scenario, url: str) -> list[str]:
    """The steps as shell commands; the first line chooses the API keys."""
    keys = {name: f"${variable}" for name, variable in _VARIABLES.items()}
    lines = ["KEY=sk_test_$RANDOM$RANDOM OTHER_KEY=sk_test_$RANDOM$RANDOM"]
    requests = list(requests_of(scenario, keys))
    for place, request in enumerate(requests):
        step = request.step
        next_in_parallel = place + 1 < len(requests) and requests[place + 1].step.at_once
        parts = [f"curl -i -X {step.method} {shlex.quote(url + step.path)}"]
        for name, value in request.headers.items():
            if step.is_control and name in _EVENT_HEADERS:
                continue
            parts.append(f'-H "{_in_quotes(f"{name}: {value}")}"')
        before = ""
        if not (step.is_control and step.body is None):
            before, data = _data(request.body)
            parts.append(data)
        ending = " &" if next_in_parallel else "; wait" if step.at_once else ""
        lines.append(before + " \\\n  ".join(parts) + ending)
    return lines


def _data(body: bytes) -> tuple[str, str]:
    """What precedes curl, and its option: bytes that no shell word can hold go through a pipe.

    A body that begins with @ must not name a file, as it would with --data-binary.
    """
    try:
        text = body.decode()
        if text.isprintable() or text.replace("\n", "").isprintable():
            return "", f"--data-raw {shlex.quote(text)}"
    except UnicodeDecodeError:
        pass
    return f"printf %s {b64encode(body).decode()} | base64 -d | ", "--data-binary @-"


def _in_quotes(text: str) -> str:
    """A text for a shell's double quotes; only our own variables are expanded."""
    for sign in ("\\", '"', "`"):
        text = text.replace(sign, f"\\{sign}")
    for variable in _VARIABLES.values():
        text = text.replace(f"${variable}", f"\0{variable}")
    return text.replace("$", "\\$").replace("\0", "$")
