"""Sending a sequence of events to a server, and reading its findings back where it shows any."""

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from contracts.faults.fault import FAULT_HEADER
from contracts.findings.at_stake import by_currency
from contracts.findings.finding import Finding, Severity, State
from contracts.json_text.parser import Document, parse
from contracts.orders.subject import subject_of
from contracts.scenarios.format import FreshKeys
from contracts.scenarios.rule_examples import usual_headers
from contracts.scenarios.runner import Outcome, by_severity
from fuzz.checks.catalogue import CHECKS
from fuzz.client.control_client import CONTROL, ControlClient, ControlError
from fuzz.client.http_client import Reply, Target, TargetError
from hakuna_mock.reports.model import Judged, Report
from hakuna_mock.runs.check import finding_of, validation_errors
from hakuna_mock.runs.expectations import unmet_at_end, unmet_by_step
from hakuna_mock.runs.item import Item


def judge_by_server(items: Iterable[Item], target: Target, keys: Mapping[str, str]) -> Report:
    """Send the events to a server, and read the findings back where it is a hakuna-mock.

    A refusal that its item did not expect, and that no finding explains, is a finding of its own.
    `keys` maps key names to API keys; idempotency keys are made anew, so that a later run is one.
    """
    judged: list[Judged] = []
    answered: list[tuple[Item, Reply]] = []
    expected: list[int | None] = []
    broke: str | None = None
    is_mock = False
    fresh = FreshKeys(lambda: str(uuid.uuid4()))
    for number, item in enumerate(items, start=1):
        headers = item.headers or usual_headers(number, keys[item.key])
        sent = fresh.headers(item.key, headers)
        try:
            on_demand = FAULT_HEADER in sent or b"--mock-" in item.sent
            if on_demand:
                reply = _on_demand(target, item, sent, keys[item.key])
            else:
                reply = target.ask(item.method, item.path, item.sent, sent)
        except TargetError as error:
            if not judged:
                raise
            broke = f"{error} (event {number}, {item.label})"
            break
        is_mock = "hakuna-mock" in reply.headers
        body = reply.json()
        event_id = body.get("event_id") if isinstance(body, dict) else None
        parsed = parse(item.sent)
        subject = subject_of(parsed.value if isinstance(parsed, Document) else None)
        answered.append((item, reply))
        said_elsewhere = on_demand or (item.as_written and item.expect.status is not None)
        expected.append(reply.status if said_elsewhere else item.expect.status)
        judged.append(
            Judged(
                number,
                item.source,
                item.label,
                reply.status,
                event_id if isinstance(event_id, str) else None,
                reply.headers.get("hakuna-mock-request", f"event-{number}"),
                subject.type,
                subject.order_id,
                validation_errors(body),
                item.key,
            )
        )
    found: list[Finding] = []
    at_stake: list[dict[str, Any]] = []
    if is_mock and broke is None:
        try:
            found = [
                element for key in keys.values() for element in _findings_of(judged, target, key)
            ]
            at_stake = _at_stake(target, keys.values())
        except TargetError as error:
            broke = str(error)
    found += [
        *_not_expected(judged, expected, found),
        *_unmet(judged, answered, found, target if is_mock else None, keys),
    ]
    orders = {element.order_id for element in judged}
    refused = sum(element.event_id is None for element in judged)
    blind = f"{target.base_url} is not a hakuna-mock: it shows no findings"
    return Report(
        judged,
        found,
        target.base_url,
        events=len(judged),
        orders=len(orders - {None}),
        notes=[] if is_mock else [blind, f"{refused} of {len(judged)} got no event id"],
        about={"broke": broke},
        at_stake=at_stake,
    )


def _at_stake(target: Target, keys: Iterable[str]) -> list[dict[str, Any]]:
    """What is at stake in the worlds of these keys; nothing where a server does not say."""
    client = ControlClient(target.base_url, target.ask)
    sums: list[tuple[str, int]] = []
    for key in keys:
        sums += [(row["currency"], row["amount"]) for row in client.at_stake(key)]
    return by_currency(sums)


