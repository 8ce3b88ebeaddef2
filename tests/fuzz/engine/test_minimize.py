"""The smallest part that still fails, in few tries."""

from hypothesis import given
from hypothesis import strategies as st

from fuzz.engine.minimize import minimize, simplify


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.data())
def test_what_is_needed_is_left_and_nothing_else(things, data):
    """Things are told apart by their place, as events are."""
    marked = list(enumerate(things))
    needed = data.draw(st.sets(st.sampled_from(marked), min_size=1))
    kept = minimize(marked, lambda part: needed <= set(part), max_tries=10_000)
    assert set(kept) == needed
    assert kept == [item for item in marked if item in needed]


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_of_the_result_nothing_can_be_left_out(things):
    def fails(part):
        return sum(part) * 2 > len(things) // 2

    if fails(things):
        kept = minimize(things, fails, max_tries=10_000)
        assert fails(kept)
        assert not any(fails(kept[:place] + kept[place + 1 :]) for place in range(len(kept)))


def test_two_of_four_hundred_cost_dozens_of_tries():
    tries = 0

    def fails(part):
        nonlocal tries
        tries += 1
        return {17, 333} <= set(part)

    assert minimize(range(400), fails) == [17, 333]
    assert tries < 80


def test_the_tries_are_bounded_and_the_best_so_far_counts():
    tries = 0

    def fails(part):
        nonlocal tries
        tries += 1
        return set(range(0, 100, 2)) <= set(part)

    kept = minimize(range(100), fails, max_tries=20)
    assert tries == 20
    assert set(range(0, 100, 2)) <= set(kept)


def test_an_empty_part_is_never_asked_for():
    assert minimize([1], lambda _part: True) == [1]


def test_one_thing_becomes_simpler_while_it_fails():
    smaller = simplify(100, lambda n: [n // 2, n - 1], lambda n: n >= 13)
    assert smaller == 13
