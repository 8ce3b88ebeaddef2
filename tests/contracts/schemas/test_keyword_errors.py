"""What breaks a schema: all of it, as another implementation sees it, piece by piece."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutants import EVENTS, mutants
from other_validator import jsonschema_validator

from contracts import schemas
from contracts.event_kinds import EVENT_TYPES
from contracts.schemas.keyword_errors import keyword_errors
from contracts.schemas.validator import schema_name_for

Found = set[tuple[tuple[str | int, ...], str]]
SCENARIO = schemas.schema("scenario")["examples"][0]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def ours(name: str, document: Any) -> Found:
    return {(item.path, item.keyword) for item in keyword_errors(name, document)}


def theirs(name: str, document: Any) -> Found:
    errors = jsonschema_validator(name).iter_errors(document)
    return {(tuple(error.absolute_path), error.validator) for error in errors}


def places(document: Any) -> list[tuple[str | int, ...]]:
    """The paths of all values in a document."""
    inner = document.items() if isinstance(document, dict) else ()
    inner = enumerate(document) if isinstance(document, list) else inner
    return [(), *((step, *path) for step, value in inner for path in places(value))]


def replaced(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(document)
    parent = changed
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = value
    return changed


@given(mutants())
def test_another_implementation_sees_the_same_in_events(document):
    name = schema_name_for(document)
    assert ours(name, document) == theirs(name, document)


@pytest.mark.parametrize("kind", EVENT_TYPES)
@given(st.data())
def test_any_value_may_stand_anywhere_in_an_event(kind, data):
    event = next(item for item in EVENTS if item["type"] == kind)
    path = data.draw(st.sampled_from(places(event)))
    document = replaced(event, path, data.draw(VALUES))
    assert ours(kind, document) == theirs(kind, document)


@given(st.data())
def test_any_value_may_stand_anywhere_in_a_scenario(data):
    path = data.draw(st.sampled_from(places(SCENARIO)))
    document = replaced(SCENARIO, path, data.draw(VALUES))
    assert ours("scenario", document) == theirs("scenario", document)


def test_of_a_name_that_may_not_be_one_the_name_is_the_value():
    step = {"shorthand": "X", "headers": {"X A": "a"}}
    (found,) = keyword_errors("scenario", {"name": "a", "steps": [step]})
    assert (found.path, found.value) == (("steps", 0, "headers"), "X A")


def test_an_error_has_the_value_as_it_was_sent_and_what_the_schema_says_of_it():
    event = copy.deepcopy(EVENTS[0])
    event["payload"]["line_items"][0]["quantity"] = ["a", "list"]
    (found,) = keyword_errors("order_placed", event)
    assert found.path == ("payload", "line_items", 0, "quantity")
    assert found.value is event["payload"]["line_items"][0]["quantity"]
    assert found.node["x-expected"] == "a whole number of at least 1"


def test_fields_that_are_missing_in_one_object_are_one_error():
    event = copy.deepcopy(EVENTS[0])
    event["payload"]["customer"] = {}
    assert [item.keyword for item in keyword_errors("order_placed", event)] == ["required"]


def test_the_entries_of_a_list_are_looked_at_one_by_one():
    """The first of ten thousand wrong entries costs what the only one costs."""
    event = json.loads(json.dumps(EVENTS[0]))
    seen = []

    class Watched(list):
        def __iter__(self):
            for entry in super().__iter__():
                seen.append(entry)
                yield entry

    event["payload"]["line_items"] = Watched([{}] * 10_000)
    next(keyword_errors("order_placed", event))
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("document", "wrong"),
    [
        ({"name": "\ud800", "steps": []}, "\ud800"),
        ({"name": "a", "steps": [{"shorthand": "X", "headers": {"\ud800": 5}}]}, "\ud800"),
        ({"name": "a", "steps": [{"shorthand": "X", "headers": {"A\ud800": "a"}}]}, "A\ud800"),
        ({"name": "a", "steps": [{"shorthand": "X", "expect": "\udfff"}]}, "\udfff"),
    ],
)
def test_lone_surrogates_are_found_and_shown_as_they_are(document, wrong):
    """Python reads them from JSON, and no UTF-8 can write them."""
    assert wrong in [item.value for item in keyword_errors("scenario", document)]
