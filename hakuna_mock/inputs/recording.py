"""Recordings: `{"headers"?, "body", "response"?}`, one request as somebody wrote it down."""

from dataclasses import replace
from typing import Any

from contracts.json_text.pointer import child
from contracts.json_text.positions import excerpt
from contracts.scenarios.format import StepExpectation
from hakuna_mock.reports.model import Source
from hakuna_mock.runs.check import Item


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
    body, expect = document["body"], _answered(document.get("response"))
    if isinstance(body, str):
        if any("\ud800" <= letter <= "\udfff" for letter in body):
            raise ValueError("the recorded text holds a lone surrogate (\\ud800 to \\udfff)")
        label, placed = f"{number}. recorded text", Source(source.name, body)
        return Item(placed, label, body.encode(), headers, expect=expect)
    placed = replace(source, pointer=child(source.pointer, "body"))
    kind = body.get("type") if isinstance(body, dict) else None
    label = f"{number}. {kind if isinstance(kind, str) else 'no event'}"
    return Item(
        placed, label, excerpt(placed.text, placed.pointer).encode(), headers, expect=expect
    )


def _answered(response: Any) -> StepExpectation:
    """Status and error code of a recorded `{"status", "body"}`, as far as they are there."""
    if not isinstance(response, dict):
        return StepExpectation()
    return answered(response.get("status"), response.get("body"))


def answered(status: Any, body: Any) -> StepExpectation:
    """What a recorded answer lets one expect; 0 is how archives write that none came."""
    error = body.get("error") if isinstance(body, dict) else None
    code = error.get("error_code") if isinstance(error, dict) else None
    return StepExpectation(
        status=status if isinstance(status, int) and status else None,
        error_code=code if isinstance(code, str) else None,
    )


def _headers(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise ValueError("headers of a recording are an object of texts")
    return dict(value)
