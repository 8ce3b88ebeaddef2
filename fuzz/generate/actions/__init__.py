"""Everything that the fuzzer does to a server, in families.

An action looks at the context and makes a step; None if it is not possible now.
"""

from bisect import bisect_right
from itertools import accumulate

from fuzz.generate.actions import (
    control,
    happy_path,
    malformed_bodies,
    near_misses,
    odd_placements,
    odd_times,
    parallel,
    retries,
    routing,
    rule_breaking,
    sequences,
    two_mistakes,
)
from fuzz.generate.choices import Choices, one_of
from fuzz.generate.client_simulator import ClientSimulator
from fuzz.generate.context import Action, Context, Step

FAMILIES: dict[str, tuple[tuple[Action, int], ...]] = {
    "happy path": happy_path.ACTIONS,
    "rule-breaking": (*rule_breaking.ACTIONS, *odd_times.ACTIONS, *odd_placements.ACTIONS),
    "sequences": sequences.ACTIONS,
    "retries": retries.ACTIONS,
    "routing and credentials": routing.ACTIONS,
    "malformed bodies": malformed_bodies.ACTIONS,
    "near misses": near_misses.ACTIONS,
    "two mistakes": two_mistakes.ACTIONS,
    "control": (*control.ACTIONS, *parallel.ACTIONS),
}
"""The actions of each family with their weights."""

_ACTIONS = tuple(action for family in FAMILIES.values() for action, _ in family)
_SUMS = tuple(accumulate(weight for family in FAMILIES.values() for _, weight in family))

ATTEMPTS = 3
"""How many actions are tried before a plain one is taken."""


def next_step(context: Context, choices: Choices) -> Step:
    """Some action of some client; a plain one if the chosen ones are not possible."""
    if context.follow_ups:
        return context.follow_ups.pop(0)
    client = one_of(choices, context.clients)
    for _ in range(ATTEMPTS):
        number = context.shuffled(choices, "action").pick(_SUMS[-1])
        step = _ACTIONS[bisect_right(_SUMS, number)](context, client, choices)
        if step is not None:
            return step
    for action in (happy_path.place, rule_breaking.any_units):
        step = action(context, client, choices)
        if step is not None:
            return step
    return routing.headers(context, client, choices)


def good_step(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """A step of a client that breaks no rule; None if nothing is left to do."""
    first = choices.pick(len(happy_path.ACTIONS))
    for place in range(len(happy_path.ACTIONS)):
        action, _ = happy_path.ACTIONS[(first + place) % len(happy_path.ACTIONS)]
        step = action(context, client, choices)
        if step is not None:
            return step
    return None
