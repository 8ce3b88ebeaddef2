"""Judging a sequence of events: offline with the pure core, or by sending them to a server."""

import json
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from operator import itemgetter
from typing import Any

import click

from contracts.faults.fault import FAULT_HEADER
from contracts.findings.finding import OFF, Basis, Finding, Related, Severity, State
from contracts.http.request import Request
from contracts.json_text.parser import Document, parse
from contracts.json_text.positions import excerpt
from contracts.judging.coverage import merged
from contracts.judging.judge import judge
from contracts.judging.policy import Enforcement, Policy
from contracts.judging.replies import ENDPOINT
from contracts.judging.session import Session
from contracts.judging.world import World
from contracts.rules import RULES
from contracts.scenarios.format import FIRST_KEY, FreshKeys, StepExpectation
from contracts.scenarios.rule_examples import usual_headers
from contracts.suggestions import hint
from fuzz.checks.catalogue import CHECKS
from fuzz.client.control_client import CONTROL, ControlClient, ControlError
from fuzz.client.http_client import Reply, Target, TargetError
from hakuna_mock.reports.model import Judged, Report, Source
from hakuna_mock.runs.orders_seen import OrdersNoted

MOST_CLEAN = 10_000
"""Up to this event the ones without findings are kept for the report, too."""


@dataclass(frozen=True)
class Item:
    """One request to judge: where its event stands, how it is called, and its bytes.

    `headers` None stands for those of a client that does everything right; `key` names the world.
    `expect` is what was answered when it was recorded, where that is known.
    """

    source: Source
    label: str
    body: bytes
    headers: Mapping[str, str] | None = None
    key: str = FIRST_KEY
    expect: StepExpectation = field(default_factory=StepExpectation)
    method: str = "POST"
    path: str = ENDPOINT


def item_of(source: Source, label: str) -> Item:
    """An item for an event, as it stands in its file: repeated keys and all."""
    return Item(source, label, excerpt(source.text, source.pointer).encode())


def policy_of(enforcement: str, select: Sequence[str] = (), ignore: Sequence[str] = ()) -> Policy:
    """The policy of a run; a usage error for a rule that does not exist."""
    for rule in (*select, *ignore):
        if rule not in RULES:
            more = hint(rule, RULES, "hakuna-mock rules lists them")
            raise click.UsageError(f"there is no rule {rule!r}{more}")
    off = {rule for rule in RULES if select and rule not in select} | set(ignore)
    return Policy(Enforcement(enforcement), levels=dict.fromkeys(sorted(off), OFF))


def judge_offline(items: Iterable[Item], policy: Policy) -> Report:
    """The findings of the events, as if they had been sent one after the other.

    Of a long run only events with findings are kept, so that memory stays bounded.
    """
    sessions: dict[str, Session] = {}
    positions = count(1)
    # Requests without a good key belong to no world; their findings are listed with the others.
    no_world = Session(World(policy, keeps_events=False), positions)
    judged: list[Judged] = []
    orders: set[str | None] = set()
    seen = OrdersNoted()
    number = monotonic_ns = 0
    for number, item in enumerate(items, start=1):
        request = Request(
            item.method,
            item.path,
            tuple((item.headers or usual_headers(number)).items()),
            item.body,
            time.time_ns(),
            f"evt-00000000-0000-4000-8000-{number:012}",
            f"event-{number}",
            steady=monotonic_ns,
            seq=number,
        )
        session = sessions.get(item.key)
        if session is None:
            world = World(policy, keeps_events=False)
            session = sessions[item.key] = Session(world, positions)
        verdict = judge(request, session.world, policy)
        (session if verdict.key else no_world).apply(verdict.effects)
        monotonic_ns += verdict.delay
        seen.note(item.key, verdict)
        orders.add(verdict.order_id)
        if number > MOST_CLEAN and not verdict.findings:
            continue
        judged.append(
            Judged(
                number,
                item.source,
                item.label,
                verdict.status or 0,
                verdict.event_id,
                request.request_id,
                verdict.event_type,
                verdict.order_id,
                _said(verdict.body),
                item.key,
            )
        )
    worlds = [no_world.world, *(session.world for session in sessions.values())]
    found = [row for world in worlds for row in world.findings.rows]
    return Report(
        judged,
        [finding for _, finding in sorted(found, key=itemgetter(0))],
        events=number,
        orders=len(orders - {None}),
        coverage=merged(world.coverage for world in worlds).to_json(),
        orders_seen=seen.orders({key: one.world for key, one in sessions.items()}),
    )


