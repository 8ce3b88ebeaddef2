"""A fuzzing run: conversations until a limit is reached, failures confirmed and shrunk."""

import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import field, replace

from contracts.values import dataclass
from fuzz.checks.conversation import Conversation, Failure
from fuzz.client.http_client import TargetError
from fuzz.client.target_session import OutOfTimeError, TargetSession
from fuzz.engine.minimize import minimize, simplify
from fuzz.engine.plan import BATCH, LONG, STEPS, Plan, run_batch
from fuzz.engine.simplify import changed_at, in_sequence, one_request_per_step, retagged
from fuzz.engine.usual_values import with_usual_values
from fuzz.generate.actions import next_step
from fuzz.generate.choices import SeededChoices, Shuffler
from fuzz.generate.client_simulator import ClientSimulator
from fuzz.generate.context import IN_PARALLEL, Context, Step
from fuzz.model.oracle import Model

NEVER = 1_000_000

LONG_EVERY = 9
"""One conversation in so many is a long one."""

MAX_ORDERS = (6, 6, 6, 2, 1)
"""How many orders a client may have in a conversation; the numbers take turns."""

STRIDE = 1_000
"""More than a plan has steps."""

SHRINK_SECONDS = 20.0
"""The most time for one failure: shrinking against a slow server would take long."""

GRACE_SECONDS = 1.0
"""What a run may take beyond its time limit, to read back and to shrink."""

PARALLEL_ATTEMPTS = 3
"""How often steps with parallel requests are repeated until they fail: their order is chance."""

MAX_DETOURS = 3
"""How often a failure of parallel requests may turn out to be another one before it is skipped."""

MAX_FAILURES = 12
"""After so many different failures a run ends: a server that is wrong everywhere has shown it."""


@dataclass(frozen=True)
class Limits:
    """When a run ends: at the first limit that is given.

    `seconds` counts from its start and holds for shrinking, too. `steps` are those of the longest
    conversations; most have `fuzz.engine.plan.STEPS`. `failures` is how many different failures
    are enough.
    """

    examples: int | None = None
    seconds: float | None = None
    steps: int = LONG
    failures: int = MAX_FAILURES


@dataclass
class Counterexample:
    """A failure with the steps that suffice. `confirmed`: it came again when they were repeated.

    The names in the steps carry `tag`; `recorded` is how many requests there were at first.
    `cut_short`: time was up before they were repeated, or before none could be left out.
    """

    failure: Failure
    steps: tuple[Step, ...]
    tag: str
    keys: tuple[str, ...]
    recorded: int
    confirmed: bool = True
    cut_short: bool = False


@dataclass
class Progress:
    """How far a run is. `fired` counts the rules that had to fire, with the status of the reply."""

    examples: int = 0
    requests: int = 0
    seconds: float = 0.0
    fired: Counter[tuple[str, int]] = field(default_factory=Counter)
    failures: int = 0


@dataclass
class CampaignResult:
    """What a run found. `stopped` is the reason why it ended; a replay has no seed.

    `broke` describes why the target could not be reached any more.
    """

    seed: int | None
    progress: Progress
    counterexamples: list[Counterexample] = field(default_factory=list)
    stopped: str = ""
    broke: str | None = None
    first_failure_requests: int | None = None
    first_failure_seconds: float | None = None


