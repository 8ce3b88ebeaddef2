"""A counterexample in every form in which somebody may want it: scenario, steps, curl lines."""

import json
import shlex
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from contracts.http.idempotency import KEY_HEADER
from contracts.json_text.parser import Document, parse
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
from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import ShorthandError, show
from fuzz.checks.conversation import levels_after
from fuzz.checks.reply import shown
from fuzz.engine.campaign import Counterexample
from fuzz.engine.simplify import keys_sent
from fuzz.generate.context import AT_ONCE, CHECK, RESET, SEND, SETTINGS, Step
from fuzz.model.oracle import Asked, Expected, Model

OTHER_KEY = "other"
_VARIABLES = {FIRST_KEY: "KEY", OTHER_KEY: "OTHER_KEY"}


def short_id(found: Counterexample) -> str:
    """A short name of the failure that is the same in every run."""
    digest = blake2b("\n".join(found.failure.kind).encode(), digest_size=3).hexdigest()
    return f"{found.failure.problem.check}-{digest}"


def scenario_of(
    found: Counterexample, now: int, enforcement: str, usual: Mapping[str, str] | None = None
) -> Scenario:
    """The steps as a scenario; what each must cause is what the model says.

    `usual` are the levels of rules in a new world.
    """
    model = Model(now=now, enforcement=enforcement)
    told: dict[str, tuple[str, Mapping[str, str]]] = {}
    names = _names(found)
    steps: list[ScenarioStep] = []
    for step in found.steps:
        for place, asked in enumerate(step.requests if step.how in (SEND, AT_ONCE) else ()):
            own = model.sender(asked) or ""
            own = own if own in names else _owner(asked, names)
            at_once = step.how == AT_ONCE and place > 0
            model.enforcement, model.levels = told.get(names[own], (enforcement, usual or {}))
            headers = _headers(asked, own, found.tag)
            made = _event_step(asked, model.ask(asked), found.tag)
            steps.append(replace(made, headers=headers, key=names[own], at_once=at_once))
        control = _control_step(step, names.get(step.key, FIRST_KEY), found.tag)
        if control is not None:
            steps.append(control)
            if step.how == RESET:
                model.reset(step.key)
            elif step.how == SETTINGS:
                before = told.get(control.key, (enforcement, usual or {}))
                settings = step.settings or {}
                levels = levels_after(before[1], settings)
                told[control.key] = (settings.get("enforcement", before[0]), levels)
    failure = found.failure
    title = f"{failure.problem.check} after {failure.move!r}"
    about = f"Found by hakuna-mock fuzz: {_said(found)}"
    return Scenario(short_id(found), tuple(steps), title, about)


def _said(found: Counterexample) -> str:
    wrong = found.failure.problem
    return bare(f"expected {shown(wrong.expected)}, got {shown(wrong.got)}", found.tag)


def bare(text: str, tag: str) -> str:
    """A text without the tag that made its names unique; alone it is masked, for its length."""
    return text.replace(f"{tag}-", "").replace(tag, "x" * len(tag))


def _names(found: Counterexample) -> dict[str, str]:
    """The API keys' names: the one that is used first is the main one."""
    used = [key for step in found.steps for key in _keys_in(step, found.keys)]
    order = dict.fromkeys([*used, *found.keys])
    return dict(zip(order, (FIRST_KEY, OTHER_KEY), strict=False))


def _keys_in(step: Step, keys: Sequence[str]) -> Iterator[str]:
    for asked in step.requests:
        yield from keys_sent(asked, keys)
    if step.key:
        yield step.key


def _owner(asked: Asked, names: Mapping[str, str]) -> str:
    """The API key that a request is sent with, or under; the main one where it carries none."""
    sent = set(keys_sent(asked, list(names)))
    return next((key for key in names if key in sent), next(iter(names)))


def _event_step(asked: Asked, expected: Expected, tag: str) -> ScenarioStep:
    body, raw = _body(asked.body, tag)
    severe = {rule for rule, severity in expected.findings.items() if severity != "advice"}
    return ScenarioStep(
        body=body,
        raw=raw,
        expect=StepExpectation(
            expected.status,
            frozenset(severe),
            frozenset(expected.findings) - severe,
            expected.error_code,
        ),
        method=asked.method,
        path=asked.path,
    )


def _body(raw: bytes, tag: str) -> tuple[Any, bytes | None]:
    """The body as JSON where that says the same bytes, else as bytes."""
    plain = raw.replace(f"{tag}-".encode(), b"").replace(tag.encode(), b"x" * len(tag))
    parsed = parse(plain)
    if isinstance(parsed, Document) and json.dumps(parsed.value).encode() == plain:
        return parsed.value, None
    return None, plain


def _headers(asked: Asked, own: str, tag: str) -> dict[str, str | None]:
    """What differs from a good client's headers; the own API key becomes {key}."""
    usual = {n: v for n, v in usual_headers(0, "{key}").items() if n != KEY_HEADER}
    sent: dict[str, str | None] = {
        name: bare(value.replace(own, "{key}"), tag) for name, value in asked.headers
    }
    for name in usual_headers(0):
        sent.setdefault(name, None)
    return {name: value for name, value in sent.items() if (name, value) not in usual.items()}


