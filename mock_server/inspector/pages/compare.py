"""Two events, or two attempts, side by side: what differs in body, headers, reply and findings."""

import json
from typing import Any

from aiohttp import web

from contracts.http.credentials import mask_keys
from contracts.http.request import joined
from contracts.values import dataclass
from mock_server.control.resources.requests import find_request
from mock_server.control.responses import ControlError, answered, known_parameters
from mock_server.control.world_scope import scope_of
from mock_server.inspector.corrected_bodies import side_by_side
from mock_server.inspector.journal_rows import Row, row_of
from mock_server.inspector.playground.samples import as_text
from mock_server.inspector.rendering import rendered, wants_twin
from mock_server.server_state import SERVER


@dataclass(frozen=True)
class Side:
    """One of the two, as text that can be compared."""

    row: Row
    body: str

    @property
    def headers(self) -> str:
        """The headers of the request, one a line in the order of their names."""
        return "\n".join(f"{k}: {v}" for k, v in sorted(joined(self.row.entry.headers).items()))

    @property
    def rules(self) -> str:
        """What the rules said, one a line."""
        return "\n".join(
            f"{finding.severity} {finding.rule}: {finding.message}" for finding in self.row.findings
        )


async def page(request: web.Request) -> web.Response:
    """`a` and `b` are ids of events or requests."""
    known_parameters(request, "a", "b")
    names = [request.query.get(name, "").strip() for name in ("a", "b")]
    sides = [await _side(request, name) if name else None for name in names]
    first, second = sides
    if wants_twin(request):
        return answered([side.row.to_json() if side else None for side in sides])
    told: list[tuple[str, list[tuple[str, str, str]]]] = []
    if first and second:
        told = [
            ("Body", side_by_side(first.body, second.body)),
            ("Headers", side_by_side(first.headers, second.headers)),
            ("Rules said", side_by_side(first.rules, second.rules)),
        ]
    return await rendered(
        request, "compare", here="events", names=names, sides=sides, differences=told
    )


async def _side(request: web.Request, name: str) -> Side:
    reader = await request.app[SERVER].store.read()
    world_id = await scope_of(request)
    if name.startswith("evt-") or name == "latest":
        event = reader.event(world_id, name)
        found = event and reader.request(event.world_id, f"req-{event.record.seq}")
        if not found:
            raise ControlError(404, f"there is no request of the event {name[:60]!r} any more")
    else:
        found = await find_request(request, name)
    row = row_of(reader, found)
    return Side(row, _text(row.entry.body))


def _text(body: bytes) -> str:
    text = mask_keys(body.decode("utf-8", "backslashreplace"))
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return as_text(value)
