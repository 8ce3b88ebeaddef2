"""Judging a sequence of events: offline with the pure core, or by sending them to a server."""

import json
import time
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from contracts.examples import usual_headers
from contracts.findings import Basis, Finding, Related, Severity, State
from contracts.judge import judge
from contracts.policy import Enforcement, Policy
from contracts.replies import ENDPOINT
from contracts.request import Request
from contracts.scratch import FindingLog, ScratchWorld
from fuzz.target import Reply, Target
from hakuna_mock.reports.model import Judged, Report, Source

Item = tuple[Source, str, Any]
"""Where an event stands, how it is called, and its parsed JSON."""


PAGE = 1000


def judge_offline(items: Iterable[Item], enforcement: str) -> Report:
    """The findings of the events, as if a good client had sent them one after the other."""
    world, log = ScratchWorld(), FindingLog(limit=10_000_000)
    policy = Policy(Enforcement(enforcement))
    judged = []
    for number, (source, label, document) in enumerate(items, start=1):
        request = Request(
            "POST",
            ENDPOINT,
            tuple(usual_headers(number).items()),
            json.dumps(document).encode(),
            time.time_ns(),
            f"evt-00000000-0000-4000-8000-{number:012}",
            f"event-{number}",
        )
        verdict = judge(request, world, policy)
        log.record(verdict, number)
        if verdict.accepted:
            world.apply(verdict.accepted)
        judged.append(
            Judged(
                number,
                source,
                label,
                verdict.status,
                verdict.event_id,
                request.request_id,
                verdict.event_type,
                verdict.order_id,
                _said(verdict.body),
            )
        )
    return Report(judged, list(log))


def judge_by_server(items: Sequence[Item], target: Target, key: str) -> Report:
    """Send the events to a server, and read the findings back where it is a hakuna-mock."""
    judged = []
    for number, (source, label, document) in enumerate(items, start=1):
        headers = usual_headers(number, key)
        headers["Hakuna-Idempotency-Key"] = str(uuid.uuid4())
        reply = target.post_event(json.dumps(document).encode(), headers)
        body = reply.json()
        judged.append(
            Judged(
                number,
                source,
                label,
                reply.status,
                body.get("event_id") if isinstance(body, dict) else None,
                reply.headers.get("hakuna-mock-request", f"event-{number}"),
                document.get("type"),
                document.get("payload", {}).get("order_id"),
                _said(body),
            )
        )
    return Report(judged, _findings_of(judged, target, key), target.base_url)


def _findings_of(judged: Sequence[Judged], target: Target, key: str) -> list[Finding]:
    """The findings that the server's control API has of these events."""
    numbers = [one.request_id.removeprefix("req-") for one in judged]
    after = min((int(one) for one in numbers if one.isdigit()), default=0) - 1
    ids = {one.request_id for one in judged} | {one.event_id for one in judged if one.event_id}
    found: list[Finding] = []
    while after >= 0:
        path = f"/_mock/v1/findings?after={after}&limit={PAGE}"
        reply = target.ask("GET", path, headers={"Authorization": f"Bearer {key}"})
        rows = _rows(reply)
        found += [finding_of(row) for row in rows]
        after = int(rows[-1]["request_id"][4:]) if len(rows) == PAGE else -1
    return [one for one in found if one.request_id in ids or one.event_id in ids]


def _rows(reply: Reply) -> list[dict[str, Any]]:
    rows = reply.json()
    return rows if reply.status == 200 and isinstance(rows, list) else []


def finding_of(row: dict[str, Any]) -> Finding:
    """A finding as the control API shows it, as a value again."""
    return Finding(
        rule=row["rule"],
        severity=Severity(row["severity"]),
        basis=Basis(row["basis"]),
        pointer=row["pointer"],
        message=row["message"],
        fix=row["fix"],
        source=row["source"],
        order_id=row["order_id"],
        event_id=row["event_id"],
        request_id=row["request_id"],
        state=State(row["state"]),
        related=tuple(Related(**one) for one in row["related"]),
    )


def _said(body: Any) -> tuple[str, ...]:
    error = body.get("error") if isinstance(body, dict) else None
    said = error.get("validation_errors") if isinstance(error, dict) else None
    return tuple(str(one) for one in said) if isinstance(said, list) else ()
