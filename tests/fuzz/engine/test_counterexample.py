"""A counterexample as scenario, steps and curl lines: each says the same, and can be repeated."""

import json
import re
import subprocess

import pytest
from running_mock import running_mock

from contracts.scenarios.format import key_names, read_scenario, write_scenario
from contracts.scenarios.runner import rehearse
from fuzz.checks.conversation import Failure
from fuzz.checks.reply import Problem
from fuzz.engine.campaign import Counterexample
from fuzz.engine.counterexample import bare, curl_lines, described, scenario_of, short_id, steps_of
from fuzz.generate.actions import next_step
from fuzz.generate.choices import Rolled
from fuzz.generate.client_simulator import Shop
from fuzz.generate.context import Step, Talk
from fuzz.model.oracle import Asked, Model
from mock_server import Settings

NOW = 1_767_225_600_000_000_000
TAG = "0a1b2c3d4e"
KEYS = (f"sk_test_fuzz_{TAG}_a", f"sk_test_fuzz_{TAG}_b")


def conversation(seed: int) -> tuple[Step, ...]:
    model = Model(now=NOW)
    talk = Talk(tuple(Shop(key, TAG) for key in KEYS), model, controllable=True)
    steps = []
    for number in range(25):
        step = next_step(talk, Rolled(seed * 1000 + number))
        for asked in step.requests:
            if step.how != "check":
                model.ask(asked)
        steps.append(step)
    return tuple(steps)


def found(steps: tuple[Step, ...]) -> Counterexample:
    failure = Failure(len(steps) - 1, "any units", Problem("reply-status", 200, 500))
    return Counterexample(failure, steps, TAG, KEYS, 29)


@pytest.mark.parametrize("seed", range(30))
def test_a_scenario_survives_its_file_and_holds_no_name_of_the_run(seed):
    scenario = scenario_of(found(conversation(seed)), NOW, "flag")
    document = write_scenario(scenario)
    assert read_scenario(json.loads(json.dumps(document))) == scenario
    assert TAG not in json.dumps(document)


@pytest.mark.parametrize("seed", range(30))
def test_its_steps_come_back_as_the_same_requests(seed):
    """Under the same keys; idempotency keys and order ids only lose the tag."""
    steps = conversation(seed)
    scenario = scenario_of(found(steps), NOW, "flag")
    names = key_names(scenario)
    used = [k for s in steps for k in ([s.key] if s.key else []) + _keys(s)]
    given = dict(zip(names, dict.fromkeys([*used, *KEYS]), strict=False))
    again = steps_of(scenario, given)
    sent = [_plain(one) for step in steps for one in step.requests if step.how != "check"]
    back = [_plain(one) for step in again for one in step.requests if step.how != "check"]
    assert back == sent
    assert [(s.how, s.settings) for s in again if not s.requests] == [
        (s.how, s.settings) for s in steps if not s.requests
    ]


def _keys(step: Step) -> list[str]:
    sent = [" ".join(value for _, value in asked.headers) for asked in step.requests]
    return [key for text in sent for key in KEYS if key in text]


def _plain(asked: Asked) -> tuple:
    headers = {name: bare(value, TAG) for name, value in asked.headers}
    plain = asked.body.replace(f"{TAG}-".encode(), b"")
    return headers, plain.replace(TAG.encode(), b"x" * len(TAG)), asked.method, asked.path


@pytest.mark.parametrize("seed", range(10))
def test_what_a_scenario_expects_is_what_the_judge_says(seed):
    """The model has written the expectations; the judge plays them."""
    steps = tuple(step for step in conversation(seed) if step.how == "send")
    scenario = scenario_of(found(steps), NOW, "flag")
    for asked, got in rehearse(scenario, NOW).requests:
        assert (got.status, got.findings, got.error_code) == (
            asked.expect.status,
            asked.expect.findings,
            asked.expect.error_code,
        )


def test_steps_are_numbered_and_short():
    scenario = scenario_of(found(conversation(1)), NOW, "flag")
    lines = described(scenario)
    assert [line.partition(".")[0] for line in lines] == [str(n + 1) for n in range(len(lines))]
    assert max(map(len, lines)) < 700


def test_the_same_failure_has_the_same_short_name_in_every_run():
    one, two = (found(conversation(seed)) for seed in (1, 2))
    assert short_id(one) == short_id(two)
    assert short_id(one).startswith("reply-status-")


def _plays(step: Step) -> bool:
    """Whether it is one request of the one family that needs nothing before it."""
    return step.how == "send" and len(step.requests) == 1 and step.move != "retry"


def test_the_curl_lines_do_in_a_shell_what_the_steps_did():
    steps = tuple(step for seed in (1, 2, 3) for step in conversation(seed) if _plays(step))[:12]
    with running_mock(Settings(port=0)) as here:
        scenario = scenario_of(found(steps), NOW, "flag")
        lines = curl_lines(scenario, here.url)
        script = "\n".join(lines)
        ran = subprocess.run(["bash", "-c", script], capture_output=True, check=False, timeout=60)
    statuses = [int(status) for status in re.findall(rb"HTTP/1\.1 ([0-9]+) ", ran.stdout)]
    assert statuses == [step.expect.status for step in scenario.steps]
