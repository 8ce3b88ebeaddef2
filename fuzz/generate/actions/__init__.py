"""Everything that the fuzzer does to a server, in families: what a shop does well and badly.

A move looks at the conversation and the dice and makes a step, or None where it is not possible.
"""

from itertools import accumulate

from fuzz.dice import Dice, one_of
from fuzz.moves import bodies, control, doors, life, mistakes, retries, stories
from fuzz.shop import Shop
from fuzz.talk import Move, Step, Talk

FAMILIES: dict[str, tuple[tuple[Move, int], ...]] = {
    "life": life.MOVES,
    "mistakes": mistakes.MOVES,
    "stories": stories.MOVES,
    "retries": retries.MOVES,
    "doors": doors.MOVES,
    "bodies": bodies.MOVES,
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
    for chosen in (life.place, mistakes.any_units):
        step = chosen(talk, shop, dice)
        if step is not None:
            return step
    return doors.headers(talk, shop, dice)


def good_step(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """A step of a shop that does everything right; None where nothing is left to do."""
    first = dice.pick(len(life.MOVES))
    for place in range(len(life.MOVES)):
        move, _ = life.MOVES[(first + place) % len(life.MOVES)]
        step = move(talk, shop, dice)
        if step is not None:
            return step
    return None
