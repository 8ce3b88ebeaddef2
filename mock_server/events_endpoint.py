"""POST /sandbox/events, and every other path that is not ours: request in, judged reply out."""

import json
import time

from aiohttp import web

from contracts.credentials import mask_keys
from contracts.instant import Instant
from contracts.judge import Verdict, World, address, judge
from contracts.policy import Policy
from contracts.request import Request
from mock_server.body import ClientGoneError, ReadBody, read_body
from mock_server.journal import Entry, Headers, kept_body, masked_headers
from mock_server.keys import SERVER, Server
from mock_server.store import Arrived


async def answer(request: web.Request) -> web.StreamResponse:
    """Judge any request outside /_mock, commit what the verdict says, and answer it."""
    server = request.app[SERVER]
    try:
        body = await read_body(request, server.settings.max_body)
    except ClientGoneError:
        return web.Response(status=400)  # nobody is left to read it
    headers = tuple(request.headers.items())
    reply = await answer_bytes(server, request.method, request.path, headers, body)
    if body.broken:
        reply.force_close()
    return reply


async def answer_unexpected(request: web.Request, expected: str) -> web.StreamResponse:
    """The refusal of an `Expect` header other than 100-continue; the body is not read."""
    said = f"the expectation {expected[:40]!r} cannot be met; only 100-continue can"
    headers = tuple(request.headers.items())
    body = ReadBody(b"", said, broken=True)
    reply = await answer_bytes(request.app[SERVER], request.method, request.path, headers, body)
    reply.force_close()
    return reply


async def answer_bytes(
    server: Server, method: str, path: str, headers: Headers, body: ReadBody
) -> web.Response:
    """The reply to a request in plain values; it is journalled and logged."""
    verdict, entry = await judge_and_keep(server, method, path, headers, body)
    return web.Response(
        body=entry.reply_body,
        status=verdict.status,
        headers=[*verdict.headers, ("Content-Type", "application/json")],
    )


async def judge_and_keep(
    server: Server, method: str, path: str, headers: Headers, body: ReadBody
) -> tuple[Verdict, Entry]:
    """The verdict on a request, committed, and its entry, journalled and logged."""
    started = time.perf_counter()
    seq = server.next_seq()
    received_at = server.clock()
    question = Request(
        method=method,
        path=path,
        headers=headers,
        body=body.data,
        received_at=received_at,
        event_id=server.new_event_id(),
        request_id=f"req-{seq}",
        problem=body.problem,
    )
    verdict = await _decide(server, question, Arrived(seq, received_at, kept_body(body.data)))
    entry = _entry(question, seq, received_at, verdict, started)
    await server.store.journal(verdict.key, entry)
    server.announce()
    server.log(entry, verdict.event_type, verdict.order_id)
    return verdict, entry


async def _decide(server: Server, question: Request, arrived: Arrived) -> Verdict:
    def decide(world: World, policy: Policy) -> Verdict:
        return judge(question, world, policy)

    return await server.store.decide(address(question, server.settings.policy), arrived, decide)


def _entry(
    question: Request,
    seq: int,
    received_at: Instant,
    verdict: Verdict,
    started: float,
) -> Entry:
    return Entry(
        seq=seq,
        id=question.request_id,
        received_at=received_at,
        method=question.method[:40],
        path=mask_keys(question.path),
        headers=masked_headers(question.headers),
        body=kept_body(question.body),
        status=verdict.status,
        reply_headers=verdict.headers,
        reply_body=json.dumps(verdict.body, ensure_ascii=False).encode("utf-8", "replace"),
        findings=verdict.findings,
        event_id=verdict.event_id,
        replayed=verdict.replayed,
        duration_ms=(time.perf_counter() - started) * 1000,
    )
