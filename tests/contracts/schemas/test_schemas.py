"""The JSON Schemas themselves: valid, closed, with their evidence, and true to the page."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator
from mutants import PAGE_EVENTS
from other_validator import jsonschema_validator

from contracts import schemas
from contracts.event_kinds import EVENT_TYPES
from contracts.schemas import validator

WITH_EXAMPLES = [name for name in schemas.NAMES if "examples" in schemas.schema(name)]
EXAMPLES = [
    pytest.param(name, example, id=f"{name}-{number}")
    for name in WITH_EXAMPLES
    for number, example in enumerate(schemas.schema(name)["examples"], 1)
]

each_schema = pytest.mark.parametrize("name", schemas.NAMES)


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of a schema document, except the contents of its examples."""
    if isinstance(value, dict):
        yield value
        for name, inner in value.items():
            if name != "examples":
                yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


@each_schema
def test_a_schema_is_valid_by_the_2020_12_metaschema(name):
    document = schemas.schema(name)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(document)
    jsonschema_rs.meta.validate(document)


@each_schema
def test_a_schema_is_named_and_described(name):
    document = schemas.schema(name)
    assert document["$id"] == f"{schemas.BASE}{name}.json"
    assert document["title"]
    assert document["description"]


@each_schema
def test_every_basis_is_one_of_three_and_has_a_source(name):
    for node in nodes(schemas.schema(name)):
        if "x-basis" in node:
            assert node["x-basis"] in ("documented", "inferred", "house")
            assert node.get("x-source")


@each_schema
def test_every_source_has_a_basis(name):
    assert not [
        node for node in nodes(schemas.schema(name)) if "x-source" in node and "x-basis" not in node
    ]


@each_schema
def test_every_reference_resolves_inside_the_folder(name):
    for node in nodes(schemas.schema(name)):
        if "$ref" in node:
            assert schemas.resolve(node["$ref"])
            assert schemas.resolved(node) == schemas.resolve(node["$ref"])


@each_schema
def test_patterns_are_plain_ascii_without_shorthand_classes(name):
    for node in nodes(schemas.schema(name)):
        pattern = node.get("pattern", "")
        if isinstance(pattern, str):
            assert pattern.isascii()
            assert "\\" not in pattern


@each_schema
def test_a_pattern_stands_beside_a_length_where_the_dollar_may_match_before_a_newline(name):
    for node in nodes(schemas.schema(name)):
        if isinstance(node.get("pattern"), str) and name in ("common", "reply"):
            assert "maxLength" in node


@each_schema
def test_the_only_format_is_date_time(name):
    formats = {
        node["format"]
        for node in nodes(schemas.schema(name))
        if isinstance(node.get("format"), str)
    }
    assert formats <= {"date-time"}


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_every_constraint_of_an_event_says_what_is_expected(kind):
    for node in nodes(schemas.schema(kind)):
        if isinstance(node.get("type"), str | list):
            assert node.get("x-expected")


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_both_validators_accept_a_schema_s_own_examples(name, example):
    assert jsonschema_validator(name).is_valid(example)
    assert validator._validator(name).is_valid(example)


@pytest.mark.parametrize("event", PAGE_EVENTS, ids=lambda event: event["type"])
def test_the_example_of_an_event_is_that_of_the_page(event):
    assert schemas.schema(event["type"])["examples"] == [event]


def test_everything_but_the_shared_definitions_has_examples():
    assert set(schemas.NAMES) - set(WITH_EXAMPLES) == {"common"}


def test_an_unknown_name_is_a_key_error():
    with pytest.raises(KeyError):
        schemas.schema("../data/codes")


def test_the_text_is_the_document_as_shipped():
    assert json.loads(schemas.text("reply")) == schemas.schema("reply")


class TestReplySchema:
    @pytest.mark.parametrize(
        "reply",
        [
            {},
            {"event_id": "7c1784a1-d96b-4ec6-b515-8dc4a5433cbe"},
            {"event_id": "evt-7C1784A1-D96B-4EC6-B515-8DC4A5433CBE"},
            {"event_id": "evt-7c1784a1-d96b-1ec6-b515-8dc4a5433cbe"},
            {"event_id": "evt-7c1784a1-d96b-4ec6-c515-8dc4a5433cbe"},
            {"event_id": "evt-7c1784a1-d96b-4ec6-b515-8dc4a5433cbe\n"},
            {"event_id": "evt-7c1784a1-d96b-4ec6-b515-8dc4a5433cbe", "findings": []},
        ],
    )
    def test_other_replies_are_refused_by_both_validators(self, reply):
        assert not jsonschema_validator("reply").is_valid(reply)
        assert not validator._validator("reply").is_valid(reply)


class TestScenarioSchema:
    @pytest.mark.parametrize(
        "step",
        [
            {"shorthand": "P{d:1}"},
            {"body": None},
            {"raw": "{", "headers": {"Hakuna-Version": None}, "key": "other"},
            {"shorthand": "X", "expect": {"status": 400, "findings": [], "advice": []}},
            {"shorthand": "X", "expect": {"error_code": None}},
        ],
    )
    def test_these_steps_are_scenarios(self, step):
        assert jsonschema_validator("scenario").is_valid({"name": "a-name", "steps": [step]})

    @pytest.mark.parametrize(
        "scenario",
        [
            {"name": "a-name", "steps": []},
            {"name": "A name", "steps": [{"shorthand": "X"}]},
            {"name": "a-name\n", "steps": [{"shorthand": "X"}]},
            {"name": "a-name", "steps": [{}]},
            {"name": "a-name", "steps": [{"shorthand": "X", "raw": "{"}]},
            {"name": "a-name", "steps": [{"shorthand": "X", "expect": {"finding": []}}]},
            {"name": "a-name", "steps": [{"shorthand": "X"}], "expects": {}},
        ],
    )
    def test_these_are_not(self, scenario):
        rust = validator._validator("scenario").is_valid(scenario)
        assert (jsonschema_validator("scenario").is_valid(scenario), rust) == (False, False)
