"""Many clients at once on real sockets, each with connections of its own."""

import asyncio
import itertools
import json
import urllib.request
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from server_sockets import WireReply, replies_in, request

from contracts.scenarios.rule_examples import usual_headers

PATIENCE = 60.0
"""Seconds after which a silent server counts as hanging."""

_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Posted:
    """One event to be sent: under which API key, under which idempotency key."""

    body: Any
    key: str
    name: str

    @property
    def raw(self) -> bytes:
        changes = {**usual_headers(0, self.key), "Hakuna-Idempotency-Key": self.name}
        return request(self.body, changes=changes)


def posted(body: Any, key: str, name: str = "") -> Posted:
    """An event under an idempotency key of its own, where none is named."""
    return Posted(body, key, name or f"own-{next(_NUMBERS)}")


async def one_client(port: int, events: Iterable[Posted]) -> list[WireReply]:
    """Events one after the other on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    replies: list[WireReply] = []
    try:
        async with asyncio.timeout(PATIENCE):
            for event in events:
                writer.write(event.raw)
                heard = b""
                while not (found := replies_in(heard)):
                    chunk = await reader.read(65_536)
                    assert chunk, "the server closed the connection"
                    heard += chunk
                replies += found
    finally:
        writer.close()
        await writer.wait_closed()
    return replies


async def all_at_once(port: int, clients: Sequence[Sequence[Posted]]) -> list[list[WireReply]]:
    """What each client heard."""
    return await asyncio.gather(*(one_client(port, events) for events in clients))


def told(port: int, path: str, key: str = "") -> Any:
    """The JSON of a control call; a list is read to its end."""
    rows: list[Any] = []
    after = "0"
    while after:
        sign = "&" if "?" in path else "?"
        page = (
            f"{sign}limit=1000&after={after}" if path.startswith(("/events", "/req", "/f")) else ""
        )
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/_mock/v1{path}{page}")
        if key:
            asked.add_header("Authorization", f"Bearer {key}")
        with urllib.request.urlopen(asked, timeout=PATIENCE) as reply:
            found = json.load(reply)
            if not isinstance(found, list):
                return found
            rows += found
            after = reply.headers.get("Hakuna-Mock-Next") if page else None
    return rows
