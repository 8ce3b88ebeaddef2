"""A fuzzing run: conversations until a limit is reached, failures confirmed and shrunk."""

import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from fuzz.checks.conversation import Conversation, Failure
from fuzz.client.http_client import TargetError
from fuzz.client.target_session import Line
from fuzz.engine.minimize import minimize, simplify
from fuzz.engine.plan import BATCH, LONG, STEPS, Plan, run_batch
from fuzz.engine.simplify import changed_at, made_plain, one_by_one, renamed, singly
from fuzz.generate.actions import next_step
from fuzz.generate.choices import Deck, Rolled
from fuzz.generate.client_simulator import Shop
from fuzz.generate.context import AT_ONCE, Step, Talk
from fuzz.model.oracle import Model

NEVER = 1_000_000

LONG_EVERY = 9
"""One conversation in so many is a long one."""

ORDERS = (6, 6, 6, 2, 1)
"""How many orders a shop has in a conversation at most."""

STRIDE = 1_000
"""More than there are steps in a plan."""

SHRINK_SECONDS = 20.0
"""For one failure at most: a slow server would take long to shrink."""

CHANCES = 3
"""So often steps with requests at one moment are repeated until they fail."""

MOST_SLIPS = 3
"""So often a failure at one moment may turn out to be another one before it counts as known."""

MOST_FAILURES = 12
"""After so many different failures a run ends: a server that is wrong everywhere says so soon."""


@dataclass(frozen=True)
class Limits:
    """When a run ends: at the first limit that is given. `seconds` counts from its start.

    `steps` are those of the longest conversations, most have `fuzz.plan.STEPS`; `failures` is how
    many different failures are enough.
    """

    examples: int | None = None
    seconds: float | None = None
    steps: int = LONG
    failures: int = MOST_FAILURES


@dataclass
class Counterexample:
    """A failure with the steps that suffice. `confirmed` says that it came again when repeated.

    `tag` is the one that the steps carry, `recorded` how many requests there were at first.
    """

    failure: Failure
    steps: tuple[Step, ...]
    tag: str
    keys: tuple[str, ...]
    recorded: int
    confirmed: bool = True


@dataclass
class Progress:
    """How far a run is, for whoever watches. `fired` counts rules that had to fire, by status."""

    examples: int = 0
    requests: int = 0
    seconds: float = 0.0
    fired: Counter[tuple[str, int]] = field(default_factory=Counter)
    failures: int = 0


@dataclass
class Outcome:
    """What a run found. `stopped` says why it ended; a replay has no seed."""

    seed: int | None
    progress: Progress
    counterexamples: list[Counterexample] = field(default_factory=list)
    stopped: str = ""
    broke: str | None = None
    first_failure_requests: int | None = None
    first_failure_seconds: float | None = None


