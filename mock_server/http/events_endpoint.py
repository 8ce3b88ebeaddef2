"""POST /sandbox/events, and every other path that is not ours: request in, judged reply out."""

import time
from dataclasses import dataclass

from aiohttp import web

from contracts.http.credentials import mask_keys, read_credentials, without_live_keys
from contracts.http.request import Request
from contracts.judging.delivery import Delivery, Send
from contracts.judging.judge import judge
from contracts.judging.verdict import Verdict
from contracts.worlds.effects import RequestRecorded
from contracts.worlds.journal import Entry, Headers, masked_headers
from contracts.worlds.world import World
from mock_server.http.delivery_player import deliver
from mock_server.http.request_body import ClientGoneError, ReadBody, read_body
from mock_server.server_state import SERVER, Server
from mock_server.store.protocol import Change
from mock_server.store.worker_thread import LARGE_BODY


@dataclass(frozen=True, slots=True)
class Judged:
    """A request that was judged and stored: the verdict, how the reply leaves, its entry."""

    verdict: Verdict
    delivery: Delivery
    entry: Entry


async def answer(request: web.Request) -> web.StreamResponse:
    """Judge any request outside /_mock, store what the verdict says, and answer it."""
    server = request.app[SERVER]
    try:
        body = await read_body(request, server.settings.max_body)
    except ClientGoneError:
        return web.Response(status=400)  # nobody is left to read it
    headers = tuple(request.headers.items())
    judged = await judge_and_store(server, request.method, request.path, headers, body)
    reply = await deliver(request, judged.delivery, judged.verdict.key)
    if body.broken:
        reply.force_close()
    return reply


async def answer_unexpected(request: web.Request, expected: str) -> web.StreamResponse:
    """The refusal of an `Expect` header other than 100-continue; the body is not read."""
    problem = f"the expectation {expected[:40]!r} cannot be met; only 100-continue can"
    headers = tuple(request.headers.items())
    body = ReadBody(b"", problem, broken=True)
    judged = await judge_and_store(request.app[SERVER], request.method, request.path, headers, body)
    reply = await deliver(request, judged.delivery, judged.verdict.key)
    reply.force_close()
    return reply


async def judge_and_store(
    server: Server, method: str, path: str, headers: Headers, body: ReadBody
) -> Judged:
    """The verdict on a request, its effects stored, journalled and logged."""
    started = time.perf_counter()
    asked = Request(method, path, headers, body.data, 0, "", "", problem=body.problem)
    credentials = read_credentials(asked, server.settings.policy)

    is_large = len(body.data) >= LARGE_BODY
    seqs: list[int] = []

    def decide(world: World) -> Change[Judged]:
        seq = server.next_seq(in_work=is_large)
        seqs.append(seq)
        request = Request(
            method=method,
            path=path,
            headers=headers,
            body=body.data,
            received_at=world.policy.clock.time(server.clock()),
            event_id=server.new_event_id(),
            request_id=f"req-{seq}",
            problem=body.problem,
            monotonic_ns=server.monotonic_ns(),
            random_unit=server.random_unit(),
            seq=seq,
        )
        verdict = judge(request, world, world.policy, credentials)
        delivery = verdict.delivery
        judged = Judged(verdict, delivery, _entry(request, verdict, delivery, started))
        return Change(judged, (*verdict.effects, RequestRecorded(judged.entry)))

    try:
        aside = server.worker.run if is_large else None
        judged = await server.store.change_key(credentials.key, decide, aside)
    finally:
        server.in_work.difference_update(seqs)
    server.announce()
    verdict = judged.verdict
    server.count(verdict, judged.entry)
    event_type = verdict.named_type if verdict.fault else verdict.event_type
    server.log(judged.entry, event_type, verdict.order_id)
    return judged


def _entry(request: Request, verdict: Verdict, delivery: Delivery, started: float) -> Entry:
    sent = delivery if isinstance(delivery, Send) else None
    return Entry(
        seq=request.seq,
        id=request.request_id,
        received_at=request.received_at,
        method=request.method[:40],
        path=mask_keys(request.path),
        headers=masked_headers(request.headers),
        body=without_live_keys(request.body),
        status=sent.status if sent else None,
        reply_headers=sent.headers if sent else (),
        reply_body=sent.body if sent else b"",
        findings=verdict.findings,
        event_id=verdict.event_id,
        replayed=verdict.replayed,
        duration_ms=(time.perf_counter() - started) * 1000,
        fault=verdict.fault.effect.name if verdict.fault else None,
    )
