"""What any JSON document says it is about: its event type and its order, where it names them."""

from typing import Any

from contracts.values import dataclass


@dataclass(frozen=True)
class Subject:
    """The `type` of a document, and the `order_id` in its payload; None where there is no text."""

    type: str | None = None
    order_id: str | None = None


def subject_of(document: Any) -> Subject:
    """The subject of a document of any kind."""
    if not isinstance(document, dict):
        return Subject()
    payload = document.get("payload")
    order_id = payload.get("order_id") if isinstance(payload, dict) else None
    return Subject(_text(document.get("type")), _text(order_id))


def looks_like_event(document: Any) -> bool:
    """Whether a document is meant as an event, however wrong: it has a payload, or such a type."""
    if not isinstance(document, dict):
        return False
    kind = _text(document.get("type")) or ""
    return "payload" in document or kind.lower().startswith("order_")


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
