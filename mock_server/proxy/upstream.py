"""Sending a request on to the provider: one request out, one reply or a reason in.

Nothing is repeated, no redirect is followed, nothing is decompressed, and no cookie is kept: the
provider sees what the client sent, once.
"""

import os
import ssl
import time
from collections.abc import Iterable

import aiohttp
from aiohttp import hdrs
from multidict import CIMultiDict
from yarl import URL

from contracts.drift.exchange import Headers, ProviderReply
from contracts.http.credentials import mask_keys
from contracts.judging.shadow import is_sent_on
from contracts.printable import printable
from mock_server.proxy.address import Address

MAX_REPLY = 1024 * 1024
"""Bytes of a reply; the documented ones have a hundred."""

IDLE_SECONDS = 4.0
"""How long a connection waits for its next request: servers seldom close one earlier, and a request
that meets a closing one is lost.
"""

CONNECTIONS = 100

_KEYS = ("authorization", "bearer")
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "content-length",
    }
)
_NOT_OURS_TO_ADD = (hdrs.USER_AGENT, hdrs.ACCEPT, hdrs.ACCEPT_ENCODING, hdrs.CONTENT_TYPE)


class Upstream:
    """The provider behind this server.

    `key` replaces the key of each request, in the header in which it came; None sends it as it is.
    `time_limit` is how many seconds one exchange may take.
    """

    def __init__(self, address: Address, *, time_limit: float, key: str | None = None) -> None:
        self.address = address
        self.time_limit = time_limit
        self.key = key
        self._session: aiohttp.ClientSession | None = None

    async def send(self, headers: Headers, body: bytes, query: str = "") -> ProviderReply:
        """Post an event. Whatever happens becomes a reply, with its reason where none came."""
        session = self._session or self._open()
        url = URL(self.address.events_url + (f"?{query}" if query else ""), encoded=True)
        began = time.perf_counter()
        try:
            status, received, data = await self._exchange(session, url, headers, body)
        except Exception as error:  # noqa: BLE001 - a proxy answers whatever the other side does
            spent = (time.perf_counter() - began) * 1000
            late = isinstance(error, TimeoutError)
            return ProviderReply(None, duration_ms=spent, error=self._why(error), late=late)
        spent = (time.perf_counter() - began) * 1000
        return ProviderReply(status, received, data, spent)

    async def _exchange(
        self, session: aiohttp.ClientSession, url: URL, headers: Headers, body: bytes
    ) -> tuple[int, Headers, bytes]:
        async with session.post(
            url,
            data=body,
            headers=CIMultiDict(self._sent(headers)),
            allow_redirects=False,
            skip_auto_headers=_NOT_OURS_TO_ADD,
        ) as response:
            parts: list[bytes] = []
            size = 0
            async for chunk in response.content.iter_any():
                parts.append(chunk)
                size += len(chunk)
                if size > MAX_REPLY:
                    response.close()
                    raise _TooLongError
            received = tuple(
                (name.decode("ascii", "replace"), value.decode("utf-8", "surrogateescape"))
                for name, value in response.raw_headers
            )
            return response.status, received, b"".join(parts)

    def _sent(self, headers: Headers) -> Iterable[tuple[str, str]]:
        yield "Accept-Encoding", "identity"
        for name, value in headers:
            if not is_sent_on(name):
                continue
            if self.key is not None and name.lower() in _KEYS:
                yield name, self.key if name.lower() == "bearer" else f"Bearer {self.key}"
            elif self.key is None or name.lower() != "x-api-key":
                yield name, value

    def _open(self) -> aiohttp.ClientSession:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=IDLE_SECONDS),
            timeout=aiohttp.ClientTimeout(total=self.time_limit),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )
        return self._session

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    def _why(self, error: Exception) -> str:
        """Why no reply came, and what to look at, in words without a secret."""
        where = f"{self.address.host}:{self.address.port}"
        if isinstance(error, TimeoutError):
            return f"{where} gave no whole reply within {self.time_limit:g} s (--upstream-timeout)"
        if isinstance(error, _TooLongError):
            return f"the reply of {where} is longer than {MAX_REPLY >> 20} MiB"
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            why = getattr(error.certificate_error, "verify_message", "") or "it is not trusted"
            return (
                f"the certificate of {where} is not accepted: {_short(why)}; check the host name, "
                "or name your own authority's file in SSL_CERT_FILE"
            )
        if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
            return f"{where} does not speak TLS as it should; is it http: instead of https:?"
        if isinstance(error, aiohttp.ClientConnectorDNSError):
            return f"the host {self.address.host} is not known; check --upstream"
        if isinstance(error, aiohttp.ClientConnectorError):
            number = error.os_error.errno
            reason = os.strerror(number) if number and number > 0 else str(error.os_error)
            return f"{where} cannot be reached: {_short(reason).lower()}; check --upstream"
        if isinstance(error, aiohttp.ServerDisconnectedError):
            return f"{where} ended the connection without a reply"
        if isinstance(error, aiohttp.ClientPayloadError):
            return f"{where} ended the connection in the middle of its reply"
        if isinstance(error, aiohttp.ClientResponseError):
            what = _short(error.message).removeprefix("Bad status line: ").rstrip(" ^")
            return f"{where} answered something that is not HTTP: {what}"
        if isinstance(error, aiohttp.ClientOSError | ConnectionError):
            return f"{where} cut the connection"
        return f"{where} cannot be asked: {_short(str(error) or type(error).__name__)}"


class _TooLongError(Exception):
    """The reply has more bytes than anybody needs."""


def _short(text: str) -> str:
    return printable(mask_keys(" ".join(text.split())), 120)


def end_to_end(headers: Headers) -> Headers:
    """The headers of a reply that are the client's business, too: none of one connection's."""
    named = {
        item.strip().lower()
        for name, value in headers
        if name.lower() == "connection"
        for item in value.split(",")
    }
    return tuple(
        (name, value)
        for name, value in headers
        if name.lower() not in _HOP_BY_HOP | named and not name.lower().startswith("hakuna-mock")
    )
