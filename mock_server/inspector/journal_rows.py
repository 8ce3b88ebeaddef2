"""Requests as the list shows them: what HTTP said and what the rules said, side by side."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from contracts.findings.finding import Finding, Severity, State
from mock_server.server_state import Server
from mock_server.store.journal import Entry
from mock_server.store.protocol import JournalRow

CLEAN = "clean"
"""The severity filter's word for requests without any finding."""

NO_REPLY = "no reply"
"""The status filter's word for connections that ended without one."""

FAULT = "a fault"
"""The status filter's word for replies that were faults on demand."""

MOST_PARSED = 64 * 1024
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
        still = [one for one in self.findings if one.state is State.OPEN]
        if not still:
            return "resolved" if self.findings else CLEAN
        return str(min((one.severity for one in still), key=lambda one: one.rank))

    @property
    def rules(self) -> list[tuple[Finding, int]]:
        """Each rule once with how often it fired, the most severe first."""
        times: dict[str, int] = {}
        first: dict[str, Finding] = {}
        for one in sorted(self.findings, key=lambda one: (one.severity.rank, one.state)):
            first.setdefault(one.rule, one)
            times[one.rule] = times.get(one.rule, 0) + 1
        return [(finding, times[rule]) for rule, finding in first.items()]

    def to_json(self) -> dict[str, Any]:
        """The row as the page's twin shows it."""
        return {
            **self.entry.to_json(self.world_id),
            "type": self.type or None,
            "order_id": self.order_id or None,
            "findings": [one.to_json() for one in self.findings],
        }


@dataclass(frozen=True)
class Filters:
    """What the address asks for; "" does not say."""

    type: str = ""
    order_id: str = ""
    severity: str = ""
    status: str = ""
    rule: str = ""

    def __bool__(self) -> bool:
        return any((self.type, self.order_id, self.severity, self.status, self.rule))

    def let(self, row: Row) -> bool:
        """Whether the row is one of those asked for."""
        return (
            self.type in ("", row.type)
            and self.order_id in ("", row.order_id)
            and (not self.status or self._was_said(row.entry))
            and (not self.rule or any(one.rule == self.rule for one in row.findings))
            and (not self.severity or self._has(row))
        )

    def _was_said(self, entry: Entry) -> bool:
        if self.status == FAULT:
            return entry.fault is not None
        return self.status == (str(entry.status) if entry.status else NO_REPLY)

    def _has(self, row: Row) -> bool:
        if self.severity == CLEAN:
            return not row.findings
        return any(one.severity is Severity(self.severity) for one in row.findings)


class StandingFindings:
    """Findings of requests that stored nothing, as they stand now: a retry resolves some.

    The journal keeps them as they were, and the log is asked once a page and only if it matters.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._known: dict[str | None, dict[str, list[Finding]]] = {}

    async def of(self, found: JournalRow) -> tuple[Finding, ...]:
        """The findings of a journal entry; those that the log let go as they were."""
        entry = found.entry
        if entry.fault is None or not entry.findings:
            return entry.findings
        if found.world_id not in self._known:
            known: dict[str, list[Finding]] = {}
            for _, one in (await self._server.store.findings(found.world_id)).rows:
                known.setdefault(one.request_id, []).append(one)
            self._known[found.world_id] = known
        return tuple(self._known[found.world_id].get(entry.id, entry.findings))


async def row_of(
    server: Server, found: JournalRow, standing: StandingFindings | None = None
) -> Row:
    """The row of a journal entry; several rows of one page share `standing`."""
    entry = found.entry
    record = await server.store.event(found.world_id, entry.event_id) if entry.event_id else None
    if record is None:
        kind, order_id = read_subject(entry.body)
        findings = await (standing or StandingFindings(server)).of(found)
        mine = found.world_id is not None and bool(order_id)
        known = mine and bool(await server.store.order(found.world_id, order_id))
        return Row(entry, found.world_id, kind, order_id, findings, known)
    if entry.replayed:
        return Row(entry, found.world_id, record.type, record.order_id, entry.findings)
    findings = tuple(await server.store.findings_of(record))
    return Row(entry, found.world_id, record.type, record.order_id, findings)


async def newest_rows(
    server: Server, found: Iterable[JournalRow], filters: Filters, most: int
) -> tuple[list[Row], bool]:
    """The newest rows that the filters let through, newest first, and whether there are more.

    `found` comes newest first; no more of it is looked at than is needed.
    """
    rows: list[Row] = []
    standing = StandingFindings(server)
    for one in found:
        row = await row_of(server, one, standing)
        if filters.let(row):
            if len(rows) == most:
                return rows, True
            rows.append(row)
    return rows, False


def read_subject(body: bytes) -> tuple[str, str]:
    """Type and order id of a body that was refused, "" where it does not say."""
    if len(body) > MOST_PARSED:
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
