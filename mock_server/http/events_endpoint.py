"""POST /sandbox/events, and every other path that is not ours: request in, judged reply out."""

import time
from dataclasses import replace

from aiohttp import web

from contracts.http.credentials import mask_keys
from contracts.http.request import Request
from contracts.judging.judge import Address, Verdict, World, address, judge
from contracts.judging.policy import Policy
from mock_server.http.delivery_player import play, reply_of
from mock_server.http.request_body import ClientGoneError, ReadBody, read_body
from mock_server.server_state import SERVER, Server
from mock_server.store.journal import Entry, Headers, kept_body, masked_headers
from mock_server.store.memory import world_id_of
from mock_server.store.protocol import Arrived


async def answer(request: web.Request) -> web.StreamResponse:
    """Judge any request outside /_mock, commit what the verdict says, and answer it."""
    server = request.app[SERVER]
    try:
        body = await read_body(request, server.settings.max_body)
    except ClientGoneError:
        return web.Response(status=400)  # nobody is left to read it
    headers = tuple(request.headers.items())
    verdict, entry = await judge_and_keep(server, request.method, request.path, headers, body)
    reply = await _reply(request, verdict, entry)
    if body.broken:
        reply.force_close()
    return reply


async def answer_unexpected(request: web.Request, expected: str) -> web.StreamResponse:
    """The refusal of an `Expect` header other than 100-continue; the body is not read."""
    said = f"the expectation {expected[:40]!r} cannot be met; only 100-continue can"
    headers = tuple(request.headers.items())
    body = ReadBody(b"", said, broken=True)
    verdict, entry = await judge_and_keep(
        request.app[SERVER], request.method, request.path, headers, body
    )
    reply = await _reply(request, verdict, entry)
    reply.force_close()
    return reply


async def _reply(request: web.Request, verdict: Verdict, entry: Entry) -> web.StreamResponse:
    if verdict.fault:
        return await play(request, verdict, entry)
    return web.Response(body=entry.reply_body, status=entry.status, headers=entry.reply_headers)


async def judge_and_keep(
    server: Server, method: str, path: str, headers: Headers, body: ReadBody
) -> tuple[Verdict, Entry]:
    """The verdict on a request, committed, and its entry, journalled and logged."""
    started = time.perf_counter()
    seq = server.next_seq()
    machine = server.clock()
    question = Request(
        method=method,
        path=path,
        headers=headers,
        body=body.data,
        received_at=machine,
        event_id=server.new_event_id(),
        request_id=f"req-{seq}",
        problem=body.problem,
        steady=server.steady(),
        dice=server.dice(),
    )
    sender = address(question, server.settings.policy)
    clock = (await server.store.policy(world_id_of(sender.key) if sender.key else None)).clock
    if clock.time(machine) != machine:
        question = replace(question, received_at=clock.time(machine))
    arrived = Arrived(seq, question.received_at, kept_body(body.data))
    verdict = await _decide(server, question, sender, arrived)
    entry = _entry(question, seq, verdict, started)
    await server.store.journal(verdict.key, entry)
    server.announce()
    kind = verdict.named_type if verdict.fault else verdict.event_type
    server.log(entry, kind, verdict.order_id)
    return verdict, entry


async def _decide(server: Server, question: Request, sender: Address, arrived: Arrived) -> Verdict:
    def decide(world: World, policy: Policy) -> Verdict:
        return judge(question, world, policy)

    return await server.store.decide(sender, arrived, decide)


def _entry(question: Request, seq: int, verdict: Verdict, started: float) -> Entry:
    body, headers = reply_of(verdict)
    return Entry(
        seq=seq,
        id=question.request_id,
        received_at=question.received_at,
        method=question.method[:40],
        path=mask_keys(question.path),
        headers=masked_headers(question.headers),
        body=kept_body(question.body),
        status=verdict.status,
        reply_headers=headers,
        reply_body=body,
        findings=verdict.findings,
        event_id=verdict.event_id,
        replayed=verdict.replayed,
        duration_ms=(time.perf_counter() - started) * 1000,
        fault=verdict.fault.effect.name if verdict.fault else None,
    )
