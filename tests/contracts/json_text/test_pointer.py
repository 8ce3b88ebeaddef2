"""JSON pointers (RFC 6901), and the guess what a misspelt name means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.json_text.pointer import at, child, join, split

RFC_6901 = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8, "~1": 9, " ": 7}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", RFC_6901),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/m~0n", 8),
        ("/~01", 9),
        ("/ ", 7),
    ],
)
def test_the_examples_of_the_rfc(pointer, value):
    assert at(RFC_6901, pointer) == value


@pytest.mark.parametrize("pointer", ["/bar", "/foo/2", "/foo/x", "/a~1b/0"])
def test_where_there_is_nothing_an_error_says_so(pointer):
    with pytest.raises((KeyError, IndexError, ValueError, TypeError)):
        at(RFC_6901, pointer)


@given(st.lists(st.text() | st.integers(0, 99)))
def test_a_pointer_keeps_its_steps(steps):
    assert split(join(steps)) == [str(step) for step in steps]


@given(st.text(), st.text())
def test_a_child_is_one_step_further(parent, step):
    assert split(child(join([parent]), step)) == [parent, step]
