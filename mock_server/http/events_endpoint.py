"""POST /sandbox/events, and every other path that is not ours: request in, judged reply out."""

import json

from aiohttp import web

from contracts.judging.replies import unavailable_body
from contracts.version import __version__
from contracts.worlds.journal import Headers
from mock_server.event_loop.turns import client_of
from mock_server.http.connection import Connection
from mock_server.http.delivery_player import deliver
from mock_server.http.judged import Judged
from mock_server.http.judging import judge_and_store
from mock_server.http.request_body import ClientGoneError, ReadBody, read_body
from mock_server.server_state import SERVER
from mock_server.store.protocol import StoreUnavailableError

RETRY_AFTER_SECONDS = 1
"""When to try again, as a reply says it where nothing could be stored."""


def header_lines(request: web.Request) -> Headers:
    """The header lines in the client's own spelling; aiohttp has one of its own for some names."""
    return tuple(
        (name.decode("utf-8", "surrogateescape"), value.decode("utf-8", "surrogateescape"))
        for name, value in request.raw_headers
    )


async def its_turn(request: web.Request) -> None:
    """Wait until it is the turn of the request's client; its body has been read, if it matters."""
    await request.app[SERVER].turns.wait(lambda: client_of(header_lines(request), request.protocol))


async def answer(request: web.Request) -> web.StreamResponse:
    """Judge any request outside /_mock, store what the verdict says, and answer it."""
    server = request.app[SERVER]
    judged = _taken(request)
    if judged is not None:
        return await deliver(request, judged.delivery, judged.verdict.key)
    try:
        body = await read_body(request, server.settings.max_body)
    except ClientGoneError:
        return web.Response(status=400)  # nobody is left to read it
    await its_turn(request)
    headers = header_lines(request)
    query = request.rel_url.raw_query_string if server.upstream else ""
    try:
        judged = await judge_and_store(server, request.method, request.path, headers, body, query)
    except StoreUnavailableError as error:
        return unavailable(error)
    reply = await deliver(request, judged.delivery, judged.verdict.key)
    if body.broken:
        reply.force_close()
    return reply


def _taken(request: web.Request) -> Judged | None:
    """What became of the request where its connection judged it already."""
    connection = request.protocol
    if not isinstance(connection, Connection):
        return None
    judged, connection.judged = connection.judged, None
    if isinstance(judged, Exception):
        raise judged
    return judged


async def answer_unexpected(request: web.Request, expected: str) -> web.StreamResponse:
    """The refusal of an `Expect` header other than 100-continue; the body is not read."""
    problem = f"the expectation {expected[:40]!r} cannot be met; only 100-continue can"
    headers = header_lines(request)
    body = ReadBody(b"", problem, broken=True)
    await its_turn(request)
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
    message = f"hakuna-mock cannot write its state, so nothing was stored: {error}; send it again"
    if error.in_doubt:
        message = (
            f"hakuna-mock lost its database while it stored this: {error}; send it again under the "
            "same idempotency key, which finds it where it was stored"
        )
    headers = {
        "Hakuna-Mock": __version__,
        "Content-Type": "application/json",
        "Retry-After": str(RETRY_AFTER_SECONDS),
    }
    body = json.dumps(unavailable_body(message), ensure_ascii=False).encode("utf-8", "replace")
    return web.Response(status=503, body=body, headers=headers)
