"""What a scenario file expects is held against what comes of it, by every command that plays it."""

import json

import pytest
from running_mock import running_mock
from wrong_server import wrong_server

from mock_server import Settings

RETURN = ["P{d:1,p:1>d}", "F{d:1}", "R{d:1}"]
RIGHT = {"status": 200, "findings": ["refund-missing-protection"], "advice": []}
AT_END = {"open_findings": ["refund-missing-protection"]}


@pytest.fixture
def mock():
    with running_mock(Settings(port=0)) as here:
        yield here.url


@pytest.fixture
def scenario(tmp_path):
    """The file of a scenario that expects this of its last step and of its end."""

    def of(step=None, end=None, first=()):
        steps = [*first, *({"shorthand": text} for text in RETURN)]
        steps[-1] = {**steps[-1], "expect": step or {}}
        path = tmp_path / "scenario.json"
        path.write_text(json.dumps({"name": "mine", "steps": steps, "expect": end or {}}))
        return str(path)

    return of


@pytest.fixture(params=["play", "check", "play --target", "verify --target"])
def played(request, run, mock):
    """How a command ends with the file, and the checks that failed there."""

    def by(path):
        command, *target = request.param.split()
        options = [*target, mock] if target else []
        fail_on = "--select=refund-missing-protection" if command == "check" else ""
        ran = run(command, path, *options, *([fail_on] if fail_on else []), "--output-format=json")
        found = [(item["rule"], item["message"]) for item in json.loads(ran.out)["findings"]]
        return [message for rule, message in found if rule != "refund-missing-protection"]

    return by


def test_expectations_that_come_true_are_nothing_to_report(played, scenario):
    assert played(scenario(RIGHT, {**AT_END, "orders": {"ord-1": {"status": "fulfilled"}}})) == []


@pytest.mark.parametrize(
    ("step", "end", "said"),
    [
        ({"status": 400}, {}, "status: expected 400, got 200"),
        ({"error_code": "unauthorized"}, {}, "error_code: expected unauthorized, got null"),
        ({"findings": []}, {}, 'findings: expected [], got ["refund-missing-protection"]'),
        ({"advice": ["zip-format"]}, {}, 'advice: expected ["zip-format"], got []'),
        (
            {},
            {"open_findings": ["over-refund"]},
            'open_findings: expected ["over-refund"], got ["refund-missing-protection"]',
        ),
        (
            {},
            {"orders": {"ord-1": {"status": "placed"}}},
            "orders/ord-1/status: expected placed, got fulfilled",
        ),
        (
            {},
            {"orders": {"ord-2": {"status": "placed"}}},
            "orders/ord-2/status: expected placed, got null",
        ),
    ],
)
def test_each_expectation_that_does_not_is_a_violation(played, scenario, step, end, said):
    (message,) = played(scenario(step, end))
    assert message.endswith(said)


def test_an_unmet_expectation_fails_the_run_and_can_be_explained(run, scenario):
    path = scenario({"status": 400})
    ran = run("check", path, "--fail-on", "violation")
    assert ran.code == 1
    assert "violation expectation (house)" in ran.out
    assert run("explain", "expectation").code == 0


def test_in_reject_mode_the_file_is_still_taken_at_its_word(run, scenario):
    ran = run("play", scenario(RIGHT), "--enforcement", "reject", "--output-format", "json")
    messages = [item["message"] for item in json.loads(ran.out)["findings"]]
    assert "status: expected 200, got 400" in messages


def test_a_shipped_scenario_expects_what_the_settings_in_force_make_of_it(run):
    ran = run("play", "forgotten-plan", "--enforcement", "reject", "--output-format", "json")
    assert {item["rule"] for item in json.loads(ran.out)["findings"]} == {
        "refund-missing-protection"
    }


def test_what_a_scenario_with_calls_expects_is_not_compared_offline_and_check_says_so(
    run, scenario
):
    call = {"method": "POST", "path": "/_mock/v1/clock", "body": {"advance": "1d"}}
    ran = run("check", scenario({"status": 400}, first=[call]), "--fail-on=never")
    assert "passed over, and what the scenario expects is not compared" in ran.err
    assert "expectation" not in ran.out


def test_of_another_server_only_what_it_shows_is_compared(run, scenario, wrong):
    ran = run("verify", scenario({"status": 400}), "--target", wrong, "--output-format=json")
    messages = [item["message"] for item in json.loads(ran.out)["findings"]]
    assert "step 3, status: expected 400, got 200" in messages
    ran = run("play", scenario({"findings": []}, {"open_findings": []}), "--target", wrong)
    assert "expectation" not in ran.out


@pytest.fixture
def wrong():
    with wrong_server(None) as url:
        yield url
