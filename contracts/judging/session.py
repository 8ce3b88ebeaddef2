"""A session: requests judged in one world, one after the other, each verdict applied.

`check`, scenarios, dry runs and tests judge this way; a store does the same with a log.
"""

from collections.abc import Iterable, Iterator
from itertools import count

from contracts.http.request import Request
from contracts.judging.judge import judge
from contracts.judging.verdict import Verdict
from contracts.values import replace
from contracts.worlds.apply import apply, evictions
from contracts.worlds.effects import Effect
from contracts.worlds.world import World


class Session:
    """Judges in its world and applies what the verdicts say.

    Sessions whose findings are listed together share their `positions`.
    """

    def __init__(self, world: World | None = None, positions: Iterator[int] | None = None) -> None:
        self.world = world if world is not None else World()
        self._positions = positions or count(1)
        self._requests = 0

    def judge(self, request: Request) -> Verdict:
        """The verdict on a request, applied."""
        self._requests += 1
        if not request.seq:
            request = replace(request, seq=self._requests)
        verdict = judge(request, self.world, self.world.policy)
        self.apply(verdict.effects)
        return verdict

    def apply(self, effects: Iterable[Effect]) -> None:
        """Carry out effects, and evict what is beyond the world's bounds."""
        effects = tuple(effects)
        for item in effects:
            self._apply(item)
        for item in evictions(self.world, effects):
            self._apply(item)

    def _apply(self, effect: Effect) -> None:
        apply(self.world, effect, next(self._positions))
