"""Shipments that happened before the end of their units, and arrived after it."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.orders.late_shipments import MAX_ENDINGS, Ending, overtaken, remember

ENDINGS = st.lists(
    st.builds(Ending, st.just("evt"), st.integers(0, 9), st.integers(1, 5)), max_size=20
)


def remembered(endings: list[Ending]) -> tuple[Ending, ...]:
    known: tuple[Ending, ...] = ()
    for ending in endings:
        known = remember(known, ending)
    return known


def later_than(endings, at: int) -> int:
    return sum(ending.units for ending in endings if ending.at > at)


@given(ENDINGS)
def test_the_memory_is_bounded_sorted_and_loses_no_unit(endings):
    known = remembered(endings)
    assert len(known) == min(len(endings), MAX_ENDINGS)
    assert [item.at for item in known] == sorted(item.at for item in known)
    assert later_than(known, -1) == later_than(endings, -1)


@given(ENDINGS, st.integers(0, 9))
def test_the_bound_never_excuses_a_shipment_that_the_whole_history_would_not(endings, at):
    assert later_than(remembered(endings), at) <= later_than(endings, at)


@given(ENDINGS, st.integers(0, 9), st.integers(1, 9))
def test_an_excess_is_explained_wholly_by_later_endings_or_not_at_all(endings, at, excess):
    known = remembered(endings)
    explaining, left = overtaken(known, excess, at)
    assert all(item.at > at for item in explaining)
    if later_than(known, at) >= excess:
        assert sum(item.units for item in explaining) == excess
        assert later_than(left, -1) == later_than(known, -1) - excess
    else:
        assert (explaining, left) == ((), known)


def test_the_earliest_that_explain_it_are_used_first():
    known = (Ending("evt-1", 2, 1), Ending("evt-2", 5, 1), Ending("evt-3", 7, 2))
    explaining, left = overtaken(known, 2, 3)
    assert [(item.event_id, item.units) for item in explaining] == [("evt-2", 1), ("evt-3", 1)]
    assert [(item.event_id, item.units) for item in left] == [("evt-1", 1), ("evt-3", 1)]


def test_an_ending_at_the_time_of_the_shipment_explains_nothing():
    assert overtaken((Ending("evt-1", 3, 1),), 1, 3)[0] == ()


def test_no_excess_uses_nothing_up():
    known = (Ending("evt-1", 9, 1),)
    assert overtaken(known, 0, 3) == ((), known)
