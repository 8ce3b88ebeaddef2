"""One conversation with a target: each step is sent, and every answer held against the model."""

import itertools
import json
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fuzz.checks.reply import EVENT_ID, Must, Problem, difference, first, problems
from fuzz.checks.state import Look
from fuzz.client.http_client import Reply, TargetError
from fuzz.client.target_session import Answer, Line
from fuzz.generate.actions.routing import LIVE_KEY
from fuzz.generate.context import AT_ONCE, CHECK, RESET, SETTINGS, Step
from fuzz.model.oracle import Asked, Expected, Model

LOOK_EVERY = 8
"""After so many steps the touched orders are read back; all else at the end."""


@dataclass
class Failure:
    """Where a conversation went wrong. `rules` are the rules that the model expected to fire."""

    step: int
    move: str
    problem: Problem
    rules: tuple[str, ...] = ()
    request: Asked | None = None

    def renamed(self, old: str, new: str) -> "Failure":
        """The failure in the words of another tag."""

        def told(value: Any) -> Any:
            if isinstance(value, str):
                return value.replace(old, new)
            return [told(one) for one in value] if isinstance(value, list) else value

        wrong = self.problem
        problem = replace(wrong, expected=told(wrong.expected), got=told(wrong.got))
        return replace(self, problem=problem)

    @property
    def kind(self) -> tuple[str, ...]:
        """What tells failures apart: the check, and the gist of what is wrong."""
        wrong = self.problem
        if wrong.gist:
            return wrong.check, wrong.gist
        severe = self.rules[:1] if wrong.check == "reply-status" else ()
        return (wrong.check, _gist(wrong.expected), _gist(wrong.got), *severe)


def _gist(value: Any) -> str:
    """A value without what differs from run to run."""
    if isinstance(value, str):
        return re.sub("[0-9a-f]*[0-9][0-9a-f-]*", "9", EVENT_ID.sub("evt", value))[:60]
    if isinstance(value, list):
        return ",".join(sorted({_gist(str(one)) for one in value}))[:200]
    return str(value) if isinstance(value, int | bool) else type(value).__name__