class Campaign:
    """One run against one target; `watch` is told after each example."""

    def __init__(
        self,
        line: Line,
        seed: int,
        limits: Limits,
        watch: Callable[[Progress], None] = lambda _progress: None,
    ) -> None:
        self._line = line
        self._limits = limits
        self._watch = watch
        # A letter in each tag: names that differ in its case alone are different in every run.
        self._run = f"e{uuid.uuid4().hex[:4]}"
        self._deck = Deck(seed)
        self._given = 0
        self._began = time.monotonic()
        self._ids: set[str] = set()
        self._journal_ids: set[str] = set()
        self._known: set[tuple[str, ...]] = set()
        self._slipped: Counter[tuple[str, ...]] = Counter()
        self.outcome = Outcome(seed, Progress())

    def run(self) -> Outcome:
        """Fuzz until a limit is reached; KeyboardInterrupt leaves what was found in `outcome`."""
        outcome = self.outcome
        batch, seed = 0, outcome.seed or 0
        while not outcome.stopped:
            left = BATCH
            if self._limits.examples is not None:
                left = min(BATCH, self._limits.examples - outcome.progress.examples)
            run_batch(seed * 1_000_003 + batch, STEPS, self._example, left)
            batch += 1
            self._stop_at_limits()
        return outcome

    def _stop_at_limits(self) -> None:
        outcome, limits = self.outcome, self._limits
        if outcome.stopped:
            return
        if len(outcome.counterexamples) >= limits.failures:
            outcome.stopped = f"{len(outcome.counterexamples)} different failures"
        elif limits.examples is not None and outcome.progress.examples >= limits.examples:
            outcome.stopped = f"--max-examples {limits.examples}"
        elif limits.seconds is not None and self._seconds() >= limits.seconds:
            outcome.stopped = f"--time-limit {limits.seconds:g}"

    def _seconds(self) -> float:
        return time.monotonic() - self._began

    def _example(self, plan: Plan) -> None:
        """One conversation; Hypothesis only hands out the plan."""
        self._stop_at_limits()
        if self.outcome.stopped:
            return
        tag, keys = self._fresh()
        talk = _talk(self._line, keys, tag, self._deck)
        long = self.outcome.progress.examples % LONG_EVERY == LONG_EVERY - 1
        count = self._limits.steps if long else min(STEPS, self._limits.steps)
        talk.most_orders = ORDERS[sum(plan) % len(ORDERS)] * (1 + long)
        conversation = self._conversation(talk.model, keys)
        played: list[Step] = []
        failure: Failure | None = None
        for place in range(count):
            # Hypothesis likes some numbers, and the same ones again: their places tell them apart.
            step = next_step(talk, Rolled(plan[place % len(plan)] * STRIDE + place))
            played.append(step)
            failure = conversation.play(step)
            if failure:
                break
        failure = failure or conversation.end()
        progress = self.outcome.progress
        progress.examples += 1
        progress.fired.update(conversation.fired)
        if failure:
            failure.step = len(singly(played[: failure.step + 1])) - 1
            steps = tuple(singly(played))
            self._caught(Counterexample(failure, steps, tag, keys, size(steps)))
        progress.requests, progress.seconds = self._line.requests, self._seconds()
        progress.failures = len(self.outcome.counterexamples)
        self._watch(progress)

    def _conversation(self, model: Model, keys: tuple[str, ...]) -> Conversation:
        return Conversation(self._line, model, keys, self._ids, self._journal_ids)

    def _fresh(self) -> tuple[str, tuple[str, ...]]:
        """A tag that was never used, and API keys with it where the target takes any."""
        self._given += 1
        tag = f"{self._run}{self._given:05x}"
        return tag, self._line.keys(tag, self._given)

    def _caught(self, first: Counterexample) -> None:
        """Classify on first sight, repeat once, shrink, keep."""
        kind = first.failure.kind
        if kind in self._known:
            return
        outcome = self.outcome
        if outcome.first_failure_requests is None:
            outcome.first_failure_requests = self._line.requests
            outcome.first_failure_seconds = self._seconds()
        again = self._replayed(first, first.steps)
        first.confirmed = again is not None and again.kind[0] == kind[0]
        odd = first.failure.problem.check in ("serial-order", "dry-run")
        plainly = self._one_by_one(first) if odd or not first.confirmed else first
        if not plainly.confirmed:
            self._known.add(kind)
            outcome.counterexamples.append(first)
            self._give_up_if_gone()
            return
        self._slipped[kind] += 1
        if plainly is first or self._slipped[kind] >= MOST_SLIPS:
            self._known.add(kind)
        if plainly.failure.kind in self._known - {kind}:
            return
        smallest = self._smallest(plainly)
        if smallest.failure.kind not in {one.failure.kind for one in outcome.counterexamples}:
            outcome.counterexamples.append(smallest)
        self._known.add(smallest.failure.kind)
        self._give_up_if_gone()

    def _give_up_if_gone(self) -> None:
        try:
            self._line.control.call("GET", "/health", self._fresh()[1][0])
        except TargetError as error:
            self.outcome.stopped = "the target is gone"
            self.outcome.broke = str(error)

    def _one_by_one(self, found: Counterexample) -> Counterexample:
        """The same without requests at one moment and dry runs, where those are not what fails."""
        steps = one_by_one(found.steps)
        failure = self._replayed(found, steps) if steps != list(found.steps) else None
        if failure is None or not _is_of_reply(failure):
            return found
        return replace(found, failure=failure, steps=tuple(steps), confirmed=True)

    def _smallest(self, found: Counterexample) -> Counterexample:
        kind = found.failure.kind
        until = time.monotonic() + SHRINK_SECONDS

        def fails(steps: Sequence[Step]) -> bool:
            if time.monotonic() > until:
                return False
            failure = self._replayed(found, steps)
            if failure is None or failure.kind[0] != kind[0]:
                return False
            # What is read back holds the traces of all steps, and gets smaller with them.
            return failure.kind == kind or not _is_of_reply(failure)

        steps = minimize(found.steps[: found.failure.step + 1], fails)
        for place in range(len(steps)):

            def ways(now: list[Step], place: int = place) -> list[list[Step]]:
                return list(changed_at(now, place))

            steps = simplify(steps, ways, fails)
        steps = made_plain(steps, found.tag, found.keys, fails)
        failure = self._replayed(found, steps)
        if failure is None:  # it comes and goes: the recorded steps are the better evidence
            return found
        return replace(found, failure=failure, steps=tuple(steps))

    def _replayed(self, found: Counterexample, steps: Sequence[Step]) -> Failure | None:
        """What happens when the steps are sent again under a fresh tag and fresh keys."""
        # What happens at one moment is chance, and gets more of them.
        for _ in range(CHANCES if any(step.how == AT_ONCE for step in steps) else 1):
            tag, _given = self._fresh()
            keys = tuple(key.replace(found.tag, tag) for key in found.keys)
            again = [renamed(step, found.tag, tag) for step in steps]
            known = (self._ids, self._journal_ids)
            # Else leaving steps out would move the moments of reading back: another failure.
            every = NEVER if _is_of_reply(found.failure) else 1
            failed = replayed(self._line, again, tag, keys, known, every)
            if failed:
                return failed.failure.renamed(tag, found.tag)
        return None


