"""Scenarios: a named sequence of requests with what it must cause. One format for everything.

The JSON form is `schemas/scenario.json`; this file reads it, writes it, and turns it into requests.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any

from contracts.faults.fault import FAULT_HEADER
from contracts.http.idempotency import KEY_HEADER, key_problem
from contracts.json_text.pointer import child, join
from contracts.judging.replies import ENDPOINT
from contracts.rules import RULES
from contracts.scenarios.format_errors import in_words
from contracts.scenarios.rule_examples import usual_headers
from contracts.schemas.keyword_errors import keyword_errors
from contracts.shorthand import ShorthandError, bodies
from contracts.values import dataclass

CONTROL = "/_mock/v1/"
"""Where a hakuna-mock's control API lies."""

FIRST_KEY = "main"
"""The name of the key under which steps without one of their own are sent."""


class ScenarioError(ValueError):
    """A document is not a scenario. `pointer` says where."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(message)
        self.pointer = pointer


@dataclass(frozen=True)
class StepExpectation:
    """What a reply must be; None does not say. `findings` are all violations and warnings."""

    status: int | None = None
    findings: frozenset[str] | None = None
    advice: frozenset[str] | None = None
    error_code: str | None = None


@dataclass(frozen=True)
class Step:
    """One body, raw bytes or play. `headers` change the usual ones, None leaves one out.

    Of a play with several events, `expect` speaks of the last one's reply. `at_once` says that the
    step is sent at the same moment as the one before it.
    """

    body: Any = None
    raw: bytes | None = None
    shorthand: str | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    key: str = FIRST_KEY
    expect: StepExpectation = field(default_factory=StepExpectation)
    method: str = "POST"
    path: str = ENDPOINT
    at_once: bool = False

    @property
    def is_control(self) -> bool:
        """Whether it is a call of the control API and no event."""
        return self.path.startswith(CONTROL)

    @property
    def arms_faults(self) -> bool:
        """Whether it is such a call, and lets later events fail."""
        settings = self.body if isinstance(self.body, Mapping) else {}
        return self.is_control and (
            (self.method == "POST" and self.path.startswith(f"{CONTROL}faults"))
            or (self.path.startswith(f"{CONTROL}settings") and bool(settings.get("outage")))
        )

    def bodies(self) -> list[bytes]:
        """The bodies to send."""
        if self.raw is not None:
            return [self.raw]
        if self.shorthand is not None:
            return [json.dumps(body).encode() for body in bodies(self.shorthand)]
        return [json.dumps(self.body).encode()]


@dataclass(frozen=True)
class Scenario:
    """A sequence and, in `open_findings` and `orders`, what must be true after it.

    `open_findings` are the rules of all open violations and warnings of all keys; `orders` maps
    order ids to the members of `GET /orders/{id}` that must be so.
    """

    name: str
    steps: tuple[Step, ...]
    title: str = ""
    about: str = ""
    open_findings: frozenset[str] | None = None
    orders: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_on_demand(self) -> bool:
        """Whether it asks for faults, which only a hakuna-mock plays."""
        names = {name.lower() for step in self.steps for name in step.headers}
        return (
            FAULT_HEADER.lower() in names
            or any(b"--mock-" in body for step in self.steps for body in step.bodies())
            or any(step.arms_faults for step in self.steps)
        )


@dataclass(frozen=True)
class ScenarioRequest:
    """One request of a scenario. `key` is a key's name, `place` the step's place from 0."""

    key: str
    headers: Mapping[str, str]
    body: bytes
    place: int
    expect: StepExpectation
    step: Step


def requests_of(scenario: Scenario, keys: Mapping[str, str]) -> Iterator[ScenarioRequest]:
    """The requests in order; `keys` maps key names to API keys."""
    number = 0
    for place, step in enumerate(scenario.steps):
        sent = step.bodies()
        for body in sent:
            number += 1
            usual: dict[str, str | None] = dict(usual_headers(number, keys[step.key]))
            headers = _with({**usual, **step.headers}, keys[step.key])
            expect = step.expect if body is sent[-1] else StepExpectation()
            yield ScenarioRequest(step.key, headers, body, place, expect, step)


def keys_from(scenario: Scenario, key: str) -> dict[str, str]:
    """API keys for a scenario's key names: the given one for the first, others made from it."""
    return {
        name: key if name == FIRST_KEY else f"{key}_{name.replace('-', '_')}"
        for name in key_names(scenario)
    }


