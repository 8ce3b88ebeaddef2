import json

import pytest

from contracts import schemas
from contracts.scenarios.catalogue import shipped
from contracts.scenarios.format import (
    FIRST_KEY,
    Scenario,
    ScenarioError,
    Step,
    key_names,
    read_scenario,
    requests_of,
    write_scenario,
)

KEYS = {FIRST_KEY: "sk_test_first", "other": "sk_test_other"}


def sent(*steps: Step):
    return list(requests_of(Scenario("x", steps), KEYS))


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_scenario_is_written_as_it_was_read(name):
    document = write_scenario(shipped()[name])
    assert read_scenario(json.loads(json.dumps(document))) == shipped()[name]


def test_the_schemas_own_example_is_a_scenario():
    for example in schemas.schema("scenario")["examples"]:
        assert write_scenario(read_scenario(example)) == example


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ([], ""),
        ({}, ""),
        ({"name": "x", "steps": []}, "/steps"),
        ({"name": "A b", "steps": [{"raw": ""}]}, "/name"),
        ({"name": "x", "steps": [{"body": 1, "raw": "1"}]}, "/steps/0"),
        ({"name": "x", "steps": [{}]}, "/steps/0"),
        ({"name": "x", "steps": [{"shorthand": "P{d"}]}, "/steps/0/shorthand"),
        ({"name": "x", "steps": [{"raw": ""}], "speed": 1}, ""),
        (
            {"name": "x", "steps": [{"raw": "", "expect": {"findings": ["no-such-rule"]}}]},
            "/steps/0/expect/findings/0",
        ),
        (
            {"name": "x", "steps": [{"raw": ""}], "expect": {"open_findings": ["nope"]}},
            "/expect/open_findings/0",
        ),
        ({"name": "x", "steps": [{"raw": "", "headers": {"A": 1}}]}, "/steps/0/headers/A"),
    ],
)
def test_what_is_no_scenario_is_refused_with_its_place(document, pointer):
    with pytest.raises(ScenarioError) as refused:
        read_scenario(document)
    assert refused.value.pointer == pointer
    assert str(refused.value)


def test_a_play_becomes_one_request_per_event_under_a_key_of_its_own():
    requests = sent(Step(shorthand="P{d:1} F{d:1}"), Step(shorthand="R{d:1}"))
    assert [request.place for request in requests] == [0, 0, 1]
    assert len({request.headers["Hakuna-Idempotency-Key"] for request in requests}) == 3


def test_headers_are_added_changed_left_out_and_may_name_the_key():
    (request,) = sent(
        Step(body=1, headers={"Authorization": None, "Bearer": "{key}", "X-Other": "y"})
    )
    assert "Authorization" not in request.headers
    assert request.headers["Bearer"] == KEYS[FIRST_KEY]
    assert request.headers["X-Other"] == "y"


def test_a_step_may_be_sent_under_another_key():
    scenario = Scenario("x", (Step(raw=b"{}"), Step(raw=b"{}", key="other")))
    assert key_names(scenario) == (FIRST_KEY, "other")
    second = list(requests_of(scenario, KEYS))[1]
    assert second.headers["Authorization"] == "Bearer sk_test_other"


def test_the_expectation_of_a_play_speaks_of_its_last_event():
    document = {"name": "x", "steps": [{"shorthand": "P{d:1} X", "expect": {"status": 200}}]}
    first, last = requests_of(read_scenario(document), KEYS)
    assert first.expect.status is None
    assert last.expect.status == 200
