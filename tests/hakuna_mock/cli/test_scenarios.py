import json

import pytest
from running_mock import running_mock

from contracts.scenarios.catalogue import shipped
from fuzz.client.http_client import Target
from mock_server import Settings


def test_every_scenario_is_listed_with_its_title(run):
    out = run("scenarios").out
    for scenario in shipped().values():
        assert scenario.name in out
        assert scenario.title in out


@pytest.mark.parametrize("name", ["forgotten-plan", "gatekeeping-matrix", "idempotency-matrix"])
def test_a_scenario_is_explained_step_by_step(run, name):
    ran = run("scenarios", name)
    assert ran.code == 0
    assert shipped()[name].about in ran.out


def test_a_scenario_is_printed_as_json_that_plays_again(run, tmp_path):
    printed = run("scenarios", "forgotten-plan", "--output-format", "json").out
    (tmp_path / "mine.json").write_text(printed)
    ran = run("play", "mine.json")
    assert ran.code == 1
    assert "refund-missing-protection" in ran.out


def test_an_unknown_scenario_is_a_usage_error_with_the_nearest_name(run):
    assert "did you mean forgotten-plan?" in run("scenarios", "forgoten-plan").err
    assert "Did you mean the scenario forgotten-plan?" in run("play", "forgoten-plan").err


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_scenario_can_be_played_offline(run, name):
    assert run("play", name).code in (0, 1)


def test_a_scenario_is_played_on_a_server_under_keys_of_its_own(run):
    with running_mock() as here:
        ran = run("play", "idempotency-matrix", "--target", here.url, "--output-format", "json")
    report = json.loads(ran.out)
    assert [event["status"] for event in report["events"]] == [
        200,
        200,
        200,
        200,
        400,
        200,
        200,
        200,
    ]
    ids = [event["event_id"] for event in report["events"]]
    assert ids[1] == ids[2] == ids[3] != ids[6]


def one_step(step):
    return f'{{"name": "x", "steps": [{step}]}}'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "bad.json:1: the file is empty"),
        ("{", "bad.json:1: the file is not valid JSON"),
        ('{"name": "x",\n "steps": [}', "bad.json:2: the file is not valid JSON"),
        ('{"name": "x",\n "about": "\\ud800"}', "bad.json:2: a string holds a lone surrogate"),
        ("{}", "bad.json:1: the file: 'name' and 'steps' are missing"),
        ("[]", "bad.json:1: the file: [] is not an object"),
        ('{"name": "X Y", "steps": [{}]}', "/name: 'X Y' cannot be the name: write lowercase"),
        (one_step("{}"), "/steps/0: a step has one of body, raw, base64, shorthand, control, and"),
        (one_step('{"body": 1, "raw": ""}'), ", not body and raw at once"),
        (one_step('{"raw": "", "expects": 1}'), "no 'expects' here; did you mean expect?"),
        (one_step('{"base64": "%"}'), "/steps/0/base64: '%' cannot be the base64: write letters"),
        (one_step('{"base64": "abc"}'), "/steps/0/base64: this is not base64"),
        (
            one_step('{"raw": "", "headers": {"X-A": "a\\r\\nB: c"}}'),
            "/steps/0/headers/X-A: 'a\\r\\nB: c' cannot be sent as a header: write text",
        ),
        (one_step('{"raw": "", "headers": {"X A": "a"}}'), "'X A' cannot be the name of a header"),
        (one_step('{"raw": "", "method": "g"}'), "'g' cannot be the method: write capital letters"),
        (
            one_step('{"raw": "", "path": "x"}'),
            "'x' cannot be the path: write a path, which begins",
        ),
        (one_step('{"raw": "", "expect": {"status": "200"}}'), "'200' is not a whole number"),
        (one_step('{"raw": "", "headers": {"a": 1}}'), "/steps/0/headers/a: 1 is not text or null"),
        ('{"name": "x",\n "steps": []}', "bad.json:2: /steps"),
        ('{"name": "x", "steps": [\n{"shorthand": "Q"}]}', "bad.json:2: /steps/0/shorthand"),
    ],
)
def test_a_file_that_is_no_scenario_is_exit_2_with_file_and_line(run, tmp_path, content, message):
    (tmp_path / "bad.json").write_text(content)
    ran = run("play", "bad.json")
    assert ran.code == 2
    assert message in ran.err


def test_a_missing_scenario_file_is_exit_2(run):
    assert "no.json: No such file" in run("play", "no.json").err


def test_serve_loads_scenarios_before_it_listens(run):
    ran = run("serve", "--port", "0", "--load", "no-such-scenario")
    assert ran.code == 2
    assert "there is no scenario 'no-such-scenario'" in ran.err


def test_the_control_api_lists_and_loads_them():
    key = {"Authorization": "Bearer sk_test_loader"}
    with running_mock(Settings(port=0)) as here:
        target = Target(here.url)
        names = [item["name"] for item in target.ask("GET", "/_mock/v1/scenarios").json()]
        loaded = target.ask("POST", "/_mock/v1/scenarios/forgotten-plan/load", headers=key).json()
        verdict = target.ask("GET", "/_mock/v1/verdict", headers=key)
        unknown = target.ask("POST", "/_mock/v1/scenarios/forgoten-plan/load")
        target.close()
    assert names == list(shipped())
    assert [reply["status"] for reply in loaded["replies"]] == [200, 200, 200]
    assert verdict.status == 409
    assert unknown.status == 404
    assert "did you mean forgotten-plan?" in unknown.json()["error"]["message"]