class Campaign:
    """One run against one target; `on_progress` is called after each example.

    `began` is its start on the monotonic clock, where that is not now.
    """

    def __init__(
        self,
        session: TargetSession,
        seed: int,
        limits: Limits,
        on_progress: Callable[[Progress], None] = lambda _progress: None,
        began: float | None = None,
    ) -> None:
        self._session = session
        self._limits = limits
        self._on_progress = on_progress
        # Each tag has a letter, so that names that differ only in its case exist in every run.
        self._run = f"e{uuid.uuid4().hex[:4]}"
        self._shuffler = Shuffler(seed)
        self._tags = 0
        self._began = time.monotonic() if began is None else began
        self._ids: set[str] = set()
        self._journal_ids: set[str] = set()
        self._known: set[tuple[str, ...]] = set()
        self._detours: Counter[tuple[str, ...]] = Counter()
        self.result = CampaignResult(seed, Progress())

    def run(self) -> CampaignResult:
        """Fuzz until a limit is reached; after KeyboardInterrupt `result` has what was found."""
        result, limits = self.result, self._limits
        batch, seed = 0, result.seed or 0
        if limits.seconds is not None:
            self._session.expires_at = self._began + limits.seconds + GRACE_SECONDS
        try:
            while not result.stopped:
                remaining = BATCH
                if limits.examples is not None:
                    remaining = min(BATCH, limits.examples - result.progress.examples)
                run_batch(seed * 1_000_003 + batch, STEPS, self._example, remaining)
                batch += 1
                self._stop_at_limits()
        finally:
            self._session.expires_at = None
        return result

    def _stop_at_limits(self) -> None:
        result, limits = self.result, self._limits
        if result.stopped:
            return
        if len(result.counterexamples) >= limits.failures:
            found = len(result.counterexamples)
            result.stopped = "the first failure" if found == 1 else f"{found} different failures"
        elif limits.examples is not None and result.progress.examples >= limits.examples:
            result.stopped = f"--max-examples {limits.examples}"
        elif self._time_is_up():
            result.stopped = f"--time-limit {limits.seconds:g}"

    def _time_is_up(self) -> bool:
        return self._limits.seconds is not None and self._seconds() >= self._limits.seconds

    def _seconds(self) -> float:
        return time.monotonic() - self._began

    def _example(self, plan: Plan) -> None:
        """Play one conversation; Hypothesis only hands out the plan."""
        self._stop_at_limits()
        if self.result.stopped:
            return
        tag, keys = self._fresh_keys()
        context = new_context(self._session, keys, tag, self._shuffler)
        long = self.result.progress.examples % LONG_EVERY == LONG_EVERY - 1
        count = self._limits.steps if long else min(STEPS, self._limits.steps)
        context.max_orders = MAX_ORDERS[sum(plan) % len(MAX_ORDERS)] * (1 + long)
        conversation = Conversation(
            self._session, context.model, keys, self._ids, self._journal_ids
        )
        played: list[Step] = []
        failure: Failure | None = None
        try:
            for place in range(count):
                # Hypothesis repeats the numbers that it likes; their places tell them apart.
                step = next_step(context, SeededChoices(plan[place % len(plan)] * STRIDE + place))
                played.append(step)
                failure = conversation.play(step)
                if failure or self._time_is_up():
                    break
            failure = failure or conversation.end()
        except OutOfTimeError:
            failure = None
        progress = self.result.progress
        progress.examples += 1
        progress.fired.update(conversation.fired)
        if failure:
            failure.step = len(one_request_per_step(played[: failure.step + 1])) - 1
            steps = tuple(one_request_per_step(played))
            self._handle_failure(Counterexample(failure, steps, tag, keys, size(steps)))
        progress.requests, progress.seconds = self._session.requests_sent, self._seconds()
        progress.failures = len(self.result.counterexamples)
        self._on_progress(progress)

    def _fresh_keys(self) -> tuple[str, tuple[str, ...]]:
        """A tag that was never used, and API keys with it where the target takes any."""
        self._tags += 1
        tag = f"{self._run}{self._tags:05x}"
        return tag, self._session.fresh_keys(tag, self._tags)

    def _handle_failure(self, first: Counterexample) -> None:
        """Classify a failure on first sight; repeat it once, shrink it, and keep it."""
        if first.failure.kind in self._known:
            return
        result = self.result
        if result.first_failure_requests is None:
            result.first_failure_requests = self._session.requests_sent
            result.first_failure_seconds = self._seconds()
        try:
            self._examine(first)
        except OutOfTimeError:
            result.counterexamples.append(replace(first, cut_short=True))

    def _examine(self, first: Counterexample) -> None:
        kind, result = first.failure.kind, self.result
        again = self._repeated(first, first.steps)
        first.confirmed = again is not None and again.kind[0] == kind[0]
        in_passing = first.failure.check_failure.check in ("serial-order", "dry-run")
        found = self._in_sequence(first) if in_passing or not first.confirmed else first
        if not found.confirmed:
            self._known.add(kind)
            result.counterexamples.append(first)
            self._stop_if_target_is_gone()
            return
        self._detours[kind] += 1
        if found is first or self._detours[kind] >= MAX_DETOURS:
            self._known.add(kind)
        if found.failure.kind in self._known - {kind}:
            return
        smallest = self._smallest(found)
        if smallest.failure.kind not in {
            counterexample.failure.kind for counterexample in result.counterexamples
        }:
            result.counterexamples.append(smallest)
        self._known.add(smallest.failure.kind)
        self._stop_if_target_is_gone()

    def _stop_if_target_is_gone(self) -> None:
        try:
            self._session.control.call("GET", "/health", self._fresh_keys()[1][0])
        except OutOfTimeError:
            return
        except TargetError as error:
            self.result.stopped = "the target is gone"
            self.result.broke = str(error)

    def _in_sequence(self, found: Counterexample) -> Counterexample:
        """The same without parallel requests and dry runs, if it fails without them, too."""
        steps = in_sequence(found.steps)
        failure = self._repeated(found, steps) if steps != list(found.steps) else None
        if failure is None or not _is_of_reply(failure):
            return found
        return replace(found, failure=failure, steps=tuple(steps), confirmed=True)

    def _smallest(self, found: Counterexample) -> Counterexample:
        kind = found.failure.kind
        until = time.monotonic() + SHRINK_SECONDS
        best = found

        def fails(steps: Sequence[Step]) -> bool:
            nonlocal best
            if time.monotonic() > until:
                return False
            failure = self._repeated(found, steps)
            if failure is None or failure.kind[0] != kind[0]:
                return False
            # What is read back shows the traces of all steps, and gets smaller with them.
            if failure.kind != kind and _is_of_reply(failure):
                return False
            best = replace(found, failure=failure, steps=tuple(steps))
            return True

        try:
            return self._shrunk(found, fails)
        except OutOfTimeError:
            return replace(best, cut_short=True)

    def _shrunk(
        self, found: Counterexample, fails: Callable[[Sequence[Step]], bool]
    ) -> Counterexample:
        steps = minimize(found.steps[: found.failure.step + 1], fails)
        for place in range(len(steps)):

            def simpler_at(now: list[Step], place: int = place) -> list[list[Step]]:
                return list(changed_at(now, place))

            steps = simplify(steps, simpler_at, fails)
        steps = with_usual_values(steps, found.tag, found.keys, fails)
        failure = self._repeated(found, steps)
        if failure is None:  # it comes and goes: the recorded steps are the better proof
            return found
        return replace(found, failure=failure, steps=tuple(steps))

    def _repeated(self, found: Counterexample, steps: Sequence[Step]) -> Failure | None:
        """What happens when the steps are sent again under a fresh tag and fresh keys."""
        for _ in range(PARALLEL_ATTEMPTS if any(s.mode == IN_PARALLEL for s in steps) else 1):
            tag, _keys = self._fresh_keys()
            keys = tuple(key.replace(found.tag, tag) for key in found.keys)
            again = [retagged(step, found.tag, tag) for step in steps]
            known = (self._ids, self._journal_ids)
            # Otherwise leaving steps out would move the moments of reading back: another failure.
            interval = NEVER if _is_of_reply(found.failure) else 1
            failed = replayed(self._session, again, tag, keys, known, interval)
            if failed:
                return failed.failure.retagged(tag, found.tag)
        return None


