"""Runs: from one start to the next, and what the last one found that the one before did not.

The control API and the inspector's page show the same comparison.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from contracts.findings.finding import Finding, Severity, State
from contracts.timing.rfc3339 import show
from contracts.values import dataclass
from contracts.worlds.effects import RunStarted
from contracts.worlds.world import Run, World
from mock_server.control.world_scope import change_worlds
from mock_server.server_state import SERVER
from mock_server.store.protocol import Change
from mock_server.store.reader import NEWEST, Reader


@dataclass(frozen=True)
class Kind:
    """Findings that are the same mistake: of one rule, type of event and place in the body."""

    rule: str
    severity: Severity
    event_type: str
    """Empty where the request stored no event."""
    place: str
    """A JSON pointer with `*` for every index."""


@dataclass(frozen=True)
class Row:
    """One kind of mistake in both runs."""

    kind: Kind
    before: int
    """Open findings of it in the run before."""
    now: int
    """The same in the last run."""
    example: Finding
    """The latest one."""

    def to_json(self) -> dict[str, Any]:
        """As the control API answers it."""
        return {
            "rule": self.kind.rule,
            "severity": str(self.kind.severity),
            "type": self.kind.event_type or None,
            "place": self.kind.place,
            "before": self.before,
            "now": self.now,
            "event_id": self.example.event_id,
            "request_id": self.example.request_id,
        }


@dataclass(frozen=True)
class Comparison:
    """The last run beside the one before; without a second run, beside what came before it."""

    runs: Sequence[Run]
    new: Sequence[Row]
    still_there: Sequence[Row]
    gone: Sequence[Row]

    @property
    def groups(self) -> Mapping[str, Sequence[Row]]:
        """The rows by what became of them."""
        return {"new": self.new, "still_there": self.still_there, "gone": self.gone}

    def to_json(self) -> dict[str, Any]:
        """As the control API answers it."""
        return {
            "runs": [shown_run(run) for run in self.runs],
            **{name: [row.to_json() for row in rows] for name, rows in self.groups.items()},
        }


def compared(reader: Reader, world_id: str | None) -> Comparison:
    """The last run of a world beside the one before; for None the runs of all worlds together."""
    runs = reader.runs(world_id)
    last = runs[-1] if runs else Run(0, 0)
    before = runs[-2] if len(runs) > 1 else Run(0, 0)
    now, examples = _found(reader, world_id, last.after, NEWEST)
    then, earlier = _found(reader, world_id, before.after, last.after)
    kinds = sorted({*now, *then}, key=lambda item: (item.severity.rank, item.rule, item.place))
    rows = [Row(kind, then[kind], now[kind], examples.get(kind) or earlier[kind]) for kind in kinds]
    return Comparison(
        runs,
        new=[row for row in rows if not row.before],
        still_there=[row for row in rows if row.before and row.now],
        gone=[row for row in rows if not row.now],
    )


async def start_run(request: web.Request, world_id: str | None) -> Run:
    """Start a run in the world of a request, or in all: what arrives from now on belongs to it."""
    server = request.app[SERVER]
    seq, machine = server.latest_seq, server.clock()

    def decide(world: World) -> Change[Run]:
        run = Run(seq, world.policy.clock.time(machine))
        return Change(run, (RunStarted(run.after, run.started_at),))

    run = await change_worlds(request, world_id, decide)
    server.announce_change()
    return run


def shown_run(run: Run) -> dict[str, Any]:
    """A run as the control API answers it."""
    return {"after": run.after, "started_at": show(run.started_at)}


def _found(
    reader: Reader, world_id: str | None, after: int, until: int
) -> tuple[Counter[Kind], dict[Kind, Finding]]:
    """The open findings of the requests after a number, how often each kind, and one of each."""
    counted: Counter[Kind] = Counter()
    examples: dict[Kind, Finding] = {}
    types: dict[str, str] = {}
    for item in reader.findings_before(world_id):
        number = int(item.request_id.removeprefix("req-"))
        if not after < number <= until or item.state is not State.OPEN:
            continue
        event_id = item.event_id or ""
        if event_id not in types:
            event = reader.event(world_id, event_id) if event_id else None
            types[event_id] = event.record.type if event else ""
        place = re.sub(r"/\d+", "/*", item.pointer)
        kind = Kind(item.rule, item.severity, types[event_id], place)
        counted[kind] += item.count
        examples.setdefault(kind, item)
    return counted, examples