def replayed(
    line: Line,
    steps: Sequence[Step],
    tag: str,
    keys: tuple[str, ...],
    known: tuple[set[str], set[str]] | None = None,
    look_every: int = 1,
) -> Counterexample | None:
    """Send steps that carry this tag and these keys; the failure with the steps up to it.

    `known` are event and journal ids that may not come again.
    """
    model = Model(now=time.time_ns() + line.now_offset)
    seen = (set(), set()) if known is None else known
    conversation = Conversation(line, model, keys, *seen, look_every=look_every)
    for place, step in enumerate(steps):
        failure = conversation.play(step)
        if failure:
            return Counterexample(failure, tuple(steps[: place + 1]), tag, keys, size(steps))
    failure = conversation.end()
    return Counterexample(failure, tuple(steps), tag, keys, size(steps)) if failure else None


def size(steps: Sequence[Step]) -> int:
    """How many requests the steps are."""
    return sum(step.size for step in steps)


def _is_of_reply(failure: Failure) -> bool:
    """Whether an answer itself was wrong, and not what was read back."""
    check = failure.problem.check
    return check.startswith("reply-") or check in ("serial-order", "no-answer", "dry-run")


def _talk(line: Line, keys: tuple[str, ...], tag: str, deck: Deck) -> Talk:
    model = Model(now=time.time_ns() + line.now_offset)
    shops = tuple(Shop(key, tag, deck=deck) for key in keys)
    # With one key for all there is one world: resets and settings would be everybody's.
    return Talk(shops, model, controllable=line.is_mock and line.only_key is None, deck=deck)
