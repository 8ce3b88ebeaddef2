"""POST /sandbox/events, and every other path that is not ours: request in, judged reply out."""

import json
from collections.abc import Callable

from aiohttp import web

from contracts.http.credentials import Credentials, read_credentials
from contracts.http.idempotency import KEY_HEADER
from contracts.http.request import Request
from contracts.judging.judge import judge
from contracts.judging.replies import ENDPOINT, unavailable_body
from contracts.version import __version__
from contracts.worlds.effects import RequestRecorded
from contracts.worlds.journal import Headers
from contracts.worlds.world import World
from mock_server.http.delivery_player import deliver
from mock_server.http.judged import Arrived, Judged, decided
from mock_server.http.request_body import ClientGoneError, ReadBody, read_body
from mock_server.http.sent_on import send_on
from mock_server.server_state import SERVER, Server
from mock_server.store.protocol import Change, StoreUnavailableError

RETRY_AFTER_SECONDS = 1
"""When to try again, as a reply says it where nothing could be stored."""

PAGE_KEY = "sk_test_" + "sent_by_a_page"
"""Stands for the key of a world into which a page sends: only that world's id is known."""


async def answer(request: web.Request) -> web.StreamResponse:
    """Judge any request outside /_mock, store what the verdict says, and answer it."""
    server = request.app[SERVER]
    try:
        body = await read_body(request, server.settings.max_body)
    except ClientGoneError:
        return web.Response(status=400)  # nobody is left to read it
    headers = tuple(request.headers.items())
    query = request.rel_url.raw_query_string if server.upstream else ""
    try:
        judged = await judge_and_store(server, request.method, request.path, headers, body, query)
    except StoreUnavailableError as error:
        return unavailable(error)
    reply = await deliver(request, judged.delivery, judged.verdict.key)
    if body.broken:
        reply.force_close()
    return reply


async def answer_unexpected(request: web.Request, expected: str) -> web.StreamResponse:
    """The refusal of an `Expect` header other than 100-continue; the body is not read."""
    problem = f"the expectation {expected[:40]!r} cannot be met; only 100-continue can"
    headers = tuple(request.headers.items())
    body = ReadBody(b"", problem, broken=True)
    try:
        judged = await judge_and_store(
            request.app[SERVER], request.method, request.path, headers, body
        )
    except StoreUnavailableError as error:
        reply = unavailable(error)
        reply.force_close()
        return reply
    reply = await deliver(request, judged.delivery, judged.verdict.key)
    reply.force_close()
    return reply


def unavailable(error: StoreUnavailableError) -> web.StreamResponse:
    """The reply where nothing can be stored: the request was not judged, and can be sent again."""
    said = f"hakuna-mock cannot write its state, so nothing was stored: {error}; send it again"
    if error.in_doubt:
        said = (
            f"hakuna-mock lost its database while it stored this: {error}; send it again under the "
            "same idempotency key, which finds it where it was stored"
        )
    headers = {
        "Hakuna-Mock": __version__,
        "Content-Type": "application/json",
        "Retry-After": str(RETRY_AFTER_SECONDS),
    }
    body = json.dumps(unavailable_body(said), ensure_ascii=False).encode("utf-8", "replace")
    return web.Response(status=503, body=body, headers=headers)


async def judge_and_store(
    server: Server, method: str, path: str, headers: Headers, body: ReadBody, query: str = ""
) -> Judged:
    """The verdict on a request, its effects stored, journalled and logged.

    Behind a proxy an event is sent on first, and the provider's reply is delivered.
    """
    arrived = Arrived.now(server, method, path, headers, body, query)
    credentials = read_credentials(arrived.unnumbered, server.settings.policy)
    judged: Judged | None = None
    if server.upstream and method == "POST" and path == ENDPOINT and not body.problem:
        judged = await send_on(server, server.upstream, arrived, credentials)
    if judged is None:
        decide = _decision(arrived, credentials)
        judged = await decided(server, arrived, credentials.key, decide)
    return _told(server, judged)


async def judge_in_world(server: Server, world_id: str, body: bytes) -> Judged:
    """The same for an event that a page sends into a world whose key nobody here knows.

    It is never sent on to an upstream.
    """
    headers = (
        ("Authorization", f"Bearer {PAGE_KEY}"),
        ("Content-Type", "application/json"),
        ("Hakuna-Version", "v2.0"),
        (KEY_HEADER, f"inspector-{server.instance}-{server.latest_seq + 1}"),
        ("User-Agent", "hakuna-mock inspector"),
    )
    arrived = Arrived.now(server, "POST", ENDPOINT, headers, ReadBody(body))
    decide = _decision(arrived, Credentials(key=PAGE_KEY))
    judged = await server.store.change(
        world_id, lambda world: decide(arrived.request(server, world), world)
    )
    return _told(server, judged)


def _decision(
    arrived: Arrived, credentials: Credentials
) -> Callable[[Request, World], Change[Judged]]:
    """What the store of a world decides about a request, when its turn comes."""

    def decide(request: Request, world: World) -> Change[Judged]:
        verdict = judge(request, world, world.policy, credentials)
        delivery = verdict.delivery
        judged = Judged(verdict, delivery, arrived.entry(request, verdict, delivery))
        return Change(judged, (*verdict.effects, RequestRecorded(judged.entry)))

    return decide


def _told(server: Server, judged: Judged) -> Judged:
    """A request that was stored is announced and logged."""
    server.announce()
    verdict = judged.verdict
    server.count(verdict, judged.entry)
    event_type = verdict.named_type if verdict.fault else verdict.event_type
    server.log(judged.entry, event_type, verdict.order_id)
    return judged