def _unmet(
    judged: Sequence[Judged],
    answered: Sequence[tuple[Item, Reply]],
    found: Sequence[Finding],
    mock: Target | None,
    keys: Mapping[str, str],
) -> Iterator[Finding]:
    """The expectations of a scenario file that the replies, and the mock at the end, do not meet.

    `found` are the findings of these events. What another server does not show is not compared.
    """
    for element, (item, reply) in zip(judged, answered, strict=True):
        severe = advice = None
        if mock is not None:
            listed = set(reply.headers.get("hakuna-mock-findings", "").split(","))
            severe, advice = by_severity(
                row for row in found if row.rule in listed and row.request_id == element.request_id
            )
        outcome = Outcome(reply.status, reply.error_code, severe, advice)
        yield from unmet_by_step(item, outcome, element.request_id)
    closing = answered[-1][0].closes if answered else None
    if closing is not None and mock is not None:
        control = ControlClient(mock.base_url, mock.ask)
        paths = {order_id: f"/orders/{quote(order_id, safe='')}" for order_id in closing.orders}
        orders = {
            order_id: order
            for order_id, path in paths.items()
            for key in keys.values()
            if (order := control.find(path, key)) is not None
        }
        severe, _ = by_severity(row for row in found if row.state is State.OPEN)
        yield from unmet_at_end(closing, severe, orders, judged[-1].request_id)


def _on_demand(target: Target, item: Item, sent: Mapping[str, str], key: str) -> Reply:
    """The reply to a request that asks for a fault; of one that was cut, what the journal says."""
    reply = target.ask_for_a_cut(item.method, item.path, item.sent, sent)
    if reply.status:
        return reply
    latest = ControlClient(target.base_url, target.ask).call("GET", "/requests/latest", key)
    row = latest.json() if latest.status == 200 else {}
    row = row if isinstance(row, dict) else {}
    headers = {**latest.headers, "hakuna-mock-request": str(row.get("id", ""))}
    return Reply(0, headers, json.dumps({"event_id": row.get("event_id")}).encode())


def _not_expected(
    judged: Sequence[Judged], expected: Sequence[int | None], found: Sequence[Finding]
) -> list[Finding]:
    """Refusals that were not expected, and that no violation explains."""
    explained = {item.request_id for item in found if item.severity is Severity.VIOLATION}
    return [
        _refusal(item, status)
        for item, status in zip(judged, expected, strict=True)
        if item.event_id is None and item.status != status and item.request_id not in explained
    ]


def _refusal(judged: Judged, expected: int | None) -> Finding:
    check = CHECKS["reply-body" if judged.status == 200 else "reply-status"]
    actual = "200 without an event id" if judged.status == 200 else str(judged.status)
    reasons = f": {'; '.join(judged.messages)}" if judged.messages else ""
    meant = (
        "correct the event, the key or the server; where the refusal is meant, play a scenario "
        f'whose step says "expect": {{"status": {judged.status}}}'
    )
    return Finding(
        rule=check.id,
        severity=Severity.VIOLATION,
        basis=check.basis,
        pointer="",
        message=f"{judged.label}: expected {expected or 200}, got {actual}{reasons}",
        fix=check.fix if judged.status == 200 else meant,
        source=check.source,
        order_id=judged.order_id,
        event_id=None,
        request_id=judged.request_id,
    )


def _findings_of(judged: Sequence[Judged], target: Target, key: str) -> list[Finding]:
    """The findings that the server's control API has of these events."""
    ids = {item.request_id for item in judged} | {item.event_id for item in judged if item.event_id}
    try:
        rows = ControlClient(target.base_url, target.ask).rows("/findings", key)
        found = [finding_of(row) for row in rows]
    except ControlError as error:
        if error.reply.status == 401:  # a key that the server does not know has no world
            return []
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise TargetError(
            f"{target.base_url} lists findings without the documented fields "
            f"(GET {CONTROL}/findings): {error!r:.100}"
        ) from None
    return [item for item in found if item.request_id in ids or item.event_id in ids]