class FreshKeys:
    """New idempotency keys for those of a scenario: equal where they were equal, once a run.

    `fresh` makes one; keys that cannot be one stay as they are, for they are meant to be refused.
    """

    def __init__(self, fresh: Callable[[], str]) -> None:
        self._fresh = fresh
        self._known: dict[tuple[str, str], str] = {}

    def headers(self, owner: str, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers with the idempotency key of that owner (a key's name) replaced."""
        sent = headers.get(KEY_HEADER)
        if not sent or key_problem(sent):
            return dict(headers)
        known = self._known.get((owner, sent))
        if known is None:
            known = self._known[owner, sent] = self._fresh()
        return {**headers, KEY_HEADER: known}


def key_names(scenario: Scenario) -> tuple[str, ...]:
    """The keys that a scenario needs, the first one first."""
    return tuple(dict.fromkeys([FIRST_KEY, *(step.key for step in scenario.steps)]))


def _with(headers: Mapping[str, str | None], key: str) -> dict[str, str]:
    """The headers that are sent; `{key}` in a value stands for the step's API key."""
    return {
        name: value.replace("{key}", key) for name, value in headers.items() if value is not None
    }


def read_scenario(document: Any) -> Scenario:
    """The scenario of a JSON document; ScenarioError with a pointer where it is none."""
    found = min(keyword_errors("scenario", document), key=lambda item: str(item.path), default=None)
    if found is not None:
        raise ScenarioError(join(found.path), in_words(found))
    _check_rules(document)
    expect = document.get("expect", {})
    steps = []
    for place, step in enumerate(document["steps"]):
        if "base64" in step and not _is_base64(step["base64"]):
            pointer = join(["steps", place, "base64"])
            raise ScenarioError(pointer, "this is not base64: its length or its = are wrong")
        if "shorthand" in step:
            try:
                bodies(step["shorthand"])
            except ShorthandError as error:
                pointer = join(["steps", place, "shorthand"])
                raise ScenarioError(pointer, f"this is not shorthand: {error}") from None
        steps.append(_step(step))
    return Scenario(
        name=document["name"],
        steps=tuple(steps),
        title=document.get("title", ""),
        about=document.get("about", ""),
        open_findings=_set(expect.get("open_findings")),
        orders=expect.get("orders", {}),
    )


def _is_base64(text: str) -> bool:
    try:
        b64decode(text, validate=True)
    except ValueError:
        return False
    return True


def _check_rules(document: dict[str, Any]) -> None:
    named = [(join(["expect", "open_findings"]), document.get("expect", {}).get("open_findings"))]
    for place, step in enumerate(document["steps"]):
        for name in ("findings", "advice"):
            pointer = join(["steps", place, "expect", name])
            named.append((pointer, step.get("expect", {}).get(name)))
    for pointer, rules in named:
        for place, rule in enumerate(rules or ()):
            if rule not in RULES:
                raise ScenarioError(child(pointer, place), f"there is no rule {rule!r}")


def _step(step: dict[str, Any]) -> Step:
    expect = step.get("expect", {})
    raw = step["raw"].encode() if "raw" in step else None
    control = step.get("control", {})
    return Step(
        body=control.get("body", step.get("body")),
        raw=b64decode(step["base64"]) if "base64" in step else raw,
        shorthand=step.get("shorthand"),
        headers=step.get("headers", {}),
        key=step.get("key", FIRST_KEY),
        method=control.get("method", step.get("method", "POST")),
        path=control.get("path", step.get("path", ENDPOINT)),
        at_once=step.get("at_once", False),
        expect=StepExpectation(
            expect.get("status"),
            _set(expect.get("findings")),
            _set(expect.get("advice")),
            expect.get("error_code"),
        ),
    )


def _set(rules: Iterable[str] | None) -> frozenset[str] | None:
    return None if rules is None else frozenset(rules)


def write_scenario(scenario: Scenario) -> dict[str, Any]:
    """The scenario as a JSON document, without what it does not hold."""
    document: dict[str, Any] = {
        "name": scenario.name,
        "title": scenario.title,
        "about": scenario.about,
        "steps": [_written(step) for step in scenario.steps],
    }
    expect = _present(
        {"open_findings": _sorted(scenario.open_findings), "orders": dict(scenario.orders) or None}
    )
    return {name: value for name, value in {**document, "expect": expect}.items() if value}


def _written(step: Step) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if step.headers:
        found["headers"] = dict(step.headers)
    if step.key != FIRST_KEY:
        found["key"] = step.key
    if step.is_control:
        body = {} if step.body is None else {"body": step.body}
        found["control"] = {"method": step.method, "path": step.path, **body}
    elif step.raw is not None:
        found |= _raw(step.raw)
    elif step.shorthand is not None:
        found["shorthand"] = step.shorthand
    else:
        found["body"] = step.body
    if not step.is_control:
        found |= {} if step.method == "POST" else {"method": step.method}
        found |= {} if step.path == ENDPOINT else {"path": step.path}
    if step.at_once:
        found["at_once"] = True
    expect = _present(
        {
            "status": step.expect.status,
            "findings": _sorted(step.expect.findings),
            "advice": _sorted(step.expect.advice),
            "error_code": step.expect.error_code,
        }
    )
    return {**found, "expect": expect} if expect else found


def _raw(raw: bytes) -> dict[str, str]:
    """Bytes as text where they are some, else in base64."""
    try:
        return {"raw": raw.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(raw).decode()}


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _sorted(rules: frozenset[str] | None) -> list[str] | None:
    return None if rules is None else sorted(rules)
