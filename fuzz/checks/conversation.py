"""One conversation with a target: each step is sent, and every reply compared with the model."""

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from contracts.findings.finding import Severity
from fuzz.checks.reply import (
    EVENT_ID,
    CheckFailure,
    ExpectedReply,
    first_difference,
    reply_failures,
    rule_difference,
)
from fuzz.checks.state import StateChecks
from fuzz.client.http_client import Reply, TargetError
from fuzz.client.target_session import Received, TargetSession
from fuzz.generate.actions.routing import LIVE_KEY
from fuzz.generate.context import DRY_RUN, IN_PARALLEL, RESET, SETTINGS, Step
from fuzz.model.oracle import HttpRequest, Model, Prediction
from fuzz.model.world_settings import WorldSettings

STATE_CHECK_INTERVAL = 8
"""After so many steps the changed orders are read back; everything else at the end."""

READ_BACK = "reading back"
"""Stands for the action where no step failed, but what was read after them."""


@dataclass
class Failure:
    """Where a conversation went wrong. `rules` are those that the model expected to fire."""

    step: int
    action: str
    check_failure: CheckFailure
    rules: tuple[str, ...] = ()
    request: HttpRequest | None = None

    def retagged(self, old: str, new: str) -> "Failure":
        """The failure with the names of another conversation, which carry another tag."""

        def retagged_value(value: Any) -> Any:
            if isinstance(value, str):
                return value.replace(old, new)
            return list(map(retagged_value, value)) if isinstance(value, list) else value

        failure = self.check_failure
        expected, actual = retagged_value(failure.expected), retagged_value(failure.actual)
        return replace(self, check_failure=replace(failure, expected=expected, actual=actual))

    @property
    def kind(self) -> tuple[str, ...]:
        """What tells failures apart: the check, and the gist of what is wrong."""
        failure = self.check_failure
        if failure.gist:
            return failure.check, failure.gist
        severe = self.rules[:1] if failure.check == "reply-status" else ()
        return (failure.check, _gist(failure.expected), _gist(failure.actual), *severe)


def _gist(value: Any) -> str:
    """A value without what differs from run to run."""
    if isinstance(value, str):
        return re.sub("[0-9a-f]*[0-9][0-9a-f-]*", "9", EVENT_ID.sub("evt", value))[:60]
    if isinstance(value, list):
        return ",".join(sorted({_gist(str(item)) for item in value}))[:200]
    return str(value) if isinstance(value, int | bool) else type(value).__name__


