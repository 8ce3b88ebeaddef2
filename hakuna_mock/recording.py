"""Recordings: `{"headers"?, "body", "response"?}`, one request as somebody wrote it down."""

import json
from dataclasses import replace
from typing import Any

from contracts.pointer import child
from hakuna_mock.judging import Item
from hakuna_mock.reports.model import Source


def is_recording(document: Any) -> bool:
    """Whether a JSON object is a recording and not an event: it has a body and no type."""
    return isinstance(document, dict) and "body" in document and "type" not in document


def recorded_item(source: Source, number: int, document: dict[str, Any]) -> Item:
    """The request of a recording; ValueError where its headers are none.

    A body that is text was recorded as it was sent; findings then point at the text.
    """
    headers = document.get("headers")
    if headers is not None:
        headers = _headers(headers)
    body = document["body"]
    if isinstance(body, str):
        return Item(Source(source.name, body), f"{number}. recorded text", body.encode(), headers)
    placed = replace(source, pointer=child(source.pointer, "body"))
    kind = body.get("type") if isinstance(body, dict) else None
    label = f"{number}. {kind if isinstance(kind, str) else 'no event'}"
    return Item(placed, label, json.dumps(body).encode(), headers)


def _headers(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise ValueError("headers of a recording are an object of texts")
    return dict(value)
