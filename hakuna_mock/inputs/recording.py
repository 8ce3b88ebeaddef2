"""Recordings: `{"headers"?, "body", "response"?, "received_at"?}`, one request as it was recorded;
and rows of hakuna-mock's own control API, `GET /_mock/v1/events` and `/requests`.
"""

import json
from typing import Any

from contracts.faults.fault import FAULT_HEADER
from contracts.json_text.pointer import child
from contracts.orders.subject import subject_of
from contracts.scenarios.format import FIRST_KEY, StepExpectation
from contracts.timing.rfc3339 import Instant, parse_instant
from hakuna_mock.inputs.credentials import whole_headers, with_stand_in, world_of
from hakuna_mock.inputs.reading import Reading
from hakuna_mock.reports.model import Source
from hakuna_mock.runs.item import NO_REPLY, Item, RecordedReply
from hakuna_mock.runs.parts import part_of

_MISSING = object()


def is_recording(document: Any) -> bool:
    """Whether a JSON object is a recording and not an event: it has a body and no payload."""
    return isinstance(document, dict) and "body" in document and "payload" not in document


def recorded_item(source: Source, number: int, document: dict[str, Any], reading: Reading) -> Item:
    """The request of a recording or of a row; ValueError where it is neither.

    A body that is text was recorded as it was sent; findings are then where that text is.
    """
    headers = document.get("headers")
    sent = None if headers is None else _headers(headers)
    is_row = "seq" in document
    reply = _reply_of_row(document) if is_row else _reply(document.get("response", _MISSING))
    body, body_source = _body(source, document["body"])
    label = f"{number}. {_label(document['body'])}"
    key = FIRST_KEY
    if is_row and isinstance(document.get("world"), str):
        key = reading.world_name(("world", document["world"]), document["world"])
    elif sent is not None:
        key = world_of(sent, reading) or FIRST_KEY
    if sent is not None:
        sent = _with_what_was_left_out(sent, reply, source, reading)
        fault = document.get("fault")
        if is_row and isinstance(fault, str) and not _asks_for_fault(sent, body):
            sent[FAULT_HEADER] = fault  # the world's own, which nothing in the request asks for
    method, path = document.get("method", "POST"), document.get("path")
    return Item(
        body_source,
        label,
        body,
        sent,
        key,
        expected_of(reply),
        reply=reply,
        received_at=instant_of(document.get("received_at")),
        **({"method": method, "path": path} if is_row and isinstance(path, str) else {}),
    )


def _asks_for_fault(sent: dict[str, str], body: bytes) -> bool:
    return b"--mock-" in body or FAULT_HEADER.lower() in {name.lower() for name in sent}


def _with_what_was_left_out(
    sent: dict[str, str], reply: RecordedReply | None, source: Source, reading: Reading
) -> dict[str, str]:
    refused = reply is not None and reply.status == 401
    accepted = reply is not None and reply.accepted
    completed = with_stand_in(sent, refused=refused, may_be_left_out=accepted)
    if completed is None:
        return sent
    reading.credentials_left_out(source.name)
    return completed


def _body(source: Source, body: Any) -> tuple[bytes, Source]:
    place = part_of(source, child(source.pointer, "body"))
    if not isinstance(body, str):
        return place.text.strip().encode(), place
    if any("\ud800" <= letter <= "\udfff" for letter in body):
        raise ValueError("the recorded text holds a lone surrogate (\\ud800 to \\udfff)")
    return body.encode(), place.holding(body)


def _label(body: Any) -> str:
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except (ValueError, RecursionError):
            return "recorded text"
    return subject_of(body).type or "no event"


def _reply(response: Any) -> RecordedReply | None:
    """What was replied; None where that was not recorded. `null` is how loggers write no reply."""
    if response is _MISSING:
        return None
    if response is None:
        return RecordedReply(NO_REPLY)
    if not isinstance(response, dict):
        return None
    return reply_of(response.get("status", _MISSING), response.get("body"))


def _reply_of_row(row: dict[str, Any]) -> RecordedReply:
    """A row of events was accepted; a row of requests says what was replied and stored."""
    reply = row.get("reply")
    if not isinstance(reply, dict):
        return RecordedReply(200, stored=True)
    try:
        body = json.loads(str(reply.get("body")))
    except (ValueError, RecursionError):
        body = None
    found = reply_of(reply.get("status"), body) or RecordedReply(NO_REPLY)
    return RecordedReply(
        found.status, found.error_code, stored=isinstance(row.get("event_id"), str)
    )


def reply_of(status: Any, body: Any) -> RecordedReply | None:
    """A recorded reply; None where its status was not recorded."""
    if isinstance(status, str) and status.isdecimal():
        status = int(status)
    if status is None:
        status = NO_REPLY
    if not isinstance(status, int):
        return None
    error = body.get("error") if isinstance(body, dict) else None
    code = error.get("error_code") if isinstance(error, dict) else None
    return RecordedReply(status, code if isinstance(code, str) else None)


def expected_of(reply: RecordedReply | None) -> StepExpectation:
    """What a recorded reply lets a replay expect."""
    if reply is None:
        return StepExpectation()
    return StepExpectation(status=reply.status or None, error_code=reply.error_code)


def instant_of(text: Any) -> Instant | None:
    """A recorded time; None where there is none that can be read."""
    return parse_instant(text) if isinstance(text, str) else None


def _headers(value: Any) -> dict[str, str]:
    """Headers as an object of texts, or as a list of pairs."""
    if isinstance(value, dict):
        value = list(value.items())
    pairs: list[Any] = value if isinstance(value, list) else [None]
    if not all(
        isinstance(pair, list | tuple) and len(pair) == 2 and all(isinstance(o, str) for o in pair)
        for pair in pairs
    ):
        raise ValueError("headers of a recording are an object of texts, or a list of pairs")
    return whole_headers((name, text) for name, text in pairs)
