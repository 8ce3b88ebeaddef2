"""What a run found, before any format: events with where they stand, and findings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.findings.finding import Finding, Severity, State

NEVER = "never"


@dataclass(frozen=True)
class Source:
    """Where an event was read: a file (or `-`, or a play), its text, and the event's place in it.

    `first_line` is the number of the text's first line in the file, `pointer` leads from the
    text's JSON to the event.
    """

    name: str
    text: str
    pointer: str = ""
    first_line: int = 1


@dataclass(frozen=True)
class Judged:
    """One event and the answer to it. `said` are the reply's validation errors, `key` names the
    world where it was judged.

    `verify` and `fuzz` judge servers: there it is one scenario, with the status of its last reply.
    `skipped` says why it was not judged, `details` what else there is to say, line by line.
    """

    number: int
    source: Source
    label: str
    status: int
    event_id: str | None
    request_id: str
    event_type: str | None
    order_id: str | None
    said: tuple[str, ...] = ()
    key: str = ""
    skipped: str | None = None
    details: tuple[str, ...] = ()


@dataclass
class Report:
    """A finished run: `events` of `orders` were judged, `judged` are those worth showing.

    `what` says in words what was judged, `notes` what else a reader must know, `about` the same
    for programs. `coverage` is what `contracts.coverage.Coverage.to_json` gives. `orders_seen` are
    orders as the run left them (`describe_order` with the `key` of their world), at least of those
    with findings as many as a report shows.
    """

    judged: Sequence[Judged]
    findings: Sequence[Finding]
    target: str | None = None
    events: int = 0
    orders: int = 0
    what: str = ""
    notes: Sequence[str] = ()
    about: Mapping[str, Any] = field(default_factory=dict)
    coverage: Mapping[str, Any] | None = None
    orders_seen: Sequence[Mapping[str, Any]] = ()
    counts: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        events, orders = counted(self.events, "event"), counted(self.orders, "order")
        self.what = self.what or f"{events} of {orders}"
        self.counts = {str(severity): 0 for severity in Severity}
        for finding in self.open:
            self.counts[str(finding.severity)] += 1

    @property
    def open(self) -> list[Finding]:
        """Findings that nothing resolved."""
        return [finding for finding in self.findings if finding.state is State.OPEN]

    def failing(self, fail_on: str) -> list[Finding]:
        """Open findings at or above a severity; none for `never`."""
        if fail_on == NEVER:
            return []
        rank = Severity(fail_on).rank
        return [finding for finding in self.open if finding.severity.rank <= rank]

    def exit_code(self, fail_on: str) -> int:
        """0 clean, 1 where something fails."""
        return 1 if self.failing(fail_on) else 0

    def judged_of(self, finding: Finding) -> Judged:
        """The event that a finding speaks of; of a refused one, its request."""
        if not hasattr(self, "_by_id"):
            self._by_id = dict(_ids(self.judged))
        return self._by_id.get(finding.event_id or "") or self._by_id[finding.request_id]


def counted(count: int, noun: str) -> str:
    """A number with its noun: `1 order`, `2 orders`; advice has no plural."""
    return f"{count} {noun}" if count == 1 or noun == "advice" else f"{count} {noun}s"


def _ids(judged: Iterable[Judged]) -> Iterable[tuple[str, Judged]]:
    for one in judged:
        yield one.request_id, one
        if one.event_id:
            yield one.event_id, one
