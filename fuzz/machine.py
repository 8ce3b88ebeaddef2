"""The fuzzer as a Hypothesis state machine, for your own pytest suite.

    from fuzz.machine import events_machine

    TestMyServer = events_machine("http://127.0.0.1:4258").TestCase

Each rule takes one step of one family of actions; Hypothesis chooses, shrinks and remembers. The
command `hakuna-mock fuzz` takes the same steps from plans of its own, which is faster.
"""

import uuid
from collections.abc import Sequence

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from fuzz.checks.conversation import Conversation, Failure
from fuzz.client.target_session import TargetSession
from fuzz.engine.campaign import new_context
from fuzz.generate.actions import FAMILIES
from fuzz.generate.choices import Choices, DrawnChoices, one_of
from fuzz.generate.context import Action, Context, Step
from fuzz.model.world_settings import WorldSettings


class EventsMachine(RuleBasedStateMachine):
    """Drives one server; make a subclass with `session` set, or call `events_machine`."""

    session: TargetSession

    def __init__(self) -> None:
        super().__init__()
        tag = uuid.uuid4().hex[:10]
        keys = self.session.fresh_keys(tag)
        self.context = new_context(self.session, keys, tag)
        self.conversation = Conversation(self.session, self.context.model, keys)
        self.played: list[Step] = []

    @rule(data=st.data())
    def happy_path(self, data: st.DataObject) -> None:
        """Orders placed, shipped, given back, cancelled."""
        self._act("happy path", data)

    @rule(data=st.data())
    def rule_breaking(self, data: st.DataObject) -> None:
        """Forgotten plans, quantities that are not there, odd placements, odd times."""
        self._act("rule-breaking", data)

    @rule(data=st.data())
    def sequences(self, data: st.DataObject) -> None:
        """Several events of one product and its plan in a row."""
        self._act("sequences", data)

    @rule(data=st.data())
    def retries(self, data: st.DataObject) -> None:
        """The same event again: with the same key, another, none, or another body."""
        self._act("retries", data)

    @rule(data=st.data())
    def routing_and_credentials(self, data: st.DataObject) -> None:
        """Wrong routes, credentials and headers."""
        self._act("routing and credentials", data)

    @rule(data=st.data())
    def malformed_bodies(self, data: st.DataObject) -> None:
        """Bodies with named defects, and unusual bodies that are valid."""
        self._act("malformed bodies", data)

    @rule(data=st.data())
    def near_misses(self, data: st.DataObject) -> None:
        """Texts that differ in case or by one character from what is accepted, at every door."""
        self._act("near misses", data)

    @rule(data=st.data())
    def two_mistakes(self, data: st.DataObject) -> None:
        """Two independent mistakes in one request."""
        self._act("two mistakes", data)

    @rule(data=st.data())
    def control(self, data: st.DataObject) -> None:
        """Parallel requests, resets, settings, dry runs."""
        self._act("control", data)

    def teardown(self) -> None:
        """Read everything back."""
        self._require(self.conversation.end())

    def _act(self, family: str, data: st.DataObject) -> None:
        choices = DrawnChoices(lambda count: data.draw(st.integers(0, count - 1)))
        step = _next_step(self.context, choices, [action for action, _ in FAMILIES[family]])
        if step is not None:
            self.played.append(step)
            self._require(self.conversation.play(step))

    def _require(self, failure: Failure | None) -> None:
        """AssertionError if a check failed."""
        if failure is not None:
            failed = failure.check_failure
            raise AssertionError(
                f"{failed.check} after {failure.action!r}: "
                f"expected {failed.expected}, got {failed.actual}"
            )


def _next_step(context: Context, choices: Choices, actions: Sequence[Action]) -> Step | None:
    """A step of one of these actions; None if none is possible now."""
    if context.follow_ups:
        return context.follow_ups.pop(0)
    client = one_of(choices, context.clients)
    first = choices.pick(len(actions))
    for place in range(len(actions)):
        step = actions[(first + place) % len(actions)](context, client, choices)
        if step is not None:
            return step
    return None


def events_machine(
    url: str, *, key: str | None = None, enforcement: str = "flag", steps: int = 20
) -> type[EventsMachine]:
    """A state machine for the server at `url`, as a class to take `.TestCase` from.

    `key` is the only API key, where the server does not take any; `enforcement` is how a server
    that is not a hakuna-mock answers violations. TargetError if nothing answers at `url`.
    """
    target = TargetSession(url, only_key=key, settings=WorldSettings(enforcement))
    target.identify(key or f"sk_test_fuzz_{uuid.uuid4().hex[:10]}")

    class Machine(EventsMachine):
        session = target

    Machine.TestCase.settings = settings(
        max_examples=20,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
    )
    return Machine
