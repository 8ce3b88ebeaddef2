"""The fix tried on the spot: the order's story judged with another event, or a correction sent."""

import json
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from contracts.findings.finding import Finding, State
from contracts.judging.verdict import Verdict
from contracts.rules import ON_DEMAND
from contracts.timing.rfc3339 import DAY
from mock_server.control.dry_run import dry_run
from mock_server.control.resources.events import find_event
from mock_server.control.responses import ControlError, answered, known_parameters
from mock_server.control.what_if import WhatIf, what_if
from mock_server.http.judging import judge_in_world
from mock_server.inspector.corrected_bodies import (
    corrected_bodies,
    correction_of,
    difference,
    still_to_send,
)
from mock_server.inspector.forms import read_form
from mock_server.inspector.playground.samples import as_text
from mock_server.inspector.rendering import rendered, wants_twin
from mock_server.server_state import SERVER
from mock_server.store.reader import Reader
from mock_server.store.rows import EventRow


async def page(request: web.Request) -> web.Response:
    """What was sent, ready to be changed; where a correction is known, it is filled in."""
    known_parameters(request)
    event = await find_event(request, request.match_info["event_id"].removesuffix(".json"))
    sent = json.loads(event.record.body)
    correction = correction_of(event.findings)
    instead = corrected_bodies(sent, correction) if correction else []
    if wants_twin(request):
        return answered({"sent": sent, "instead": instead})
    return await _shown(request, event, as_text(instead[0] if instead else sent))


async def tried(request: web.Request) -> web.Response:
    """Judge the story with the body of the form in the event's place; with `do=send` the correction
    is sent for real.
    """
    known_parameters(request)
    form = await read_form(request)
    event = await find_event(request, request.match_info["event_id"])
    if form.get("do") == "send":
        return await _sent(request, event)
    return await _judged(request, event, form.get("body", ""))


async def _judged(request: web.Request, event: EventRow, text: str) -> web.Response:
    reader = await request.app[SERVER].store.read()
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    payload = document.get("payload") if isinstance(document, dict) else None
    named = payload.get("order_id") if isinstance(payload, dict) else None
    if isinstance(named, str) and named and named != event.record.order_id:
        raise ControlError(
            400, f"the body names order {named[:60]!r}; only an event of the same order fits here"
        )
    after = await what_if(reader, event, None, text.encode("utf-8", "surrogatepass"))
    return await _shown(request, event, text, story=_compared(reader, event, after))


def _compared(reader: Reader, event: EventRow, after: WhatIf) -> dict[str, Any]:
    """The events of the story with their open findings before and after; what rules said of faults
    and retries is left out, for no fault plays again.
    """
    rows = reader.orders_named(event.world_id, event.record.order_id)
    steps = []
    for record in reader.records_of_order(event.world_id, event.record.order_id):
        told = record.event_id in after.story.event_ids
        now = after.story.findings(record.event_id) if told else ()
        stored = reader.event(event.world_id, record.event_id)
        steps.append(
            {
                "record": record,
                "replaced": record.event_id == event.record.event_id,
                "told": told,
                "before": _open(stored.findings if stored else ()),
                "after": _open(now),
            }
        )
    verdict = after.verdict
    assert verdict is not None  # noqa: S101 - one event was replaced
    refused = [] if verdict.accepted else list(verdict.findings)
    left = [
        item for record in after.story.event_ids for item in _open(after.story.findings(record))
    ]
    return {
        "steps": steps,
        "verdict": verdict,
        "refused": refused,
        "clean": not any(item.severity != "advice" for item in [*left, *refused]),
        "before": [item for row in rows for item in reader.at_stake_of(row)],
        "after": after.story.at_stake,
    }


def _open(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(
        (
            finding
            for finding in findings
            if finding.state is State.OPEN and finding.rule not in ON_DEMAND
        ),
        key=lambda item: item.severity.rank,
    )


async def _sent(request: web.Request, event: EventRow) -> web.Response:
    """Send what settles the mistake now, if it still would."""
    server = request.app[SERVER]
    reader = await server.store.read()
    bodies = await to_send(request, reader, event)
    if not bodies:
        raise ControlError(400, "no event settles this any more: look at the order as it is now")
    questions = [(None, json.dumps(body).encode()) for body in bodies]
    for verdict in await dry_run(server, event.world_id, questions):
        broken = [finding.rule for finding in verdict.findings if finding.severity != "advice"]
        if broken:
            raise ControlError(
                400, f"the correction would break {', '.join(broken)} by now: nothing was sent"
            )
    verdicts: list[Verdict] = []
    for body in bodies:
        judged = await judge_in_world(server, event.world_id, json.dumps(body).encode())
        verdicts.append(judged.verdict)
    return await _shown(
        request, await find_event(request, event.record.event_id), "", sent=verdicts
    )


async def to_send(request: web.Request, reader: Reader, event: EventRow) -> list[dict[str, Any]]:
    """The events that settle the mistake of an accepted event: a day after the latest of its order,
    and not in the future.
    """
    correction = correction_of(event.findings)
    rows = reader.orders_named(event.world_id, event.record.order_id)
    if correction is None or not rows or not rows[0].order.is_placed:
        return []
    now = (await request.app[SERVER].now(event.world_id)).at
    latest = rows[0].order.latest_applied_at or rows[0].order.placed_at or now
    at = min(latest + DAY, max(latest, now))
    return still_to_send(json.loads(event.record.body), correction, at)


async def _shown(
    request: web.Request,
    event: EventRow,
    text: str,
    *,
    story: dict[str, Any] | None = None,
    sent: list[Verdict] | None = None,
) -> web.Response:
    was = as_text(json.loads(event.record.body))
    return await rendered(
        request,
        "fix",
        here="events",
        record=event.record,
        world_id=event.world_id,
        findings=event.findings,
        text=text,
        changed=difference(was, text) if text else [],
        story=story,
        sent=sent,
    )
