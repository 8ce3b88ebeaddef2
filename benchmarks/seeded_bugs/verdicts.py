"""Bugs of findings and verdict as the control API shows them."""

from contracts.findings.finding import Finding, Severity, State
from contracts.rules import RULES
from contracts.findings.finding_log import FindingLog
from mock_server.control.resources import health
from seeded_bugs import around, bug


@bug("control API")
def verdict_counts_resolved():
    """The verdict counts findings that were resolved."""

    def resolve(old, self, resolutions):
        counts = dict(self.open_counts)
        old(self, resolutions)
        self.open_counts = counts

    around(FindingLog, "resolve", resolve)


@bug("control API")
def verdict_counts_late():
    """What waiting events cause when they are replayed is listed, but not counted."""

    def record(self, verdict, seq):
        self.add(verdict.findings, seq, of_replay=verdict.replayed)
        if verdict.accepted:
            before = dict(self.open_counts)
            self.add(verdict.accepted.later, seq)
            self.open_counts = before
            self.resolve(verdict.accepted.resolutions)

    FindingLog.record = record


@bug("control API")
def verdict_ignores_refusals():
    """Findings of refused requests are not kept."""

    def record(old, self, verdict, seq):
        if verdict.status == 200:
            old(self, verdict, seq)

    around(FindingLog, "record", record)


@bug("control API")
def replay_findings_lost():
    """What a retry's headers cause is in its reply, but not in the list."""

    def record(old, self, verdict, seq):
        if not verdict.replayed:
            old(self, verdict, seq)

    around(FindingLog, "record", record)


@bug("control API")
def verdict_always_200():
    """The verdict is a 200 that says no."""
    old = health.answered
    health.answered = lambda value, **_named: old(value)


@bug("control API")
def finding_at_its_usual_level():
    """The list shows the usual severity of a rule, whatever the world is told."""

    def shown(old, self):
        usual = RULES[self.rule].severity
        return {**old(self), "severity": str(usual)}

    around(Finding, "to_json", shown)


@bug("control API")
def finding_without_event():
    """Findings in the list name no event."""
    around(Finding, "to_json", lambda old, self: {**old(self), "event_id": None})


@bug("control API")
def finding_of_another_order():
    """Findings in the list name no order."""
    around(Finding, "to_json", lambda old, self: {**old(self), "order_id": None})


@bug("control API")
def finding_resolved_twice():
    """What is resolved is listed as resolved and stays listed as open."""

    def rows(old, self):
        for number, finding in old(self):
            yield number, finding
            if finding.state is State.RESOLVED:
                yield number, finding.reopened()

    around(FindingLog, "rows", rows)


@bug("control API")
def resolved_findings_gone():
    """Resolved findings are forgotten instead of being listed as resolved."""

    def rows(old, self):
        return ((n, one) for n, one in old(self) if one.state is State.OPEN)

    around(FindingLog, "rows", rows)


@bug("control API")
def finding_without_message():
    """Warnings have no message."""
    around(
        Finding,
        "to_json",
        lambda old, self: {
            **old(self),
            "message": "" if self.severity is Severity.WARNING else self.message,
        },
    )
