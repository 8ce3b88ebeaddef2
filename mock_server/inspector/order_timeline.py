"""The story of an order as a page tells it: accepted events, and requests that were refused."""

from collections.abc import Sequence
from typing import Any

from contracts.orders.history import EventRecord
from contracts.orders.order import Order, Outcome
from contracts.timing.rfc3339 import Instant
from mock_server.inspector.journal_rows import read_subject
from mock_server.store.reader import Reader
from mock_server.store.rows import EventRow, OrderRow, RequestRow

_OUTCOMES = {
    Outcome.APPLIED: "",
    Outcome.WAITING: "waits for the placement",
    Outcome.IGNORED: "recorded, not applied",
    Outcome.DECLINED: "declined, not applied",
}


def timeline(
    reader: Reader,
    row: OrderRow,
    newest_first: Sequence[EventRow],
    refused: Sequence[RequestRow],
    at: int,
) -> list[dict[str, Any]]:
    """A page of the order's events, oldest first, the later ones too, refusals between them."""
    latest: Instant | None = None
    first = newest_first[-1].record.seq if newest_first else 0
    for record in reader.records_of(row, first - 1):
        latest = record.happened_at if latest is None else max(latest, record.happened_at)
    told: list[dict[str, Any]] = []
    for event in reversed(newest_first):
        record = event.record
        told.append(
            {
                "seq": record.seq,
                "record": record,
                "entry": None,
                "type": record.type,
                "received_at": record.received_at,
                "happened": record.happened_at,
                "early": latest is not None and record.happened_at < latest,
                "said": _OUTCOMES[record.outcome],
                "then": record.seq <= at,
                "findings": sorted(event.findings, key=lambda item: item.severity.rank),
                "moved": _moved(record, row.order),
            }
        )
        latest = record.happened_at if latest is None else max(latest, record.happened_at)
    told += [_refusal(item, at) for item in refused]
    return sorted(told, key=lambda item: item["seq"])


def _refusal(row: RequestRow, at: int) -> dict[str, Any]:
    entry = row.entry
    return {
        "seq": entry.seq,
        "record": None,
        "entry": entry,
        "type": read_subject(entry.body)[0] or "request",
        "received_at": entry.received_at,
        "happened": None,
        "early": False,
        "said": f"refused with {entry.status}" if entry.status else "no reply",
        "then": entry.seq <= at,
        "findings": sorted(entry.findings, key=lambda item: item.severity.rank),
        "moved": "",
    }


def _moved(record: EventRecord, order: Order) -> str:
    """What an event did, in a few words."""
    if record.event_id == order.placed_by:
        lines = len(order.lines)
        return f"{lines} line{'s' if lines != 1 else ''}"
    pieces = [f"{line_id} ×{taken.applied}" for line_id, taken in record.moved if taken.applied]
    shown = pieces[:4]
    return ", ".join(shown) + (f" and {len(pieces) - 4} more" if len(pieces) > 4 else "")
