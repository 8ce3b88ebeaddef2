"""The reply to what never became a request, and its entry in the journal of no world."""

import json
import secrets
from contextlib import suppress
from dataclasses import replace

from aiohttp import web

from contracts.http.error_code import ErrorCode
from contracts.judging.replies import base_headers, error_body
from contracts.worlds.effects import RequestRecorded
from contracts.worlds.journal import Entry
from contracts.worlds.world import World
from mock_server.server_state import Server
from mock_server.store.protocol import Change, StoreUnavailableError


def closing_reply(server: Server, status: int, said: str) -> web.Response:
    """A reply after which the connection ends; it is kept in the background, for aiohttp does not
    wait for it.
    """
    # Other processes number their requests, too: there it gets one when it is stored.
    shared = server.store.shared
    seq = 0 if shared else server.next_seq()
    name = f"req-{secrets.token_hex(6)}" if shared else f"req-{seq}"
    document = error_body(ErrorCode.INVALID, [said])
    body = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    headers = (*base_headers(name), ("Content-Type", "application/json"))
    entry = Entry(
        seq=seq,
        id=name,
        received_at=server.settings.policy.clock.time(server.clock()),
        method="",
        path="",
        headers=(),
        body=b"",
        status=status,
        reply_headers=headers,
        reply_body=body,
        findings=(),
        event_id=None,
        replayed=False,
        duration_ms=0.0,
    )
    server.in_background(_keep(server, entry))
    server.log(entry, None, None)
    reply = web.Response(body=body, status=status, headers=headers)
    reply.force_close()
    return reply


async def _keep(server: Server, entry: Entry) -> None:
    def decide(_: World) -> Change[None]:
        kept = entry if entry.seq else replace(entry, seq=server.next_seq())
        return Change(None, (RequestRecorded(kept),))

    with suppress(StoreUnavailableError):  # it was answered without being judged
        await server.store.change_key(None, decide)
        server.announce()
