"""The mock behind aiohttp's test client, and the words in which the server room's tests speak.

mock = Mock(await aiohttp_client(create_app(Settings())))
await mock.play("P{d:1, p:1>d} F{d:1} R{d:1}@5")
assert await mock.open_rules() == ["refund-missing-protection"]
"""

import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp.test_utils import TestClient
from yarl import URL

from contracts.judging.replies import ENDPOINT
from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies

CONTROL = "/_mock/v1"
KEY = "sk_test_" + "alice0000shop"
OTHER_KEY = "sk_test_" + "bobby0000shop"
LIVE_KEY = "sk_" + "live_" + "Zx81Kq77Pm20Wv63"
EVENT_ID = re.compile(r"evt-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

LISTS = ("/events", "/requests", "/orders", "/findings")
NOUNS = (*LISTS, "/worlds", "/verdict", "/settings")


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def event_id(self) -> str:
        """The id of the accepted event; the documented body holds nothing else."""
        assert self.status == 200, self.body
        assert list(self.json) == ["event_id"]
        return self.json["event_id"]

    @property
    def rules(self) -> list[str]:
        """The rules of the Findings header, in its order."""
        return [item for item in self.headers.get("Hakuna-Mock-Findings", "").split(",") if item]

    @property
    def code(self) -> str:
        """The error code of a refusal."""
        return self.json["error"]["error_code"]

    @property
    def errors(self) -> list[str]:
        """The texts of a refusal."""
        return self.json["error"]["validation_errors"]

    @property
    def said(self) -> str:
        """The message of a control call that went wrong."""
        return self.json["error"]["message"]

    @property
    def counts(self) -> tuple[int, int]:
        """Total and evicted rows of a list."""
        return int(self.headers["Hakuna-Mock-Total"]), int(self.headers["Hakuna-Mock-Evicted"])


class Mock:
    """A running mock, asked over HTTP. Without other word requests are a good client's."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self._numbers = itertools.count(1)

    async def ask(
        self, method: str, path: str, headers: Mapping[str, str | None], data: bytes | None = None
    ) -> Reply:
        sent = {name: value for name, value in headers.items() if value is not None}
        skip = ("Content-Type", "User-Agent", "Accept", "Accept-Encoding")
        async with self.client.request(
            method,
            URL(path, encoded=True),
            headers=sent,
            data=data,
            skip_auto_headers=skip,
            allow_redirects=False,
        ) as response:
            return Reply(response.status, response.headers, await response.read())

    async def send(
        self,
        body: Any,
        *,
        key: str = KEY,
        changes: Mapping[str, str | None] | None = None,
        method: str = "POST",
        path: str = ENDPOINT,
    ) -> Reply:
        """One event; `changes` are made to the usual headers (None leaves one out)."""
        headers = {**usual_headers(next(self._numbers), key), **(changes or {})}
        return await self.ask(method, path, headers, encoded(body))

    async def play(self, shorthand: str, *, key: str = KEY) -> list[Reply]:
        """The events of a shorthand text, one after the other."""
        return [await self.send(body, key=key) for body in bodies(shorthand)]

    async def control(
        self,
        path: str,
        *,
        key: str | None = None,
        method: str = "GET",
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """A call of the control API."""
        sent = {**({"Authorization": f"Bearer {key}"} if key else {}), **(headers or {})}
        data = None if body is None else encoded(body)
        return await self.ask(method, CONTROL + path, sent, data)

    async def get(self, path: str, *, key: str | None = None) -> Any:
        """The JSON of a control call that must work."""
        reply = await self.control(path, key=key)
        assert reply.status == 200, (path, reply.body)
        return reply.json

    async def put_settings(self, settings: Any, *, key: str | None = None) -> Any:
        """Settings that must be accepted; the whole comes back."""
        reply = await self.control("/settings", method="PUT", body=settings, key=key)
        assert reply.status == 200, reply.body
        return reply.json

    async def reset(self, *, key: str | None = None) -> None:
        assert (await self.control("/reset", method="POST", key=key)).status == 200

    async def world_id(self, key: str) -> str:
        """The public name of a key's world."""
        (row,) = await self.get("/worlds", key=key)
        return row["id"]

    async def open_rules(self, *, key: str | None = None) -> list[str]:
        """The rules of open findings, sorted."""
        return sorted(item["rule"] for item in await self.get("/findings?state=open", key=key))

    async def everything(self, *but: str) -> dict[str, Any]:
        """All that the control API tells, with the counts; `but` names calls to leave out."""
        told = {}
        for path in NOUNS:
            if path not in but:
                asked = f"{path}?limit=1000" if path in LISTS else path
                reply = await self.control(asked)
                counts = reply.counts if path in LISTS else None
                told[path] = (reply.status, reply.json, counts)
        return told


def encoded(body: Any) -> bytes:
    """A body as it travels: bytes as they are, text in UTF-8, anything else as JSON."""
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def event(shorthand: str) -> dict[str, Any]:
    """The last event of a shorthand text, as a body."""
    return bodies(shorthand)[-1]