def replayed(
    session: TargetSession,
    steps: Sequence[Step],
    tag: str,
    keys: tuple[str, ...],
    known: tuple[set[str], set[str]] | None = None,
    state_check_interval: int = 1,
) -> Counterexample | None:
    """Send steps that carry this tag and these keys; the failure with the steps up to it.

    `known` are event and journal ids that may not come again.
    """
    model = Model(now=session.now(), settings=session.settings, before=session.placed)
    ids = (set(), set()) if known is None else known
    conversation = Conversation(
        session, model, keys, *ids, state_check_interval=state_check_interval
    )
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
    """Whether a reply itself was wrong, and not what was read back."""
    check = failure.check_failure.check
    return check.startswith("reply-") or check in ("serial-order", "no-answer", "dry-run")


def new_context(
    session: TargetSession, keys: tuple[str, ...], tag: str, shuffler: Shuffler | None = None
) -> Context:
    """What the actions of one conversation with a target know at its start."""
    model = Model(now=session.now(), settings=session.settings, before=session.placed)
    clients = tuple(ClientSimulator(key, tag, shuffler=shuffler) for key in keys)
    # With a single key there is one world for all: resets and settings would be everybody's.
    controllable = session.is_mock and session.only_key is None
    return Context(clients, model, controllable=controllable, shuffler=shuffler)
