"""The table of event types agrees with the schemas, the page's examples and the shorthand."""

import pytest
from mutants import PAGE_EVENTS

from contracts import schemas
from contracts.event_kinds import EVENT_KINDS, ITEM_LISTS, KIND_OF_LETTER, TIME_FIELDS
from contracts.orders.events import build_event, kind_of
from contracts.rules.families.timestamps import times_of
from contracts.schemas import resolved
from contracts.shorthand import bodies, show

KINDS = list(EVENT_KINDS.values())


def fields(node):
    """The fields of an object schema, and those that it requires."""
    node = resolved(node)
    return node["properties"], set(node.get("required", ()))


def payload_of(kind):
    return fields(fields(schemas.schema(kind.type))[0]["payload"])


def item_of(kind):
    return fields(resolved(payload_of(kind)[0][kind.items])["items"])


def test_the_types_are_those_of_the_page_in_its_order():
    assert list(EVENT_KINDS) == [event["type"] for event in PAGE_EVENTS]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_the_schema_has_the_fields_of_the_table_and_no_other_list(kind):
    payload, required = payload_of(kind)
    assert required & ITEM_LISTS == {kind.items} - {None}
    assert payload.keys() & ITEM_LISTS == {kind.items} - {None}
    holder = item_of(kind)[0] if kind.timed_items else payload
    assert holder.keys() & set(TIME_FIELDS) == set(kind.times)
    assert (kind.time in payload) != kind.timed_items


@pytest.mark.parametrize("event", PAGE_EVENTS, ids=lambda event: event["type"])
def test_an_event_is_built_from_the_fields_of_the_table(event):
    kind = EVENT_KINDS[event["type"]]
    built = build_event(event)
    assert kind_of(built) is kind
    times = times_of(built)
    assert len(times) == (len(kind.entries(event["payload"])) if kind.timed_items else 1)
    assert all(pointer.rsplit("/", 1)[1] in kind.times for pointer, _ in times)


def test_letters_are_unique_and_the_shorthand_knows_them_all():
    assert len(KIND_OF_LETTER) == len(EVENT_KINDS)
    text = " ".join(
        kind.letter if kind.items is None else f"{kind.letter}{{d:1}}" for kind in KINDS
    )
    events = bodies(text)
    assert [event["type"] for event in events] == list(EVENT_KINDS)
    assert show(events) == text
