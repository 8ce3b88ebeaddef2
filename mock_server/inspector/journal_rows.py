"""Requests as the list shows them: what HTTP said and what the rules said, side by side."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from contracts.findings.finding import Finding, Severity, State
from contracts.timing.rfc3339 import Instant
from contracts.values import dataclass
from contracts.worlds.journal import Entry
from mock_server.inspector.search import holds
from mock_server.inspector.stake_words import stake_of
from mock_server.store.reader import Reader
from mock_server.store.rows import RequestRow

CLEAN = "clean"
"""The severity filter's word for requests without any finding."""

NO_REPLY = "no reply"
"""The status filter's word for connections that ended without one."""

FAULT = "a fault"
"""The status filter's word for replies that were faults on demand."""

BREATH = 250
"""After so many requests of a long search others are served."""

MAX_PARSED = 64 * 1024
"""Refused bodies are read for their type and order where they are at most so long."""


@dataclass(frozen=True)
class Row:
    """One request. `findings` are those of its event as they stand now, `type` and `order_id` what
    its body says, as far as that can be read.
    """

    entry: Entry
    world_id: str | None
    type: str
    order_id: str
    findings: tuple[Finding, ...]
    order_known: bool = True
    """Whether the world has heard of that order."""

    @property
    def address(self) -> str:
        """Its page, below /_mock."""
        if self.entry.event_id and not self.entry.replayed:
            return f"/events/{self.entry.event_id}"
        return f"/requests/{self.entry.id}"

    @property
    def worst(self) -> str:
        """The severity of its most severe open finding; `resolved` or `clean` where none is."""
        still = [finding for finding in self.findings if finding.state is State.OPEN]
        if not still:
            return "resolved" if self.findings else CLEAN
        return str(min((item.severity for item in still), key=lambda item: item.rank))

    @property
    def rules(self) -> list[tuple[Finding, int]]:
        """Each rule once with how often it fired, the most severe first."""
        times: dict[str, int] = {}
        first: dict[str, Finding] = {}
        for item in sorted(self.findings, key=lambda item: (item.severity.rank, item.state)):
            first.setdefault(item.rule, item)
            times[item.rule] = times.get(item.rule, 0) + 1
        return [(finding, times[rule]) for rule, finding in first.items()]

    @property
    def at_stake(self) -> list[dict[str, Any]]:
        """What its open findings stake, by currency; a replay stakes nothing again."""
        return [] if self.entry.replayed else stake_of(self.findings)

    def to_json(self) -> dict[str, Any]:
        """The row as the page's twin shows it."""
        return {
            **self.entry.to_json(self.world_id),
            "type": self.type or None,
            "order_id": self.order_id or None,
            "findings": [finding.to_json() for finding in self.findings],
            "at_stake": self.at_stake,
        }


@dataclass(frozen=True)
class Filters:
    """What the address asks for; "" does not say. `typed` are the times as they were typed."""

    type: str = ""
    order_id: str = ""
    severity: str = ""
    status: str = ""
    rule: str = ""
    q: str = ""
    since: Instant | None = None
    until: Instant | None = None
    typed: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        times = (self.since is not None, self.until is not None)
        return any(
            (self.type, self.order_id, self.severity, self.status, self.rule, self.q, *times)
        )

    def let_entry(self, entry: Entry) -> bool:
        """Whether the request itself is one of those asked for, before its event is looked up."""
        return (
            (self.since is None or entry.received_at >= self.since)
            and (self.until is None or entry.received_at <= self.until)
            and (not self.q or holds(entry, self.q))
        )

    def let(self, row: Row) -> bool:
        """Whether the row is one of those asked for."""
        return (
            self.type in ("", row.type)
            and self.order_id in ("", row.order_id)
            and (not self.status or self._was_said(row.entry))
            and (not self.rule or any(finding.rule == self.rule for finding in row.findings))
            and (not self.severity or self._has(row))
        )

    def _was_said(self, entry: Entry) -> bool:
        if self.status == FAULT:
            return entry.fault is not None
        return self.status == (str(entry.status) if entry.status else NO_REPLY)

    def _has(self, row: Row) -> bool:
        if self.severity == CLEAN:
            return not row.findings
        return any(finding.severity is Severity(self.severity) for finding in row.findings)


def row_of(reader: Reader, found: RequestRow) -> Row:
    """The row of a journal entry, its findings as they stand now."""
    entry, world_id = found.entry, found.world_id
    event = reader.event(world_id, entry.event_id) if entry.event_id else None
    if event is None:
        event_type, order_id = read_subject(entry.body)
        # The journal keeps findings as they were; a retry resolves some of those of a fault.
        now = reader.findings_of_request(world_id, entry.id) if entry.fault else ()
        known = world_id is not None and bool(reader.orders_named(world_id, order_id))
        return Row(entry, world_id, event_type, order_id, now or entry.findings, known)
    record = event.record
    findings = entry.findings if entry.replayed else event.findings
    return Row(entry, world_id, record.type, record.order_id, findings)


async def newest_rows(
    reader: Reader, newest_first: Iterable[RequestRow], filters: Filters, limit: int
) -> tuple[list[Row], bool]:
    """The newest rows that the filters let through, newest first, and whether there are more.

    No more is read than is needed, and others are served in between.
    """
    rows: list[Row] = []
    # Where much may be passed over the list is taken as it is now: it changes meanwhile.
    for number, item in enumerate(
        list(newest_first) if filters or limit > BREATH else newest_first
    ):
        if number % BREATH == BREATH - 1:
            await asyncio.sleep(0)
        if not filters.let_entry(item.entry):
            continue
        row = row_of(reader, item)
        if filters.let(row):
            if len(rows) == limit:
                return rows, True
            rows.append(row)
    return rows, False


def read_subject(body: bytes) -> tuple[str, str]:
    """Type and order id of a body that was refused, "" where it does not say."""
    if len(body) > MAX_PARSED:
        return "", ""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(document, dict):
        return "", ""
    payload = document.get("payload")
    order_id = payload.get("order_id") if isinstance(payload, dict) else None
    kind = document.get("type")
    return (
        kind if isinstance(kind, str) else "",
        order_id if isinstance(order_id, str) else "",
    )
