"""The findings of one world with their states: added, resolved, counted, and kept within bounds."""

from collections.abc import Iterable, Iterator, Mapping

from contracts.findings.at_stake import Owner
from contracts.findings.finding import Finding, Resolution, Severity, State
from contracts.numbered_rows import NumberedRows

MAX_FINDINGS = 20_000
MAX_BYTES = 64 * 1024 * 1024
"""How much text one log keeps; a finding may quote an id of 100 kB."""


class FindingLog:
    """The findings of one world, oldest first, of which later events resolve some.

    At most `limit` are kept, and no more than `byte_limit`, but always the newest; the oldest go
    first and are counted in `evicted`. `open_counts` includes them, so that a verdict never loses a
    violation; one that was evicted can no longer be resolved. `rows` are those that are kept, the
    length is how many were ever added.
    """

    def __init__(self, limit: int = MAX_FINDINGS, byte_limit: int = MAX_BYTES) -> None:
        self.open_counts = dict.fromkeys(Severity, 0)
        self.evicted = 0
        self._limit = limit
        self._byte_limit = byte_limit
        self.bytes = 0
        self._added = 0
        self.rows = NumberedRows[Finding]()
        self._by_owner: dict[str, list[int]] = {}

    def add(self, finding: Finding, number: int, *, of_replay: bool = False) -> None:
        """Keep a finding under its number; those of a replay belong to the request alone."""
        self._added += 1
        self.bytes += _size(finding)
        self.rows.add(number, finding)
        if finding.state is State.OPEN:
            self.open_counts[finding.severity] += finding.count
        if not of_replay:
            self._by_owner.setdefault(finding.owner, []).append(number)
        while len(self.rows) > self._limit or (
            self.bytes > self._byte_limit and len(self.rows) > 1
        ):
            self._evict_oldest()

    def _evict_oldest(self) -> None:
        number, gone = self.rows.pop_oldest()
        self.bytes -= _size(gone)
        self.evicted += 1
        numbers = self._by_owner.get(gone.owner, [])
        if number in numbers:
            numbers.remove(number)
            if not numbers:
                del self._by_owner[gone.owner]

    def resolve(self, resolution: Resolution) -> list[Finding]:
        """Mark what a later event settles; the findings as they were before."""
        settled = []
        for number in self._by_owner.get(resolution.owner, ()):
            finding = self.rows.get(number)
            if finding and resolution.settles(finding):
                settled.append(finding)
                after = finding.resolved(resolution)
                self.rows.replace(number, after)
                still_open = after.count if after.state is State.OPEN else 0
                self.open_counts[finding.severity] -= finding.count - still_open
        return settled

    def stake(self, owner: Owner, change: int, currency: str) -> None:
        """An open finding stakes so much more or less than before."""
        event_id, rule, subject = owner
        for number in self._by_owner.get(event_id, ()):
            finding = self.rows.get(number)
            if (
                finding
                and finding.rule == rule
                and finding.state is State.OPEN
                and subject in (finding.subjects or (finding.subject,))
            ):
                self.rows.replace(number, finding.staking(change, currency))

    def forget_events(self, event_ids: Iterable[str]) -> None:
        """Drop the index of events that were evicted; their findings stay in the list."""
        for item in event_ids:
            self._by_owner.pop(item, None)

    def is_of_event(self, finding: Finding, number: int) -> bool:
        """Whether the finding with that number is listed with its event."""
        return number in self._by_owner.get(finding.owner, ())

    def restore(self, added: int, evicted: int, open_counts: Mapping[Severity, int]) -> None:
        """Take over what was counted before a log was compacted."""
        self._added = added
        self.evicted += evicted
        self.open_counts = {item: open_counts.get(item, 0) for item in Severity}

    def of_event(self, event_id: str) -> tuple[Finding, ...]:
        """The findings of one event; what its replays caused belongs to their requests."""
        found = (self.rows.get(number) for number in self._by_owner.get(event_id, ()))
        return tuple(item for item in found if item)

    def __iter__(self) -> Iterator[Finding]:
        return (finding for _, finding in self.rows)

    def __len__(self) -> int:
        return self._added


def _size(finding: Finding) -> int:
    """About how many bytes it holds, the same before and after it is resolved."""
    texts = finding.message, finding.fix, finding.pointer, finding.subject, finding.order_id or ""
    return sum(map(len, texts)) + 700