@dataclass
class Conversation:
    """Plays steps against a target.

    `ids` and `journal_ids` are those of the whole run: none may come twice. `own_ids` are this
    conversation's event ids by request number. `fired` counts the rules that had to fire, with the
    status of their reply. `settings` are those of worlds whose settings a step changed. After
    `state_check_interval` steps the changed orders are read back; after each one, thoroughly.
    """

    session: TargetSession
    model: Model
    keys: tuple[str, ...]
    ids: set[str] = field(default_factory=set)
    journal_ids: set[str] = field(default_factory=set)
    own_ids: dict[int, str] = field(default_factory=dict)
    fired: Counter[tuple[str, int]] = field(default_factory=Counter)
    state_checks: StateChecks = field(init=False)
    settings: dict[str, WorldSettings] = field(default_factory=dict)
    state_check_interval: int = STATE_CHECK_INTERVAL
    _steps: int = 0

    def __post_init__(self) -> None:
        thorough = self.state_check_interval == 1
        self.state_checks = StateChecks(self.session, self.model, self.own_ids, thorough=thorough)

    def play(self, step: Step) -> Failure | None:
        """Send a step; the first thing that is wrong, or None."""
        self._steps += 1
        self.model.now = self.session.now()
        due = self.session.is_mock and self._steps % self.state_check_interval == 0
        try:
            failure = self._play(step)
            if failure is None and due:
                failure = self._first_of(step.action, self.state_checks.changed_orders())
        except TargetError as error:
            return self._failed(step.action, _no_answer(str(error)))
        return failure

    def end(self) -> Failure | None:
        """Read everything back that the target shows."""
        for key in self.keys:
            late = self.model.open_findings(key)
            self.fired.update((rule, 200) for rule in late if not self._has_fired(rule))
        if not self.session.is_mock:
            return None
        try:
            for key in self.keys:
                failure = self._first_of(READ_BACK, self._world_failures(key))
                if failure:
                    return failure
        except TargetError as error:
            return self._failed(READ_BACK, _no_answer(str(error)))
        return None

    def _world_failures(self, key: str) -> Iterator[CheckFailure]:
        yield from self.state_checks.whole_world(key)
        if self.session.only_key is None:  # the settings of a shared world are not ours to check
            reply = self.session.control.call("GET", "/settings", key)
            yield from self._settings_failures(key, reply)

    def _has_fired(self, rule: str) -> bool:
        return any(fired == rule for fired, _ in self.fired)

    def _play(self, step: Step) -> Failure | None:
        if step.mode == RESET:
            return self._reset(step)
        if step.mode == SETTINGS:
            return self._change_settings(step)
        if step.mode == DRY_RUN:
            return self._dry_run(step)
        if step.mode == IN_PARALLEL:
            return self._in_parallel(step)
        for request in step.requests:
            expected = self._predict(self.model, request)
            failure = self._judge(step.action, request, expected, self.session.send(request))
            if failure:
                return failure
        return None

    def _settings_of(self, key: str) -> WorldSettings:
        return self.settings.get(key, self.session.settings)

    def _predict(self, model: Model, request: HttpRequest) -> Prediction:
        """What the model expects, under the settings of the world that the request is for."""
        if self.settings:
            model.settings = self._settings_of(model.world_of(request) or "")
        return model.predict(request)

    def _judge(
        self, action: str, request: HttpRequest, expected: Prediction, received: Received
    ) -> Failure | None:
        """Compare one reply with its prediction, and remember what it promised."""
        rules = _by_severity(expected)
        self.fired.update((rule, expected.status) for rule in rules)
        if received.reply is None:
            return self._failed(action, _no_answer(received.error), rules, request)
        number = self.model.requests_seen - 1
        for failure in self._reply_failures(expected, received.reply):
            return self._failed(action, failure, rules, request)
        self._record(number, request, expected, received.reply)
        return None

    def _reply_failures(self, expected: Prediction, reply: Reply) -> Iterator[CheckFailure]:
        is_mock = self.session.is_mock
        yield from reply_failures(_expected_reply(expected), reply, is_mock=is_mock)
        if expected.status == 200:
            yield from self._id_failures(expected, reply.json()["event_id"])
        text = " ".join((reply.body.decode("utf-8", "replace"), *reply.headers.values()))
        if is_mock and any(key in text for key in (*self.keys, LIVE_KEY)):
            yield CheckFailure("reply-body", "masked keys", "an API key in plain text")
        journal_id = reply.headers.get("hakuna-mock-request")
        if journal_id in self.journal_ids:
            yield CheckFailure("journal", "a new journal id", f"{journal_id} again")

    def _id_failures(self, expected: Prediction, event_id: str) -> Iterator[CheckFailure]:
        if expected.replay_of is not None:
            first = self.own_ids.get(expected.replay_of)
            if event_id != first:
                text = f"the id of the first request, {first}"
                yield CheckFailure("reply-event-id", text, event_id)
        elif event_id in self.ids:
            yield CheckFailure("reply-event-id", "an id that was not given before", event_id)

    def _record(
        self, number: int, request: HttpRequest, expected: Prediction, reply: Reply
    ) -> None:
        if expected.status == 200 and expected.replay_of is None:
            self.own_ids[number] = reply.json()["event_id"]
            self.ids.add(self.own_ids[number])
        self.journal_ids.add(reply.headers.get("hakuna-mock-request", ""))
        self.state_checks.record(number, request, expected, reply)
        if expected.stored and self.session.only_key is not None:
            self.session.placed = self.model.elsewhere(self.session.only_key)

    def _in_parallel(self, step: Step) -> Failure | None:
        """Some order of the requests must explain all replies."""
        received = self.session.send_in_parallel(step.requests)
        pairs = list(zip(step.requests, received, strict=True))
        for request, result in pairs:
            if result.reply is None:
                return self._failed(step.action, _no_answer(result.error), (), request)
        pairs.sort(key=lambda pair: _arrival(pair[1]))
        first: Failure | None = None
        for order in itertools.permutations(pairs):
            failure = self._trial().explain(step.action, order)
            if failure is None:
                return self.explain(step.action, order)
            first = first or failure
        assert first is not None  # noqa: S101 - there is at least one order
        wrong = first.check_failure
        expected = f"{wrong.expected}, or what another order of these requests explains"
        no_order = CheckFailure("serial-order", expected, wrong.actual, wrong.check)
        return self._failed(step.action, no_order, first.rules, first.request)

    def explain(self, action: str, order: Iterable[tuple[HttpRequest, Received]]) -> Failure | None:
        """Compare replies that have come already with the model, in this order."""
        for request, received in order:
            expected = self._predict(self.model, request)
            failure = self._judge(action, request, expected, received)
            if failure:
                return failure
        return None

    def _trial(self) -> "Conversation":
        """A copy to try an order of requests with; it reads nothing back."""
        return Conversation(
            self.session,
            self.model.copy(),
            self.keys,
            set(self.ids),
            set(self.journal_ids),
            dict(self.own_ids),
            settings=self.settings,
        )

    def _reset(self, step: Step) -> Failure | None:
        reply = self.session.control.call("POST", "/reset", step.key)
        if reply.status != 200:
            return self._failed(step.action, CheckFailure("control-api", 200, reply.status))
        self.model.reset(step.key)
        self.state_checks.forget(step.key)
        return None

    def _change_settings(self, step: Step) -> Failure | None:
        changes = dict(step.settings or {})
        reply = self.session.control.call("PUT", "/settings", step.key, changes)
        self.settings[step.key] = self._settings_of(step.key).changed(changes)
        return self._first_of(step.action, self._settings_failures(step.key, reply))

    def _settings_failures(self, key: str, reply: Reply) -> Iterator[CheckFailure]:
        """Settings that differ from what was set; a server may have others besides."""
        expected = self._settings_of(key).to_json()
        shown = reply.json() if reply.status == 200 else None
        if not isinstance(shown, dict):
            yield CheckFailure("control-api", expected, f"status {reply.status}")
        elif {name: shown.get(name) for name in expected} != expected:
            yield CheckFailure(
                "control-api", expected, {name: shown.get(name) for name in expected}
            )

    def _dry_run(self, step: Step) -> Failure | None:
        rows = [
            {"headers": dict(request.headers), "body": json.loads(request.body)}
            for request in step.requests
        ]
        reply = self.session.control.call("POST", "/check", step.key, rows)
        verdicts = reply.json()
        if reply.status != 200 or not isinstance(verdicts, list) or len(verdicts) != len(rows):
            failure = CheckFailure("dry-run", f"{len(rows)} verdicts", reply.status)
            return self._failed(step.action, failure)
        model = self.model.copy()
        for request, verdict in zip(step.requests, verdicts, strict=True):
            prediction = self._predict(model, request)
            rules = {finding.get("rule") for finding in verdict.get("findings", ())}
            if verdict.get("status") != prediction.status or rules != set(prediction.counts):
                gist = first_difference(rule_difference(prediction.counts, rules))
                failure = CheckFailure(
                    "dry-run",
                    _verdict_text(prediction.status, prediction.counts),
                    _verdict_text(verdict.get("status"), rules),
                    gist or f"status {verdict.get('status')}",
                )
                return self._failed(step.action, failure, _by_severity(prediction), request)
        return None

    def _first_of(self, action: str, failures: Iterator[CheckFailure]) -> Failure | None:
        failure = next(failures, None)
        return self._failed(action, failure) if failure else None

    def _failed(
        self,
        action: str,
        failure: CheckFailure,
        rules: Sequence[str] = (),
        request: HttpRequest | None = None,
    ) -> Failure:
        return Failure(self._steps - 1, action, failure, tuple(rules), request)


def _no_answer(reason: str) -> CheckFailure:
    return CheckFailure("no-answer", "an answer", reason)


def _verdict_text(status: int | None, rules: Iterable[str]) -> str:
    return f"{status} with {', '.join(sorted(map(str, rules))) or 'no rule'}"


def _expected_reply(expected: Prediction) -> ExpectedReply:
    return ExpectedReply(
        expected.status,
        expected.error_code,
        tuple(expected.findings),
        dict(expected.findings),
        expected.replay_of is not None,
    )


def _by_severity(expected: Prediction) -> tuple[str, ...]:
    findings = expected.findings
    return tuple(sorted(findings, key=lambda rule: (Severity(findings[rule]).rank, rule)))


def _arrival(received: Received) -> tuple[int, str]:
    """A key that sorts replies as a hakuna-mock says that their requests arrived."""
    reply = received.reply
    journal_id = reply.headers.get("hakuna-mock-request", "") if reply else ""
    return len(journal_id), journal_id
