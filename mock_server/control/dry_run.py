"""POST /check: what would the mock say? The world stays as it was."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aiohttp import web

from contracts.http.idempotency import KEY_HEADER
from contracts.http.request import Request
from contracts.judging.replies import ENDPOINT
from contracts.judging.session import Session
from contracts.judging.verdict import Verdict
from contracts.scenarios.rule_examples import usual_headers
from contracts.worlds.policy import Policy
from mock_server.control.responses import (
    ControlError,
    Handler,
    answered,
    json_body,
    known_parameters,
)
from mock_server.control.what_if import check_replaced
from mock_server.control.world_scope import scope_of
from mock_server.server_state import SERVER, Server
from mock_server.store.protocol import Change
from mock_server.store.worker_thread import LARGE_BODY

MAX_EVENTS = 1000
"""Events of one call."""


async def check(request: web.Request) -> web.Response:
    """Judge an event, `{"headers"?, "body"}`, or a list of either, one after the other.

    `{"replace": EVENT_ID, "body", "headers"?}` judges the whole story of that event's order again
    with this event replaced; the findings of all its events are in `story`.
    """
    known_parameters(request)
    asked = await json_body(request)
    if isinstance(asked, dict) and "replace" in asked and "type" not in asked:
        return answered(await check_replaced(request, asked))
    world_id = await scope_of(request)
    if isinstance(asked, list) and len(asked) > MAX_EVENTS:
        message = f"{len(asked)} events are too many at once; send {MAX_EVENTS} at most"
        raise ControlError(400, message)
    items = asked if isinstance(asked, list) else [asked]
    questions = [_request_in(item, number) for number, item in enumerate(items)]
    verdicts = await dry_run(request.app[SERVER], world_id, questions)
    shown = [describe_verdict(verdict) for verdict in verdicts]
    return answered(shown if isinstance(asked, list) else shown[0])


async def dry_run(
    server: Server, world_id: str | None, questions: Sequence[tuple[dict[str, str] | None, bytes]]
) -> list[Verdict]:
    """The verdicts on requests (headers and body), each after the others, in a world that stays as
    it was. Without headers of its own a body is judged as if a good client had sent it.
    """
    session = Session((await server.store.read()).dry_world(world_id))
    policy = session.world.policy
    # How a key is sent is nobody's mistake where we send it ourselves.
    good_client = replace(policy, auth=Policy().auth, api_keys=Policy().api_keys, outage=None)
    now = await server.now(world_id)
    verdicts = []
    for number, (headers, body) in enumerate(questions):
        session.world.policy = policy if headers is not None else good_client
        request = Request(
            "POST",
            ENDPOINT,
            tuple((_good_client(number) if headers is None else headers).items()),
            body,
            now.at,
            f"evt-00000000-0000-4000-8000-{number:012}",
            f"check-{number}",
            monotonic_ns=now.monotonic_ns,
        )
        if len(questions) == 1 and len(body) < LARGE_BODY:
            return [session.judge(request)]
        verdicts.append(await _judged_aside(server, world_id, session, request))
    return verdicts


async def _judged_aside(
    server: Server, world_id: str | None, session: Session, request: Request
) -> Verdict:
    """One verdict; others are served meanwhile, and the world below is not changed."""
    known = world_id if world_id and (await server.store.read()).knows(world_id) else None
    return await server.store.change(
        known, lambda _: Change(session.judge(request), ()), server.worker.run
    )


def _good_client(number: int) -> dict[str, str]:
    """Headers of a client that does everything right, under an idempotency key nobody uses."""
    return {**usual_headers(number), KEY_HEADER: f"hakuna-mock-check-{number}"}


def _request_in(item: Any, number: int) -> tuple[dict[str, str] | None, bytes]:
    """The headers and the body that an item of the question stands for."""
    if not isinstance(item, dict) or "body" not in item or "type" in item:
        return None, json.dumps(item).encode()
    headers = item.get("headers")
    unknown = [name for name in item if name not in ("headers", "body")]
    if unknown or not (headers is None or _is_headers(headers)):
        place = f"/{number}" if number else ""
        message = f'{place or "/"}: send an event, or {{"headers"?: {{name: text}}, "body": event}}'
        raise ControlError(400, message)
    return headers, json.dumps(item["body"]).encode()


def _is_headers(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def describe_verdict(verdict: Verdict) -> dict[str, Any]:
    """A verdict as JSON; findings of events that it released are among the others."""
    findings = verdict.findings + verdict.later_findings
    return {
        "status": verdict.status or 0,
        "body": verdict.body,
        "findings": [finding.to_json() for finding in findings],
    }


ROUTES: tuple[tuple[str, str, Handler], ...] = (("POST", "/check", check),)
