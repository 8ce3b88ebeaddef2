"""The stream gives what a whole reading gives, however the text is cut into pieces."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hakuna_mock.inputs.json_stream import JsonStream, JsonStreamError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(1.5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


def pieces(text: str, size: int):
    return iter([text[start : start + size] for start in range(0, len(text), size)])


@given(
    values=st.lists(VALUES, max_size=5),
    indent=st.sampled_from([None, 0, 2]),
    size=st.integers(1, 20),
    before=st.sampled_from(["", "  ", "\n\n "]),
)
def test_elements_have_the_value_text_and_place_that_they_have_in_the_file(
    values, indent, size, before
):
    text = before + json.dumps(values, indent=indent)
    found = list(JsonStream(pieces(text, size)).elements())
    assert [item.value for item in found] == values
    lines = text.split("\n")
    for item in found:
        assert json.loads(item.text) == item.value
        assert lines[item.line - 1][item.column - 1 :].startswith(item.text.split("\n")[0])
        if indent:
            assert item.column == 1  # a frame shows the indentation


@given(size=st.integers(1, 9))
def test_members_are_read_one_by_one(size):
    stream = JsonStream(pieces('{"a": [1, 2], "log": {"entries": []} , "z": "x"}', size))
    assert not stream.begins_with("log")
    assert {name: stream.value().value for name in stream.members()} == {
        "a": [1, 2],
        "log": {"entries": []},
        "z": "x",
    }
    assert stream.peek() == ""


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("[1,\n 2,\n x]", 3, "expecting value (column 2)"),
        ("[1, 2", 1, "']' is missing (column 6)"),
        ("[1\n2]", 2, "'2' is where ']' belongs (column 1)"),
        ("[NaN]", 1, "NaN is not a JSON number"),
        ("[" + "9" * 5000 + "]", 1, "an integer of 5000 digits"),
        ("[" * 100_000, 1, "nested too deeply"),
    ],
)
def test_what_is_not_json_says_where_and_why(text, line, why):
    with pytest.raises(JsonStreamError) as broken:
        list(JsonStream(iter([text])).elements())
    assert (broken.value.line, why in str(broken.value)) == (line, True)
