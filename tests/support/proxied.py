"""A proxy in front of any address, in the event loop of the test that asks it."""

import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
from yarl import URL

from contracts.judging.replies import ENDPOINT
from contracts.scenarios.rule_examples import usual_headers
from mock_server.app import create_app
from mock_server.proxy.address import Address
from mock_server.proxy.upstream import Upstream
from mock_server.serving import listening
from mock_server.settings import Settings

KEY = "sk_test_" + "proxied0shop9876"


class Proxied:
    """What a shop and its developer see of a proxy."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session
        self.sent = 0

    async def post(
        self, body: Any, changes: Mapping[str, str | None] | None = None, query: str = ""
    ) -> "Reply":
        """Post an event as a good client, but for these headers."""
        self.sent += 1
        given = {**usual_headers(self.sent, KEY), **(changes or {})}
        headers = {name: value for name, value in given.items() if value is not None}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self.session.post(
            URL(self.url + ENDPOINT + query, encoded=True),
            data=data,
            headers=headers,
            allow_redirects=False,
        ) as reply:
            return Reply(reply.status, reply.headers.copy(), await reply.read())

    async def get(self, path: str) -> Any:
        """The JSON of the control API, in the world of the shop's key."""
        headers = {"Authorization": f"Bearer {KEY}"}
        async with self.session.get(self.url + "/_mock/v1" + path, headers=headers) as reply:
            assert reply.status == 200, await reply.text()
            return await reply.json()

    async def refuted(self) -> set[str]:
        """The ids of the assumptions that the provider refuted."""
        rows = (await self.get("/drift"))["assumptions"]
        return {row["id"] for row in rows if row["state"] == "refuted"}


class Reply:
    """What came back."""

    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@contextlib.asynccontextmanager
async def proxied(
    upstream: str, *, time_limit: float = 5.0, key: str | None = None, **settings: Any
) -> AsyncIterator[Proxied]:
    """A proxy in front of that address."""
    behind = Upstream(Address(upstream), time_limit=time_limit, key=key)
    app = create_app(Settings(port=0, **settings), upstream=behind)
    session = aiohttp.ClientSession(auto_decompress=False)
    async with listening(app) as here, session:
        yield Proxied(here.url, session)
