"""When two bodies are the same event."""

import copy
import json

import pytest
from conversations import stories
from hypothesis import given
from hypothesis import strategies as st
from mutants import PAGE_EVENTS

from contracts.event_kinds import ITEM_LISTS
from contracts.json_text.fingerprint import fingerprint
from contracts.json_text.parser import parse
from contracts.shorthand import bodies


def same(first, second) -> bool:
    """Whether two bodies are the same event when they arrive."""
    return fingerprint(arrived(first)) == fingerprint(arrived(second))


def arrived(body):
    return parse(json.dumps(body).encode()).value


def upside_down(value):
    """The same JSON with the keys of every object in the opposite order."""
    if isinstance(value, dict):
        return {key: upside_down(value[key]) for key in reversed(value)}
    return [upside_down(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("event", PAGE_EVENTS, ids=lambda event: event["type"])
def test_the_order_of_keys_is_irrelevant(event):
    assert same(event, upside_down(event))


def test_the_order_of_entries_is_irrelevant():
    assert same(bodies("P{d:1} F{d:1,a:2}")[1], bodies("P{d:1} F{a:2,d:1}")[1])


def test_the_order_of_the_lines_of_a_placement_is_irrelevant():
    assert same(*bodies("P{d:1,a:2}@0 P{a:2,d:1}@0"))


def test_how_often_an_entry_stands_there_is_relevant():
    assert not same(*bodies("F{d:1}@0 F{d:1,d:1}@0"))


def test_1_0_is_1_wherever_it_stands():
    assert same({"payload": {"a": [1.0, {"b": 2.0}]}}, {"payload": {"a": [1, {"b": 2}]}})


@pytest.mark.parametrize(
    ("item", "other"), [(1, True), (0, False), (1, "1"), (None, "null"), (1.5, 1), ({}, [])]
)
def test_values_of_different_types_differ(item, other):
    assert not same({"a": item}, {"a": other})


def test_an_absent_field_is_not_null():
    assert not same({"a": None}, {})


def test_other_lists_keep_their_order():
    assert not same({"payload": {"tags": [1, 2]}}, {"payload": {"tags": [2, 1]}})


def test_texts_are_compared_byte_for_byte():
    assert not same({"order_id": "ord-1"}, {"order_id": "ORD-1"})
    assert not same({"order_id": "\u00e9"}, {"order_id": "e\u0301"})


@pytest.mark.parametrize(
    "value", [None, [], "text", 5, {"payload": []}, {"payload": {"line_items": 5}}]
)
def test_any_json_value_has_a_fingerprint(value):
    assert len(fingerprint(value)) == 32


def test_the_item_lists_are_those_of_the_events():
    lists = {name for event in PAGE_EVENTS for name in event["payload"] if name.endswith("_items")}
    assert lists == ITEM_LISTS


@given(stories(max_events=4))
def test_events_of_one_story_all_differ(story):
    events = story.bodies
    assert len({fingerprint(event) for event in events}) == len(events)


@given(stories(max_events=3), st.randoms(use_true_random=False))
def test_shuffled_entries_and_float_quantities_make_no_other_event(story, random):
    for event in story.bodies:
        disguised = copy.deepcopy(event)
        for name in ITEM_LISTS & disguised["payload"].keys():
            random.shuffle(disguised["payload"][name])
            for entry in disguised["payload"][name]:
                if entry.get("quantity") is not None:
                    entry["quantity"] = float(entry["quantity"])
        assert same(event, upside_down(disguised))


@given(stories(max_events=3))
def test_taking_a_fingerprint_leaves_the_body_alone(story):
    events = story.bodies
    for event in events:
        fingerprint(event)
    assert events == story.bodies
