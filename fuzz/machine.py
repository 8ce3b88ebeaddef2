"""The fuzzer as a Hypothesis state machine, for your own pytest suite.

    from fuzz.machine import events_machine

    TestMyServer = events_machine("http://127.0.0.1:4258").TestCase

Each rule makes one step of one family of moves; Hypothesis chooses, shrinks and remembers. The
command `hakuna-mock fuzz` uses the same steps with plans of its own, which is faster.
"""

import time
import uuid
from collections.abc import Sequence

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from fuzz.checks.conversation import Conversation, Failure
from fuzz.client.target_session import Line
from fuzz.generate.actions import FAMILIES
from fuzz.generate.choices import Dice, Drawn, one_of
from fuzz.generate.client_simulator import Shop
from fuzz.generate.context import Move, Step, Talk
from fuzz.model.oracle import Model


class EventsMachine(RuleBasedStateMachine):
    """Drives one server; make a subclass with `line` set, or call `events_machine`."""

    line: Line

    def __init__(self) -> None:
        super().__init__()
        tag = uuid.uuid4().hex[:10]
        keys = self.line.keys(tag)
        model = Model(now=time.time_ns() + self.line.now_offset)
        shops = tuple(Shop(key, tag) for key in keys)
        controllable = self.line.is_mock and self.line.only_key is None
        self.talk = Talk(shops, model, controllable)
        self.conversation = Conversation(self.line, model, keys)

    @rule(data=st.data())
    def a_shop_does_well(self, data: st.DataObject) -> None:
        """Orders placed, shipped, given back, cancelled."""
        self._move("life", data)

    @rule(data=st.data())
    def a_shop_breaks_a_rule(self, data: st.DataObject) -> None:
        """Forgotten plans, quantities that are not there, odd placements, odd times."""
        self._move("mistakes", data)

    @rule(data=st.data())
    def a_story_is_told(self, data: st.DataObject) -> None:
        """Several events of one product and its plan in a row."""
        self._move("stories", data)

    @rule(data=st.data())
    def a_shop_sends_again(self, data: st.DataObject) -> None:
        """Retries with the same key, another, none, or another body."""
        self._move("retries", data)

    @rule(data=st.data())
    def somebody_is_at_the_door(self, data: st.DataObject) -> None:
        """Wrong routes, credentials and headers."""
        self._move("doors", data)

    @rule(data=st.data())
    def a_body_is_no_event(self, data: st.DataObject) -> None:
        """Named defects of bodies."""
        self._move("bodies", data)

    @rule(data=st.data())
    def much_happens_at_once(self, data: st.DataObject) -> None:
        """Twins, crowds, resets, settings, dry runs."""
        self._move("control", data)

    def teardown(self) -> None:
        """Read everything back."""
        self._hold(self.conversation.end())

    def _move(self, family: str, data: st.DataObject) -> None:
        dice = Drawn(lambda count: data.draw(st.integers(0, count - 1)))
        step = _step(self.talk, dice, [move for move, _ in FAMILIES[family]])
        if step is not None:
            self._hold(self.conversation.play(step))

    def _hold(self, failure: Failure | None) -> None:
        if failure is not None:
            wrong = failure.problem
            raise AssertionError(
                f"{wrong.check} after {failure.move!r}: expected {wrong.expected}, got {wrong.got}"
            )


def _step(talk: Talk, dice: Dice, moves: Sequence[Move]) -> Step | None:
    if talk.later:
        return talk.later.pop(0)
    shop = one_of(dice, talk.shops)
    first = dice.pick(len(moves))
    steps = (moves[(first + place) % len(moves)](talk, shop, dice) for place in range(len(moves)))
    return next((step for step in steps if step is not None), None)


def events_machine(
    url: str, *, key: str | None = None, enforcement: str = "flag", steps: int = 20
) -> type[EventsMachine]:
    """A state machine for the server at `url`, as a class to take `.TestCase` from.

    `key` is the only API key, where the server does not take any; `enforcement` says how a server
    that is no hakuna-mock answers violations. TargetError where nothing answers at `url`.
    """
    asked = Line(url, only_key=key, enforcement=enforcement)
    asked.look(key or f"sk_test_fuzz_{uuid.uuid4().hex[:10]}")

    class Machine(EventsMachine):
        line = asked

    Machine.TestCase.settings = settings(
        max_examples=20,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
    )
    return Machine
