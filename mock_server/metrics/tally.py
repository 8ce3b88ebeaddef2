"""What was counted since the start: requests, events, findings, faults, and how long judging took.

Plain counters, so that a request costs a few additions whether anybody scrapes or not.
"""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

from aiohttp import web

from contracts.findings.finding import Severity
from contracts.judging.verdict import Verdict
from contracts.worlds.journal import Entry

BUCKETS_MS = (0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 1000.0)
"""Upper bounds of the histogram of durations, in milliseconds; one more takes what is longer."""
NO_REPLY = "none"
"""The status where a fault kept the reply back."""


@dataclass
class Tally:
    """Counts of requests outside /_mock; none of them is reset with a world."""

    requests: Counter[str] = field(default_factory=Counter)
    """By the status of the reply."""
    events: Counter[str] = field(default_factory=Counter)
    """Accepted events by type; no replays."""
    replays: int = 0
    findings: Counter[tuple[str, Severity]] = field(default_factory=Counter)
    """Raised findings by rule and severity, whatever became of them."""
    faults: Counter[str] = field(default_factory=Counter)
    """Played faults by name."""
    durations: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_MS) + 1))
    """Requests by the bucket of the time that judging them took."""
    seconds: float = 0.0
    """The sum of those times."""

    def count(self, verdict: Verdict, entry: Entry) -> None:
        """Add one judged request."""
        self.requests[NO_REPLY if entry.status is None else str(entry.status)] += 1
        if entry.fault is not None:
            self.faults[entry.fault] += 1
        if entry.replayed:
            self.replays += 1
        elif entry.event_id is not None and verdict.event_type is not None:
            self.events[verdict.event_type] += 1
        for finding in entry.findings:
            self.findings[finding.rule, finding.severity] += 1
        self.durations[bisect_left(BUCKETS_MS, entry.duration_ms)] += 1
        self.seconds += entry.duration_ms / 1000


TALLY = web.AppKey("tally", Tally)