def judge_by_server(items: Iterable[Item], target: Target, keys: Mapping[str, str]) -> Report:
    """Send the events to a server, and read the findings back where it is a hakuna-mock.

    A refusal that its item did not expect, and that no finding explains, is a finding of its own.
    `keys` maps key names to API keys; idempotency keys are made anew, so that a later run is one.
    """
    judged: list[Judged] = []
    expected: list[int | None] = []
    broke: str | None = None
    is_mock = False
    fresh = FreshKeys(lambda: str(uuid.uuid4()))
    for number, item in enumerate(items, start=1):
        headers = item.headers or usual_headers(number, keys[item.key])
        sent = fresh.headers(item.key, headers)
        try:
            on_demand = FAULT_HEADER in sent or b"--mock-" in item.body
            if on_demand:
                reply = _on_demand(target, item, sent, keys[item.key])
            else:
                reply = target.ask(item.method, item.path, item.body, sent)
        except TargetError as error:
            if not judged:
                raise
            broke = f"{error} (event {number}, {item.label})"
            break
        is_mock = "hakuna-mock" in reply.headers
        body = reply.json()
        event_id = body.get("event_id") if isinstance(body, dict) else None
        document = parse(item.body)
        event = document.value if isinstance(document, Document) else None
        event = event if isinstance(event, dict) else {}
        payload = event.get("payload")
        expected.append(reply.status if on_demand else item.expect.status)
        judged.append(
            Judged(
                number,
                item.source,
                item.label,
                reply.status,
                event_id if isinstance(event_id, str) else None,
                reply.headers.get("hakuna-mock-request", f"event-{number}"),
                event.get("type") if isinstance(event.get("type"), str) else None,
                payload.get("order_id") if isinstance(payload, dict) else None,
                _said(body),
                item.key,
            )
        )
    found: list[Finding] = []
    if is_mock and broke is None:
        try:
            found = [one for key in keys.values() for one in _findings_of(judged, target, key)]
        except TargetError as error:
            broke = str(error)
    found += _not_expected(judged, expected, found)
    orders = {one.order_id for one in judged}
    refused = sum(one.event_id is None for one in judged)
    blind = f"{target.base_url} is no hakuna-mock: it shows no findings"
    return Report(
        judged,
        found,
        target.base_url,
        events=len(judged),
        orders=len(orders - {None}),
        notes=[] if is_mock else [blind, f"{refused} of {len(judged)} got no event id"],
        about={"broke": broke},
    )


def _on_demand(target: Target, item: Item, sent: Mapping[str, str], key: str) -> Reply:
    """The reply to a request that asks for a fault; of one that was cut, what the journal says."""
    reply = target.ask_for_a_cut(item.method, item.path, item.body, sent)
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
    """What was not taken, though nothing said so before and no violation says so now."""
    explained = {one.request_id for one in found if one.severity is Severity.VIOLATION}
    return [
        _refusal(one, status)
        for one, status in zip(judged, expected, strict=True)
        if one.event_id is None and one.status != status and one.request_id not in explained
    ]


def _refusal(one: Judged, expected: int | None) -> Finding:
    check = CHECKS["reply-body" if one.status == 200 else "reply-status"]
    got = "200 without an event id" if one.status == 200 else str(one.status)
    said = f": {'; '.join(one.said)}" if one.said else ""
    meant = (
        "correct the event, the key or the server; where the refusal is meant, play a scenario "
        f'whose step says "expect": {{"status": {one.status}}}'
    )
    return Finding(
        rule=check.id,
        severity=Severity.VIOLATION,
        basis=check.basis,
        pointer="",
        message=f"{one.label}: expected {expected or 200}, got {got}{said}",
        fix=check.fix if one.status == 200 else meant,
        source=check.source,
        order_id=one.order_id,
        event_id=None,
        request_id=one.request_id,
    )


def _findings_of(judged: Sequence[Judged], target: Target, key: str) -> list[Finding]:
    """The findings that the server's control API has of these events."""
    ids = {one.request_id for one in judged} | {one.event_id for one in judged if one.event_id}
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
    return [one for one in found if one.request_id in ids or one.event_id in ids]


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
