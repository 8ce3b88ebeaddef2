"""Choices: seeded ones are repeatable, shuffled ones complete."""

from hypothesis import given
from hypothesis import strategies as st

from fuzz.generate.choices import SeededChoices, ShuffledChoices, Shuffler, one_of, shuffled


@given(st.integers(0, 100), st.integers(1, 30), st.integers(1, 5))
def test_a_shuffler_gives_each_number_once_before_any_comes_again(seed, count, rounds):
    shuffler = Shuffler(seed)
    for _ in range(rounds):
        assert sorted(shuffler.next("a", count) for _ in range(count)) == list(range(count))


def test_the_same_seed_gives_the_same_sequences():
    first, second = (
        [shuffler.next(name, 9) for name in "abab" for _ in range(20)]
        for shuffler in (Shuffler(7), Shuffler(7))
    )
    assert first == second


def test_each_choice_of_an_action_has_its_own_sequence():
    shuffler = Shuffler(1)
    pairs = [
        [choices.pick(3), choices.pick(3)]
        for choices in (ShuffledChoices(shuffler, "action") for _ in range(9))
    ]
    for place in (0, 1):
        assert sorted(pair[place] for pair in pairs) == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_without_a_shuffler_the_choices_decide():
    assert one_of(shuffled(None, SeededChoices(3), "a"), range(99)) == one_of(
        SeededChoices(3), range(99)
    )
