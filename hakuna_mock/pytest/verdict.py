"""Whether one world passes: what its server has of it, and of requests outside all worlds."""

from collections.abc import Iterable, Mapping
from typing import Any

from contracts.findings.finding import Severity, State
from contracts.rules import RULES
from contracts.suggestions import hint
from contracts.worlds.policy import Policy
from hakuna_mock.pytest.journal_report import report_of
from hakuna_mock.reports.model import NEVER, Report
from hakuna_mock.reports.text import text_report
from hakuna_mock.servers.control_client import HakunaError, HakunaServer, WorldState
from hakuna_mock.servers.stray_requests import UNEXPECTED_KEY

DEFAULT_FAIL_ON = "warning"
MAX_FRAMES = 20


class Verdict:
    """The world of a key that was made for it, from its begin to its deletion.

    What `StrayRequests` has counts, too, as long as this world was the only one to read it.
    `permitted` are rules whose findings fail nothing, `fail_on` the least severity that does,
    `since` the number of the request after which it begins, if that is not now.
    """

    def __init__(
        self,
        server: HakunaServer,
        fail_on: str = DEFAULT_FAIL_ON,
        permitted: Iterable[str] = (),
        since: int | None = None,
    ) -> None:
        self.fail_on = fail_on
        self.permitted = set(permitted)
        self._server = server
        self.key = server.new_key()
        self._after = since if since is not None else server.latest(self.key)
        self._state: WorldState | None = None
        self._stray: list[dict[str, Any]] = []
        self._outside = 0
        """How many of the requests since the begin were not of this world when it was last read."""

    def requests(self) -> list[dict[str, Any]]:
        """Every request with its reply, stray ones too, oldest first."""
        __tracebackhide__ = True
        rows = [*self._server.rows("/requests", self.key), *self.stray()]
        return sorted(rows, key=lambda row: int(row["seq"]))

    def policy(self) -> Policy | None:
        """How the world judges; None where the server does not say so."""
        __tracebackhide__ = True
        return self._server.control.identify(self.key).policy

    def findings(self) -> list[dict[str, Any]]:
        """What was found, open and resolved; what stray requests are about comes first."""
        __tracebackhide__ = True
        return [*self._stray_findings(), *self._server.rows("/findings", self.key)]

    def report(self) -> Report:
        """All requests and findings, for any of the renderers."""
        __tracebackhide__ = True
        at_stake = self._server.control.at_stake(self.key)
        return report_of(self.requests(), self.findings(), self._server.url, at_stake)

    def counts(self) -> dict[str, int]:
        """Open findings by severity: one call, unless something arrived outside this world."""
        state = self._read()
        counts = {str(item): int(state.findings.get(item, 0)) for item in Severity}
        for finding in self._stray_findings(state):
            counts[finding["severity"]] += finding["state"] == State.OPEN
        return counts

    def failure(
        self, fail_on: str | None = None, counts: Mapping[str, int] | None = None
    ) -> str | None:
        """The explanation of what is open at or above a severity, None where nothing is.

        `counts` are `counts()` where they are known already.
        """
        fail_on = fail_on or self.fail_on
        if fail_on == NEVER:
            return None
        rank = Severity(fail_on).rank
        counts = self.counts() if counts is None else counts
        if not any(count for name, count in counts.items() if Severity(name).rank <= rank):
            return None
        report = self._unpermitted()
        if not report.failing(fail_on):
            return None
        return text_report(report, fail_on=fail_on, coloured=False, quiet=True, most=MAX_FRAMES)

    def failing_rules(self) -> list[str]:
        """The rules that `failure` speaks of, each once."""
        failing = self._unpermitted().failing(self.fail_on)
        return list(dict.fromkeys(finding.rule for finding in failing))

    def permit(self, rules: Iterable[str]) -> None:
        """Findings of these rules fail nothing; HakunaError for a rule that does not exist."""
        rules = list(rules)
        for rule in rules:
            check_rule(rule)
        self.permitted.update(rules)

    def reset(self) -> None:
        """Forget everything that was sent so far."""
        if self._server.before_forgetting:
            self._server.before_forgetting(self.key)
        self._server.control.reset(self.key)
        if self._server.own:
            self._after = self._server.world(self.key).latest
            self._stray, self._outside = [], 0

    def delete_unless_changed(self) -> bool:
        """Delete the world if nothing arrived since `counts`; whether it is gone."""
        before, after = self._state, self._after + self._outside
        if before is None:
            return False
        if before.id is None or before.tag is None or self._server.before_forgetting:
            now = self._server.world(self.key)
            if (now.id, now.tag, now.findings) != (before.id, before.tag, before.findings):
                return False
            gone = self._delete(now)
        else:
            gone = self._server.delete(before, unchanged=True)
        quiet = not self._server.own or self._server.latest(self.key) == after + before.requests
        return gone and quiet and self._end()

    def delete(self) -> None:
        """Delete the world, whatever arrived."""
        state = self._state
        self._delete(state if state and state.id else self._server.world(self.key))
        self._end()

    def drop(self) -> None:
        """End a world without a request."""
        self._end()
        self._server.forget_latest()

    def stray(self, state: WorldState | None = None) -> list[dict[str, Any]]:
        """Stray requests since this world began; a server of others has none that are known."""
        if self._server.stray is None:
            return []
        __tracebackhide__ = True
        state = state or self._server.world(self.key)
        outside = state.latest - self._after - state.requests
        if outside != self._outside:
            self._stray = self._server.stray.rows(self._after, self.key)
            self._outside = outside
        return self._stray

    def stray_keys(self) -> list[str]:
        """The masked keys of stray requests."""
        rows = self.stray()
        return self._server.stray.masks(rows) if self._server.stray and rows else []

    def _read(self) -> WorldState:
        self._state = self._server.world(self.key)
        return self._state

    def _stray_findings(self, state: WorldState | None = None) -> list[dict[str, Any]]:
        __tracebackhide__ = True
        rows = self.stray(state)
        return self._server.stray.findings(rows) if self._server.stray and rows else []

    def _unpermitted(self) -> Report:
        whole = self.report()
        findings = [finding for finding in whole.findings if finding.rule not in self.permitted]
        # A sum cannot be parted by findings, for a unit counts once however many speak of it.
        parted = any(item.at_stake for item in whole.open if item.rule in self.permitted)
        return Report(
            whole.judged,
            findings,
            whole.target,
            events=whole.events,
            orders=whole.orders,
            at_stake=() if parted else whole.at_stake,
        )

    def _delete(self, state: WorldState) -> bool:
        if self._server.before_forgetting:
            self._server.before_forgetting(self.key)
        return self._server.delete(state)

    def _end(self) -> bool:
        if self._server.stray:
            self._server.stray.end(self.key)
        return True


def check_rule(rule: str) -> None:
    """HakunaError, with the nearest name, where there is no such rule."""
    known = (*RULES, UNEXPECTED_KEY)
    if not isinstance(rule, str) or rule not in known:
        more = hint(str(rule), known, "hakuna-mock rules lists them")
        raise HakunaError(f"there is no rule {rule!r}{more}")