def _control_step(step: Step, key: str, tag: str) -> ScenarioStep | None:
    if step.how == RESET:
        return ScenarioStep(key=key, method="POST", path=f"{CONTROL}reset")
    if step.how == SETTINGS:
        settings = dict(step.settings or {})
        return ScenarioStep(body=settings, key=key, method="PUT", path=f"{CONTROL}settings")
    if step.how == CHECK:
        rows = [
            {
                "headers": {n: bare(v, tag) for n, v in one.headers if "sk_test" not in v},
                "body": json.loads(bare(one.body.decode(), tag)),
            }
            for one in step.requests
        ]
        return ScenarioStep(body=rows, key=key, method="POST", path=f"{CONTROL}check")
    return None


def steps_of(scenario: Scenario, keys: Mapping[str, str]) -> list[Step]:
    """A saved scenario as steps again, to be sent under these API keys."""
    steps: list[Step] = []
    for asked in requests_of(scenario, keys):
        made = _step_again(asked, keys[asked.key])
        if asked.step.at_once and steps and steps[-1].requests:
            both = (*steps[-1].requests, *made.requests)
            steps[-1] = Step(made.move, both, AT_ONCE)
        else:
            steps.append(made)
    return steps


def _step_again(asked: ScenarioRequest, key: str) -> Step:
    step = asked.step
    move = f"step {asked.place + 1}"
    if step.path == f"{CONTROL}reset":
        return Step(move, how=RESET, key=key)
    if step.path == f"{CONTROL}settings":
        return Step(move, how=SETTINGS, key=key, settings=step.body)
    if step.path == f"{CONTROL}check":
        return Step(move, tuple(_rows(step.body, key)), CHECK, key)
    return Step(move, (Asked(tuple(asked.headers.items()), asked.body, step.method, step.path),))


def _rows(rows: Any, key: str) -> Iterator[Asked]:
    for row in rows if isinstance(rows, list) else ():
        headers = {"Authorization": f"Bearer {key}", **row.get("headers", {})}
        yield Asked(tuple(headers.items()), json.dumps(row["body"]).encode())


def described(scenario: Scenario) -> list[str]:
    """The steps, numbered, in as few words as possible."""
    lines = []
    for number, step in enumerate(scenario.steps, start=1):
        who = "" if step.key == FIRST_KEY else f" (key {step.key})"
        when = " at the same moment" if step.at_once else ""
        notes = [
            f"without {name}" if value is None else f"{name}: {printable(value, 60)}"
            for name, value in step.headers.items()
            if value is None or name != KEY_HEADER
        ]
        with_ = f"  [{'; '.join(notes)}]" if notes else ""
        lines.append(f"{number}. {_in_short(step)}{who}{when}{with_}")
    return lines


def _in_short(step: ScenarioStep) -> str:
    if step.is_control:
        body = "" if step.body is None else f" {_asked_about(step)}"
        return f"{step.method} {step.path}{body}"
    route = "" if (step.method, step.path) == _GOOD_ROUTE else f"{step.method} {step.path} "
    if step.raw is not None:
        return f"{route}raw {printable(step.raw.decode('utf-8', 'backslashreplace'), 120)}"
    try:
        return route + show([step.body])
    except ShorthandError:
        return f"{route}{shown(step.body)[:120]}"


def _asked_about(step: ScenarioStep) -> str:
    """The body of a call of the control API: events in shorthand, where it has some."""
    try:
        return show([row["body"] for row in step.body])
    except (ShorthandError, TypeError, KeyError):
        return shown(step.body)[:120]


_GOOD_ROUTE = ("POST", ScenarioStep().path)


_OF_EVENTS = frozenset({"Hakuna-Version", KEY_HEADER})
"""Headers that say nothing to the control API."""


def curl_lines(scenario: Scenario, url: str) -> list[str]:
    """The steps as commands for a shell, under keys of its own choice."""
    keys = {name: f"${variable}" for name, variable in _VARIABLES.items()}
    lines = ["KEY=sk_test_$RANDOM$RANDOM OTHER_KEY=sk_test_$RANDOM$RANDOM"]
    requests = list(requests_of(scenario, keys))
    for place, asked in enumerate(requests):
        step = asked.step
        together = place + 1 < len(requests) and requests[place + 1].step.at_once
        parts = [f"curl -i -X {step.method} {shlex.quote(url + step.path)}"]
        for name, value in asked.headers.items():
            if step.is_control and name in _OF_EVENTS:
                continue
            parts.append(f'-H "{_in_quotes(f"{name}: {value}")}"')
        before = ""
        if not (step.is_control and step.body is None):
            before, data = _data(asked.body)
            parts.append(data)
        ending = " &" if together else "; wait" if step.at_once else ""
        lines.append(before + " \\\n  ".join(parts) + ending)
    return lines


def _data(body: bytes) -> tuple[str, str]:
    """What goes before curl, and its option: bytes that no shell word can hold come by a pipe.

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
    """A text inside double quotes of a shell; only our own variables are expanded."""
    for sign in ("\\", '"', "`"):
        text = text.replace(sign, f"\\{sign}")
    for variable in _VARIABLES.values():
        text = text.replace(f"${variable}", f"\0{variable}")
    return text.replace("$", "\\$").replace("\0", "$")
