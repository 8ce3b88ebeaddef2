"""POST /check with `replace`: what would an order's whole story be with one other event in it?"""

import asyncio
import json
from typing import Any

from aiohttp import web

from contracts.faults.fault import FAULT_HEADER
from contracts.http.idempotency import KEY_HEADER
from contracts.http.request import Request
from contracts.judging.replies import ENDPOINT
from contracts.judging.verdict import Verdict
from contracts.judging.what_if import Story
from contracts.orders.history import EventRecord
from contracts.scenarios.rule_examples import usual_headers
from contracts.values import dataclass
from mock_server.control.responses import ControlError, not_found
from mock_server.control.world_scope import scope_of
from mock_server.server_state import SERVER
from mock_server.store.reader import Reader
from mock_server.store.rows import EventRow

Headers = dict[str, str]

_CREDENTIALS = ("authorization", "bearer")


@dataclass(frozen=True)
class WhatIf:
    """The verdict on the replacement, and the story that it is a part of.

    `verdict` is None where nothing was replaced.
    """

    verdict: Verdict | None
    story: Story

    def to_json(self) -> dict[str, Any]:
        """As `POST /check` answers it; findings are as they stand at the end of the story."""
        verdict = self.verdict
        assert verdict is not None  # noqa: S101 - asked for one
        accepted = verdict.accepted
        found = self.story.findings(accepted.record.event_id) if accepted else verdict.findings
        return {
            "status": verdict.status or 0,
            "body": verdict.body,
            "findings": [item.to_json() for item in found],
            "story": [
                {
                    "event_id": event_id,
                    "findings": [finding.to_json() for finding in self.story.findings(event_id)],
                }
                for event_id in self.story.event_ids
            ],
        }


async def check_replaced(request: web.Request, asked: dict[str, Any]) -> dict[str, Any]:
    """The answer to `{"replace": EVENT_ID, "body": …, "headers"?}`."""
    world_id = await scope_of(request)
    if world_id is None:
        raise ControlError(
            400, "/replace: say whose event it is, with the key or ?world=: a story has one world"
        )
    unknown = [name for name in asked if name not in ("replace", "body", "headers")]
    if unknown or "body" not in asked or not isinstance(asked["replace"], str):
        raise ControlError(400, '/: send {"replace": EVENT_ID, "body": event, "headers"?: {…}}')
    headers = asked.get("headers")
    if headers is not None and not (
        isinstance(headers, dict) and all(isinstance(text, str) for text in headers.values())
    ):
        raise ControlError(400, "/headers: must be an object of names and texts")
    reader = await request.app[SERVER].store.read()
    row = reader.event(world_id, asked["replace"])
    if row is None:
        not_found("event", asked["replace"], evicted=reader.evicted(world_id).events)
    named = _order_named(asked["body"])
    if named is not None and named != row.record.order_id:
        raise ControlError(
            400,
            f"/body/payload/order_id: {named[:100]!r} is another order than that of the event, "
            f"{row.record.order_id[:100]!r}; only an event of the same order can take its place",
        )
    return (await what_if(reader, row, headers, json.dumps(asked["body"]).encode())).to_json()


async def what_if(
    reader: Reader, row: EventRow, headers: Headers | None, body: bytes | None
) -> WhatIf:
    """The story of an event's order with this event replaced; `body` None tells it as it was.

    Without headers the replacement is sent with those of the event.
    """
    order_id = row.record.order_id
    story = Story(reader.world(row.world_id), order_id, reader.policy(row.world_id))
    verdict = None
    for record in list(reader.records_of_order(row.world_id, order_id)):
        is_replaced = body is not None and record.event_id == row.record.event_id
        sent = headers if is_replaced and headers is not None else None
        told = story.tell(
            _request_of(
                record,
                _headers_of(reader, row.world_id, record) if sent is None else _without_fault(sent),
                body if is_replaced and body is not None else record.body,
            )
        )
        if is_replaced:
            verdict = told
        await asyncio.sleep(0)  # others are served in between
    return WhatIf(verdict, story)


def _request_of(record: EventRecord, headers: Headers, body: bytes) -> Request:
    return Request(
        "POST",
        ENDPOINT,
        tuple(headers.items()),
        body,
        record.received_at,
        record.event_id,
        f"req-{record.seq}",
        seq=record.seq,
    )


def _headers_of(reader: Reader, world_id: str, record: EventRecord) -> Headers:
    """What the event was sent with; those of a good client where the journal has evicted it.

    Of keys only masks are kept: equal masks become equal keys.
    """
    found = reader.request(world_id, f"req-{record.seq}")
    if found is None:
        name = f"hakuna-mock-check-{record.seq}"
        return {**usual_headers(record.seq), KEY_HEADER: name}
    headers, keys = {}, list[str]()
    for name, value in found.entry.headers:
        shown = value
        if name.lower() in _CREDENTIALS:
            scheme, blank, mask = value.rpartition(" ")
            keys.append(mask)
            shown = f"{scheme}{blank}sk_test_story{keys.index(mask)}"
        headers[name] = shown
    return _without_fault(headers)


def _without_fault(headers: Headers) -> Headers:
    return {name: value for name, value in headers.items() if name.lower() != FAULT_HEADER.lower()}


def _order_named(body: Any) -> str | None:
    """The order that a body names, None where it names none."""
    payload = body.get("payload") if isinstance(body, dict) else None
    named = payload.get("order_id") if isinstance(payload, dict) else None
    return named if isinstance(named, str) and named else None
