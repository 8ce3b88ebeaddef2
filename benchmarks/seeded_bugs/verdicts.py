"""Bugs of findings and verdict as the control API shows them."""

from dataclasses import replace

from contracts.findings.finding import Finding, Severity, State
from contracts.findings.finding_log import FindingLog
from contracts.rules import RULES
from mock_server.control.resources import health
from mock_server.store.reader import Reader
from seeded_bugs import around, bug


@bug("control API")
def verdict_counts_resolved():
    """The verdict counts findings that were resolved."""

    def resolve(old, self, resolution):
        counts = dict(self.open_counts)
        settled = old(self, resolution)
        self.open_counts = counts
        return settled

    around(FindingLog, "resolve", resolve)


@bug("control API")
def verdict_counts_late():
    """What waiting events cause when they are replayed is listed, but not counted."""

    def add(old, self, finding, number, *, of_replay=False):
        before = dict(self.open_counts)
        old(self, finding, number, of_replay=of_replay)
        if finding.rule == "out-of-order-arrival":
            self.open_counts = before

    around(FindingLog, "add", add)


@bug("control API")
def verdict_ignores_refusals():
    """Findings of refused requests are not kept."""

    def add(old, self, finding, number, *, of_replay=False):
        if finding.event_id is not None:
            old(self, finding, number, of_replay=of_replay)

    around(FindingLog, "add", add)


@bug("control API")
def replay_findings_lost():
    """What a retry's headers cause is in its reply, but not in the list."""

    def add(old, self, finding, number, *, of_replay=False):
        if not of_replay:
            old(self, finding, number)

    around(FindingLog, "add", add)


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

    def findings(old, self, world_id, **named):
        found = old(self, world_id, **named)
        rows = []
        for number, finding in found.rows:
            rows.append((number, finding))
            if finding.state is State.RESOLVED:
                rows.append((number, replace(finding, state=State.OPEN)))
        return replace(found, rows=rows)

    around(Reader, "findings", findings)


@bug("control API")
def resolved_findings_gone():
    """Resolved findings are forgotten instead of being listed as resolved."""

    def findings(old, self, world_id, **named):
        found = old(self, world_id, **named)
        return replace(found, rows=[row for row in found.rows if row[1].state is State.OPEN])

    around(Reader, "findings", findings)


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
