"""Everything that the fuzzer does to a server, in families: what a shop does well and badly.

A move looks at the conversation and the dice and makes a step, or None where it is not possible.
"""

from itertools import accumulate

from fuzz.generate.actions import (
    control,
    happy_path,
    malformed_bodies,
    retries,
    routing,
    rule_breaking,
    sequences,
)
from fuzz.generate.choices import Dice, one_of
from fuzz.generate.client_simulator import Shop
from fuzz.generate.context import Move, Step, Talk

FAMILIES: dict[str, tuple[tuple[Move, int], ...]] = {
    "life": happy_path.MOVES,
    "mistakes": rule_breaking.MOVES,
    "stories": sequences.MOVES,
    "retries": retries.MOVES,
    "doors": routing.MOVES,
    "bodies": malformed_bodies.MOVES,
    "control": control.MOVES,
}

_MOVES = tuple(move for family in FAMILIES.values() for move, _ in family)
_SUMS = tuple(accumulate(weight for family in FAMILIES.values() for _, weight in family))


CHOICES = 3
"""So many moves are tried before a plain one is made."""


def next_step(talk: Talk, dice: Dice) -> Step:
    """Some move of some shop; a placement where the first choices are not possible."""
    if talk.later:
        return talk.later.pop(0)
    shop = one_of(dice, talk.shops)
    for _ in range(CHOICES):
        wanted = talk.dealt(dice, "move").pick(_SUMS[-1])
        move = next(move for move, most in zip(_MOVES, _SUMS, strict=True) if wanted < most)
        step = move(talk, shop, dice)
        if step is not None:
            return step
    for chosen in (happy_path.place, rule_breaking.any_units):
        step = chosen(talk, shop, dice)
        if step is not None:
            return step
    return routing.headers(talk, shop, dice)


def good_step(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """A step of a shop that does everything right; None where nothing is left to do."""
    first = dice.pick(len(happy_path.MOVES))
    for place in range(len(happy_path.MOVES)):
        move, _ = happy_path.MOVES[(first + place) % len(happy_path.MOVES)]
        step = move(talk, shop, dice)
        if step is not None:
            return step
    return None
