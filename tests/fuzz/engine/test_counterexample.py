"""A counterexample as scenario, steps and curl lines: each says the same, and can be repeated."""

import json
import re
import subprocess

import pytest
from running_mock import running_mock

from contracts.scenarios.format import key_names, read_scenario, write_scenario
from contracts.scenarios.runner import dry_run
from fuzz.checks.conversation import Failure
from fuzz.checks.reply import CheckFailure
from fuzz.engine.campaign import Counterexample
from fuzz.engine.counterexample import (
    curl_lines,
    scenario_of,
    short_id,
    step_lines,
    steps_of,
    without_tag,
)
from fuzz.generate.actions import next_step
from fuzz.generate.choices import SeededChoices
from fuzz.generate.client_simulator import ClientSimulator
from fuzz.generate.context import DRY_RUN, SEND, Context, Step
from fuzz.model.oracle import HttpRequest, Model
from fuzz.model.world_settings import WorldSettings
from mock_server import Settings

NOW = 1_767_225_600_000_000_000
TAG = "0a1b2c3d4e"
KEYS = (f"sk_test_fuzz_{TAG}_a", f"sk_test_fuzz_{TAG}_b")


def conversation(seed: int) -> tuple[Step, ...]:
    model = Model(now=NOW)
    context = Context(tuple(ClientSimulator(key, TAG) for key in KEYS), model, controllable=True)
    steps = []
    for number in range(25):
        step = next_step(context, SeededChoices(seed * 1000 + number))
        for request in step.requests:
            if step.mode != DRY_RUN:
                model.predict(request)
        steps.append(step)
    return tuple(steps)


def found(steps: tuple[Step, ...]) -> Counterexample:
    failure = Failure(len(steps) - 1, "any units", CheckFailure("reply-status", 200, 500))
    return Counterexample(failure, steps, TAG, KEYS, 29)


@pytest.mark.parametrize("seed", range(30))
def test_a_scenario_survives_its_file_and_holds_no_name_of_the_run(seed):
    scenario = scenario_of(found(conversation(seed)), NOW, WorldSettings())
    document = write_scenario(scenario)
    assert read_scenario(json.loads(json.dumps(document))) == scenario
    assert TAG not in json.dumps(document)


@pytest.mark.parametrize("seed", range(30))
def test_its_steps_come_back_as_the_same_requests(seed):
    """Under the same keys; idempotency keys and order ids only lose the tag."""
    steps = conversation(seed)
    scenario = scenario_of(found(steps), NOW, WorldSettings())
    names = key_names(scenario)
    used = [k for s in steps for k in ([s.key] if s.key else []) + _keys(s)]
    given = dict(zip(names, dict.fromkeys([*used, *KEYS]), strict=False))
    again = steps_of(scenario, given)
    sent = [_plain(sent) for step in steps if step.mode != DRY_RUN for sent in step.requests]
    back = [_plain(sent) for step in again if step.mode != DRY_RUN for sent in step.requests]
    assert back == sent
    assert [(s.mode, s.settings) for s in again if not s.requests] == [
        (s.mode, s.settings) for s in steps if not s.requests
    ]


def _keys(step: Step) -> list[str]:
    sent = [" ".join(value for _, value in request.headers) for request in step.requests]
    return [key for text in sent for key in KEYS if key in text]


def _plain(request: HttpRequest) -> tuple:
    headers = {name: without_tag(value, TAG) for name, value in request.headers}
    plain = request.body.replace(f"{TAG}-".encode(), b"")
    return headers, plain.replace(TAG.encode(), b"x" * len(TAG)), request.method, request.path


@pytest.mark.parametrize("seed", range(10))
def test_a_scenario_expects_what_the_judge_answers(seed):
    """The model has written the expectations; the judge plays them."""
    steps = tuple(step for step in conversation(seed) if step.mode == SEND)
    scenario = scenario_of(found(steps), NOW, WorldSettings())
    for request, actual in dry_run(scenario, NOW).requests:
        assert (actual.status, actual.findings, actual.error_code) == (
            request.expect.status,
            request.expect.findings,
            request.expect.error_code,
        )


def test_steps_are_numbered_and_short():
    scenario = scenario_of(found(conversation(1)), NOW, WorldSettings())
    lines = step_lines(scenario)
    assert [line.partition(".")[0] for line in lines] == [str(n + 1) for n in range(len(lines))]
    assert max(map(len, lines)) < 700


def test_the_same_failure_has_the_same_short_name_in_every_run():
    first, second = (found(conversation(seed)) for seed in (1, 2))
    assert short_id(first) == short_id(second)
    assert short_id(first).startswith("reply-status-")


def _plays(step: Step) -> bool:
    """Whether it is one request that needs none before it."""
    return step.mode == SEND and len(step.requests) == 1 and step.action != "retry"


def test_the_curl_lines_do_in_a_shell_what_the_steps_do():
    steps = tuple(step for seed in (1, 2, 3) for step in conversation(seed) if _plays(step))[:12]
    with running_mock(Settings(port=0)) as here:
        scenario = scenario_of(found(steps), NOW, WorldSettings())
        lines = curl_lines(scenario, here.url)
        script = "\n".join(lines)
        ran = subprocess.run(["bash", "-c", script], capture_output=True, check=False, timeout=60)
    statuses = [int(status) for status in re.findall(rb"HTTP/1\.1 ([0-9]+) ", ran.stdout)]
    assert statuses == [step.expect.status for step in scenario.steps]
