"""A world's journal as a report, so that every renderer shows what a server has seen."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from contracts.json_text.parser import Document, parse
from contracts.judging.replies import ENDPOINT
from contracts.printable import printable
from hakuna_mock.reports.model import Judged, Report, Source
from hakuna_mock.runs.check import finding_of

_MAX_SHOWN = 100


def report_of(
    requests: Sequence[dict[str, Any]],
    findings: Sequence[dict[str, Any]],
    target: str,
    at_stake: Sequence[Mapping[str, Any]] = (),
) -> Report:
    """The report of journal rows and finding rows, as the control API gives them.

    `at_stake` is what a verdict says of these findings.
    A finding whose request the journal no longer holds gets a place without text.
    """
    judged = [_judged(number, row) for number, row in enumerate(requests, start=1)]
    known = {item.request_id for item in judged}
    known |= {item.event_id for item in judged if item.event_id}
    for row in findings:
        if row["request_id"] not in known and row["event_id"] not in known:
            judged.append(_evicted(len(judged) + 1, row))
            known.add(row["request_id"])
    orders = {item.order_id for item in judged if item.order_id}
    values = [finding_of(row) for row in findings]
    return Report(judged, values, target, events=len(judged), orders=len(orders), at_stake=at_stake)


def _judged(number: int, row: dict[str, Any]) -> Judged:
    parsed = parse(row["body"].encode("utf-8", "surrogatepass"))
    document = parsed.value if isinstance(parsed, Document) else None
    event = document if isinstance(document, dict) else {}
    kind, payload = event.get("type"), event.get("payload")
    order_id = payload.get("order_id") if isinstance(payload, dict) else None
    kind = kind if isinstance(kind, str) else None
    order_id = order_id if isinstance(order_id, str) else None
    text = row["body"]
    if isinstance(parsed, Document):
        text = json.dumps(document, indent=2, ensure_ascii=False)
    about = f"{row['method']} {row['path']}" if row["path"] != ENDPOINT else kind or "no event"
    again = "  (again)" if row["replayed"] else ""
    named = printable(" ".join(filter(None, [about, order_id])), _MAX_SHOWN)
    label = f"{number}. {named}{again}"
    return Judged(
        number,
        Source(f"request {number}", text),
        label,
        row["status"],
        row["event_id"],
        row["id"],
        printable(kind, _MAX_SHOWN) if kind else None,
        order_id,
    )


def _evicted(number: int, row: dict[str, Any]) -> Judged:
    source = Source(f"request {row['request_id']}, which the journal no longer holds", "")
    label = f"{number}. {row['request_id']} (no longer in the journal)"
    return Judged(
        number, source, label, 0, row["event_id"], row["request_id"], None, row["order_id"]
    )
