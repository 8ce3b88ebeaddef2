import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.json_text.pointer import child
from contracts.json_text.positions import locate

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)


def places(value, pointer=""):
    yield pointer, value
    members = value.items() if isinstance(value, dict) else ()
    members = enumerate(value) if isinstance(value, list) else members
    for step, inner in members:
        yield from places(inner, child(pointer, step))


@given(value=VALUES, indent=st.sampled_from([None, 1, 4]), ascii_only=st.booleans())
def test_every_value_of_any_document_is_found_where_it_stands(value, indent, ascii_only):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    lines = text.split("\n")
    for pointer, expected in places(value):
        position = locate(text, pointer)
        rest = "\n".join([lines[position.line - 1][position.column - 1 :], *lines[position.line :]])
        found, _ = json.JSONDecoder().raw_decode(rest)
        assert found == expected


@pytest.mark.parametrize(
    "pointer", ["/missing", "/a/missing", "/a/0", "/list/9", "/list/x", "/list/0/deeper"]
)
def test_a_missing_value_is_found_at_the_nearest_one_around_it(pointer):
    text = '{"a": {"b": 1}, "list": [1]}'
    assert locate(text, pointer).line == 1


def test_of_a_repeated_key_the_last_is_meant():
    assert locate('{"a": 1, "a": 2}', "/a").column == 15


@pytest.mark.parametrize("text", ["", "   ", "nonsense", "{", "[1,"])
def test_text_that_is_no_json_has_its_start(text):
    assert locate(text, "/a").line == 1


def test_a_text_is_read_once_however_many_places_are_asked_for(monkeypatch):
    class Counting(json.JSONDecoder):
        characters = 0

        def raw_decode(self, s, idx=0):
            value, end = super().raw_decode(s, idx)
            Counting.characters += end - idx
            return value, end

    monkeypatch.setattr("contracts.json_text.positions._DECODER", Counting())
    text = json.dumps([{"type": "order_placed", "payload": {"place": n}} for n in range(500)])
    for number in range(500):
        locate(text, f"/{number}/payload/place")
    assert Counting.characters <= 5 * len(text), "once for each level of nesting"
