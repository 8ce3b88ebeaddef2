"""The shipped catalogue: QA cases and longer stories as files, and one pair for each rule.

The rules' own examples become `<rule>-passes` and `<rule>-violates`; an example for
another path (only a mock answers there as ours does) or with a live key is left out.
"""

import json
import re
from functools import cache
from importlib.resources import files

from contracts.judging.replies import ENDPOINT
from contracts.rules import RULES, Example
from contracts.scenarios.format import Scenario, Step, StepExpectation, read_scenario
from contracts.scenarios.rule_examples import EXAMPLE_KEY
from contracts.scenarios.rule_examples import requests_of as example_requests
from contracts.scenarios.runner import dry_run
from contracts.timing.rfc3339 import Instant, parse_instant
from contracts.values import replace

_NAME = re.compile("[a-z0-9-]+")


@cache
def shipped() -> dict[str, Scenario]:
    """Every scenario of the catalogue by name: the written ones first, then those of the rules."""
    found: dict[str, Scenario] = {}
    for path in sorted(files(__name__).iterdir(), key=lambda item: item.name):
        if path.name.endswith(".json"):
            scenario = read_scenario(json.loads(path.read_text("utf-8")))
            found[scenario.name] = scenario
    for rule in RULES.values():
        for kind, examples in (("passes", rule.passes), ("violates", rule.violates)):
            example = next(filter(_can_be_scenario, examples), None)
            if example is not None:
                scenario = _of_rule(rule.id, rule.title, kind, example)
                found[scenario.name] = scenario
    return found


def shipped_scenario(name: str) -> Scenario | None:
    """The one of that name. What cannot be a name, such as shorthand, makes no catalogue."""
    return shipped().get(name) if _NAME.fullmatch(name) else None


def is_shipped(scenario: Scenario) -> bool:
    """Whether it is one of these; what they expect is said for the settings of a new server."""
    return shipped().get(scenario.name) is scenario


def _can_be_scenario(example: Example) -> bool:
    live = any("sk_live_" in (value or "") for value in example.headers.values())
    return example.path == ENDPOINT and not live


def _of_rule(rule_id: str, title: str, kind: str, example: Example) -> Scenario:
    """A rule's example as a scenario; what it must cause is what the judge says."""
    steps = []
    for _, raw in example_requests(example):
        headers = _headers(example)
        if example.raw is not None and raw == example.raw.encode():
            steps.append(Step(raw=raw, headers=headers))
        else:
            steps.append(Step(body=json.loads(raw), headers=headers))
    about = f"The first example of the rule that {kind} it."
    bare = Scenario(f"{rule_id}-{kind}", tuple(steps), f"{title}: {kind}", about)
    played = dry_run(bare, _now())
    expected = [
        replace(
            step,
            expect=StepExpectation(
                actual.status, actual.findings, actual.advice, actual.error_code
            ),
        )
        for step, (_, actual) in zip(bare.steps, played.requests, strict=True)
    ]
    return Scenario(bare.name, tuple(expected), bare.title, about, played.open_findings)


def _headers(example: Example) -> dict[str, str | None]:
    """The example's own headers, its example key left to whoever plays it."""
    return {
        name: value if value is None else value.replace(EXAMPLE_KEY, "{key}")
        for name, value in example.headers.items()
    }


def _now() -> Instant:
    """A moment after all shipped scenarios and before their year 2999."""
    now = parse_instant("2026-01-01T00:00:00Z")
    assert now is not None  # noqa: S101 - a constant
    return now
