"""Choices: repeatable where they are rolled, complete where they are dealt."""

from hypothesis import given
from hypothesis import strategies as st

from fuzz.generate.choices import Dealt, Deck, Rolled, dealt, one_of


@given(st.integers(0, 100), st.integers(1, 30), st.integers(1, 5))
def test_a_deck_deals_each_choice_once_before_any_comes_again(seed, count, rounds):
    deck = Deck(seed)
    for _ in range(rounds):
        assert sorted(deck.deal("a", count) for _ in range(count)) == list(range(count))


def test_a_deck_deals_the_same_for_the_same_seed():
    first, second = (
        [deck.deal(name, 9) for name in "abab" for _ in range(20)] for deck in (Deck(7), Deck(7))
    )
    assert first == second


def test_the_choices_of_a_move_are_dealt_apart():
    deck = Deck(1)
    pairs = [[dice.pick(3), dice.pick(3)] for dice in (Dealt(deck, "move") for _ in range(9))]
    for place in (0, 1):
        assert sorted(pair[place] for pair in pairs) == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_without_a_deck_the_dice_decide():
    assert one_of(dealt(None, Rolled(3), "a"), range(99)) == one_of(Rolled(3), range(99))
