"""What a run found, before any format: events with their places, and findings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from contracts.drift.drift import Drift
from contracts.findings.finding import Finding, Severity, State
from contracts.http.masking import mask_in_place
from contracts.values import dataclass

NEVER = "never"


@dataclass(frozen=True)
class Rendering:
    """How a report is rendered; all but `fail_on` concern text for people.

    `play` puts a line for each event before the findings.
    """

    fail_on: str
    coloured: bool = False
    links: bool = False
    """Whether web addresses of sources become links of the terminal."""
    quiet: bool = False
    verbose: bool = False
    play: bool = False


@dataclass(frozen=True)
class Source:
    """Where an event was read: a file (or `-`, or a play), its text, and the event's place in it.

    `text` begins at `first_line` and `first_column` of the file; `pointer` leads from the text's
    JSON to the event. `embedded` says that the text is one escaped string in the file, so that
    nothing inside it has a line of its own there. `is_file` says that `name` is a path.
    """

    name: str
    text: str
    pointer: str = ""
    first_line: int = 1
    first_column: int = 1
    embedded: bool = False
    is_file: bool = False

    def holding(self, text: str) -> "Source":
        """The place of a string that holds this text, escaped."""
        return replace(self, text=text, pointer="", embedded=True)

    @property
    def shown(self) -> str:
        """The text as it may be shown: secrets are masked before anything is cut out of it."""
        return mask_in_place(self.text)


@dataclass(frozen=True)
class Judged:
    """One event and the reply to it. `said` are the reply's validation errors, `key` names the
    world where it was judged.

    `verify` and `fuzz` judge servers: there it is one scenario, with the status of its last reply.
    `status` is 0 where no reply was sent or recorded.
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
    messages: tuple[str, ...] = ()
    key: str = ""
    skipped: str | None = None
    details: tuple[str, ...] = ()


@dataclass
class Report:
    """A finished run: `events` of `orders` were judged, `judged` are those worth showing.

    `what` says in words what was judged, `notes` what else a reader must know, `about` the same
    for programs. `coverage` is what `contracts.coverage.Coverage.to_json` gives. `orders_seen` are
    orders as the run left them (`describe_order` with the `key` of their world), at least of those
    with findings as many as a report shows. `unlisted` is how many clean events were judged and are
    not among `judged`, `minimal` what --minimize found: results, and not notes. `at_stake` is what
    open findings stake, as a verdict shows it: each unit counts once.
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
    unlisted: int = 0
    minimal: Sequence[str] = ()
    drift: Drift | None = None
    """What the replies of a server said about our assumptions, where somebody watched."""
    at_stake: Sequence[Mapping[str, Any]] = ()
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

    @property
    def most_severe_first(self) -> list[Finding]:
        """All findings: open ones before resolved ones, the most severe first, else in order."""
        return sorted(
            self.findings, key=lambda item: (item.state is not State.OPEN, item.severity.rank)
        )

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
    for item in judged:
        yield item.request_id, item
        if item.event_id:
            yield item.event_id, item
