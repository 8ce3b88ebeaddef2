"""Runs: from one start to the next, and what the last one found that the one before did not."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from contracts.findings.finding import Finding, Severity, State
from contracts.worlds.effects import RunStarted
from contracts.worlds.world import Run, World
from mock_server.control.responses import answered, known_parameters
from mock_server.control.world_scope import change_worlds, narrowed
from mock_server.inspector.forms import back_to, read_form
from mock_server.inspector.rendering import rendered, wants_twin
from mock_server.server_state import SERVER
from mock_server.store.protocol import Change
from mock_server.store.reader import NEWEST, Reader


@dataclass(frozen=True)
class Kind:
    """Findings that are the same mistake: of one rule, type of event and place in the body."""

    rule: str
    severity: Severity
    event_type: str
    place: str

    def to_json(self) -> dict[str, Any]:
        """As the page's twin shows it."""
        return {
            "rule": self.rule,
            "severity": str(self.severity),
            "type": self.event_type or None,
            "place": self.place,
        }


async def page(request: web.Request) -> web.Response:
    """The last run beside the one before: new, still there, gone."""
    known_parameters(request)
    world_id = await narrowed(request)
    reader = await request.app[SERVER].store.read()
    runs = reader.runs(world_id)
    last = runs[-1] if runs else Run(0, 0)
    before = runs[-2] if len(runs) > 1 else Run(0, 0)
    now, examples = _found(reader, world_id, last.after, NEWEST)
    then, earlier = _found(reader, world_id, before.after, last.after)
    order = sorted({*now, *then}, key=lambda one: (one.severity.rank, one.rule, one.place))
    told = {
        "new": [(one, 0, now[one]) for one in order if one not in then],
        "still there": [(one, then[one], now[one]) for one in order if one in then and one in now],
        "gone": [(one, then[one], 0) for one in order if one not in now],
    }
    if wants_twin(request):
        return answered(
            {
                "runs": [{"after": one.after, "started_at": one.started_at} for one in runs],
                **{
                    name: [{**kind.to_json(), "before": a, "now": b} for kind, a, b in rows]
                    for name, rows in told.items()
                },
            }
        )
    return await rendered(
        request,
        "runs",
        here="runs",
        runs=runs,
        last=last,
        told=told,
        examples={**earlier, **examples},
    )


async def start(request: web.Request) -> web.Response:
    """Start a run: what arrives from now on belongs to it."""
    known_parameters(request)
    form = await read_form(request)
    server = request.app[SERVER]
    world_id = await narrowed(request)
    seq = server.latest_seq

    def decide(world: World) -> Change[None]:
        started = RunStarted(seq, world.policy.clock.time(server.clock()))
        return Change(None, (started,))

    await change_worlds(request, world_id, decide)
    server.announce_change()
    return back_to(form, "/_mock/runs")


def _found(
    reader: Reader, world_id: str | None, after: int, until: int
) -> tuple[Counter[Kind], dict[Kind, Finding]]:
    """The open findings of the requests after a number, how often each kind, and one of each."""
    counted: Counter[Kind] = Counter()
    examples: dict[Kind, Finding] = {}
    types: dict[str, str] = {}
    for one in reader.findings_before(world_id):
        number = int(one.request_id.removeprefix("req-"))
        if not after < number <= until or one.state is not State.OPEN:
            continue
        event_id = one.event_id or ""
        if event_id not in types:
            event = reader.event(world_id, event_id) if event_id else None
            types[event_id] = event.record.type if event else ""
        place = re.sub(r"/\d+", "/*", one.pointer)
        kind = Kind(one.rule, one.severity, types[event_id], place)
        counted[kind] += one.count
        examples[kind] = one
    return counted, examples