@dataclass
class Conversation:
    """Plays steps against a target. `ids` and `journal_ids` are those of the whole run: none comes
    twice. `own_ids` are this conversation's event ids by request number. `fired` counts the rules
    that had to fire with the status beside them, `told` holds each world's enforcement and levels.
    After `look_every` steps the touched orders are read back, after each one more thoroughly.
    """

    line: Line
    model: Model
    keys: tuple[str, ...]
    ids: set[str] = field(default_factory=set)
    journal_ids: set[str] = field(default_factory=set)
    own_ids: dict[int, str] = field(default_factory=dict)
    fired: Counter[tuple[str, int]] = field(default_factory=Counter)
    looked: Look = field(init=False)
    told: dict[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)
    look_every: int = LOOK_EVERY
    _steps: int = 0

    def __post_init__(self) -> None:
        thorough = self.look_every == 1
        self.looked = Look(self.line, self.model, self.own_ids, thorough=thorough)

    def play(self, step: Step) -> Failure | None:
        """Send a step; the first thing that is wrong, or None."""
        self._steps += 1
        self.model.now = time.time_ns() + self.line.now_offset
        try:
            failure = self._played(step)
            if failure is None and self.line.is_mock and self._steps % self.look_every == 0:
                failure = self._looked(step.move, self.looked.at_orders())
        except TargetError as error:
            return self._failed(step.move, Problem("no-answer", "an answer", str(error)))
        return failure

    def end(self) -> Failure | None:
        """Read everything back that the target shows."""
        for key in self.keys:
            later = self.model.open_findings(key)
            self.fired.update((rule, 200) for rule in later if not self._has_fired(rule))
        if not self.line.is_mock:
            return None
        try:
            for key in self.keys:
                told = self.line.control.call("GET", "/settings", key)
                wrong = itertools.chain(self.looked.at_world(key), self._wrong_settings(key, told))
                failure = self._looked("reading back", wrong)
                if failure:
                    return failure
        except TargetError as error:
            return self._failed("reading back", Problem("no-answer", "an answer", str(error)))
        return None

    def _wrong_world(self, key: str) -> Iterator[Problem]:
        yield from self.looked.at_world(key)
        if self.line.only_key is None:  # else the settings are whoever's they are
            yield from self._wrong_settings(key, self.line.control.call("GET", "/settings", key))

    def _has_fired(self, rule: str) -> bool:
        return any(fired == rule for fired, _ in self.fired)

    def _played(self, step: Step) -> Failure | None:
        if step.how == RESET:
            return self._reset(step)
        if step.how == SETTINGS:
            return self._settings(step)
        if step.how == CHECK:
            return self._check(step)
        if step.how == AT_ONCE:
            return self._at_once(step)
        for asked in step.requests:
            expected = self._ask(self.model, asked)
            failure = self._judged(step.move, asked, expected, self.line.send(asked))
            if failure:
                return failure
        return None

    def _ask(self, model: Model, asked: Asked) -> Expected:
        """What the model says, with the settings of the world that is asked."""
        usual: tuple[str, Mapping[str, str]] = (self.line.enforcement, {})
        model.enforcement, model.levels = self.told.get(model.sender(asked) or "", usual)
        return model.ask(asked)

    def _judged(
        self, move: str, asked: Asked, expected: Expected, answer: Answer
    ) -> Failure | None:
        rules = _by_severity(expected)
        self.fired.update((rule, expected.status) for rule in rules)
        if answer.reply is None:
            return self._failed(
                move, Problem("no-answer", "an answer", answer.problem), rules, asked
            )
        number = self.model.asked - 1
        for problem in self._wrong(expected, answer.reply):
            return self._failed(move, problem, rules, asked)
        self._keep(number, asked, expected, answer.reply)
        return None

    def _wrong(self, expected: Expected, reply: Reply) -> Iterator[Problem]:
        yield from problems(_must(expected), reply, is_mock=self.line.is_mock)
        if expected.status == 200:
            yield from self._wrong_id(expected, reply.json()["event_id"])
        said = " ".join((reply.body.decode("utf-8", "replace"), *reply.headers.values()))
        if self.line.is_mock and any(key in said for key in (*self.keys, LIVE_KEY)):
            yield Problem("reply-body", "masked keys", "an API key in plain text")
        journal = reply.headers.get("hakuna-mock-request")
        if journal in self.journal_ids:
            yield Problem("journal", "a journal id of its own", f"{journal} again")

    def _wrong_id(self, expected: Expected, event_id: str) -> Iterator[Problem]:
        if expected.replay_of is not None:
            first = self.own_ids.get(expected.replay_of)
            if event_id != first:
                yield Problem("reply-event-id", f"the id of the first request, {first}", event_id)
        elif event_id in self.ids:
            yield Problem("reply-event-id", "an id that was not given before", event_id)

    def _keep(self, number: int, asked: Asked, expected: Expected, reply: Reply) -> None:
        if expected.status == 200 and expected.replay_of is None:
            self.own_ids[number] = reply.json()["event_id"]
            self.ids.add(self.own_ids[number])
        self.journal_ids.add(reply.headers.get("hakuna-mock-request", ""))
        self.looked.note(number, asked, expected, reply)

    def _at_once(self, step: Step) -> Failure | None:
        """Some order of the requests must explain all replies."""
        answers = self.line.send_at_once(step.requests)
        for asked, answer in zip(step.requests, answers, strict=True):
            if answer.reply is None:
                wrong = Problem("no-answer", "an answer", answer.problem)
                return self._failed(step.move, wrong, (), asked)
        pairs = sorted(zip(step.requests, answers, strict=True), key=lambda one: _arrival(one[1]))
        first: Failure | None = None
        for order in itertools.permutations(pairs):
            trial = self._trial()
            failure = trial.explain(step.move, order)
            if failure is None:
                return self.explain(step.move, order)
            first = first or failure
        assert first is not None  # noqa: S101 - there is at least one order
        wrong = first.problem
        said = f"{wrong.expected}, or what another order of these requests explains"
        odd = Problem("serial-order", said, wrong.got, wrong.check)
        return self._failed(step.move, odd, first.rules, first.request)

    def explain(self, move: str, order: Iterable[tuple[Asked, Answer]]) -> Failure | None:
        """Hold answers that came already against the model, in this order."""
        for asked, answer in order:
            failure = self._judged(move, asked, self._ask(self.model, asked), answer)
            if failure:
                return failure
        return None

    def _trial(self) -> "Conversation":
        """A copy to try an order of requests with; it looks at nothing."""
        trial = Conversation(
            self.line,
            self.model.copy(),
            self.keys,
            set(self.ids),
            set(self.journal_ids),
            dict(self.own_ids),
        )
        trial.told = self.told
        return trial

    def _reset(self, step: Step) -> Failure | None:
        reply = self.line.control.call("POST", "/reset", step.key)
        if reply.status != 200:
            return self._failed(step.move, Problem("control-api", 200, reply.status))
        self.model.reset(step.key)
        self.looked.forget(step.key)
        return None

    def _settings(self, step: Step) -> Failure | None:
        told = dict(step.settings or {})
        reply = self.line.control.call("PUT", "/settings", step.key, told)
        before = self.told.get(step.key, (self.line.enforcement, {}))
        after = (told.get("enforcement", before[0]), levels_after(before[1], told))
        self.told[step.key] = after
        problem = next(self._wrong_settings(step.key, reply), None)
        return self._failed(step.move, problem) if problem else None

    def _wrong_settings(self, key: str, reply: Reply) -> Iterator[Problem]:
        """Settings that are not those that were told; whatever else a server may have there."""
        enforcement, levels = self.told.get(key, (self.line.enforcement, {}))
        must = {"enforcement": enforcement, "rules": levels}
        shown = reply.json() if reply.status == 200 else None
        if not isinstance(shown, dict):
            yield Problem("control-api", must, f"status {reply.status}")
        elif {name: shown.get(name) for name in must} != must:
            yield Problem("control-api", must, {name: shown.get(name) for name in must})

    def _check(self, step: Step) -> Failure | None:
        rows = [
            {"headers": dict(one.headers), "body": json.loads(one.body)} for one in step.requests
        ]
        reply = self.line.control.call("POST", "/check", step.key, rows)
        shown = reply.json()
        if reply.status != 200 or not isinstance(shown, list) or len(shown) != len(rows):
            return self._failed(
                step.move, Problem("dry-run", f"{len(rows)} verdicts", reply.status)
            )
        model = self.model.copy()
        for asked, row in zip(step.requests, shown, strict=True):
            expected = self._ask(model, asked)
            rules = {one.get("rule") for one in row.get("findings", ())}
            if row.get("status") != expected.status or rules != set(expected.counts):
                must = f"{expected.status} with {', '.join(sorted(expected.counts)) or 'no rule'}"
                got = f"{row.get('status')} with {', '.join(sorted(rules)) or 'no rule'}"
                gist = first(difference(expected.counts, rules))
                wrong = Problem("dry-run", must, got, gist or f"status {row.get('status')}")
                return self._failed(step.move, wrong, _by_severity(expected), asked)
        return None

    def _looked(self, move: str, wrong: Iterator[Problem]) -> Failure | None:
        problem = next(wrong, None)
        return self._failed(move, problem) if problem else None

    def _failed(
        self,
        move: str,
        problem: Problem,
        rules: Sequence[str] = (),
        asked: Asked | None = None,
    ) -> Failure:
        return Failure(self._steps - 1, move, problem, tuple(rules), asked)


def levels_after(before: Mapping[str, str], told: Mapping[str, Any]) -> dict[str, str]:
    """The levels of rules after a change of settings; null takes one away."""
    levels = {**before, **told.get("rules", {})}
    return {rule: level for rule, level in levels.items() if level is not None}


def _must(expected: Expected) -> Must:
    return Must(
        expected.status,
        expected.error_code,
        tuple(expected.findings),
        dict(expected.findings),
        expected.replay_of is not None,
    )


_RANKS = {"violation": 0, "warning": 1, "advice": 2}


def _by_severity(expected: Expected) -> tuple[str, ...]:
    return tuple(
        sorted(expected.findings, key=lambda rule: (_RANKS[expected.findings[rule]], rule))
    )


def _arrival(answer: Answer) -> tuple[int, str]:
    """The order in which a hakuna-mock says that requests arrived; any order elsewhere."""
    journal = answer.reply.headers.get("hakuna-mock-request", "") if answer.reply else ""
    return len(journal), journal
