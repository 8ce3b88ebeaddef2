"""JSON pointers (RFC 6901), and the guess what a misspelt name means."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.pointer import at, child, join, nearest, split

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


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("product_refrence", "product_reference"),
        ("productReference", "product_reference"),
        ("Product_Reference", "product_reference"),
        ("quantitty", "quantity"),
        ("colour", None),
        ("", None),
        ("x" * 100_000, None),
    ],
)
def test_a_misspelt_name_means_the_nearest_known_one_if_it_is_near(word, meant):
    assert nearest(word, ["quantity", "product_reference", "price_amount"]) == meant


def test_among_thousands_of_names_the_search_ends_soon():
    start = time.process_time()
    nearest("line-item-4711", (f"line-item-{number}" for number in range(100_000)))
    assert time.process_time() - start < 1
