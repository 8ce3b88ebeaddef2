"""A server under a base URL, over the standard library's HTTP client on a kept-alive connection."""

import http.client
import json
import re
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol
from urllib.parse import SplitResult, quote, urlsplit

from contracts.drift.drift import Drift
from contracts.http.credentials import mask_keys
from contracts.judging.replies import ENDPOINT
from contracts.printable import printable
from contracts.values import dataclass
from fuzz.client.plain_exchange import exchange
from fuzz.client.timed_connection import TimedConnection, TimedSecureConnection

DEFAULT_TIMEOUT = 10.0

MAX_REPLY_BYTES = 64 * 1024 * 1024
"""A longer reply is an error: a page of the control API has a few megabytes at most."""

_MAX_SHOWN = 200
_IN_PATHS = "/%:@!$&'()*+,;=~"
_TLS_ALERT = "\x15\x03"
_USER = re.compile(r"//[^/]*@")


class TargetError(Exception):
    """The target cannot be used or does not answer; the message names it.

    `nobody_listens`: there is no server at that address, so that starting one helps. `unsent`:
    there was no connection, so that the request cannot have arrived.
    """

    def __init__(self, message: str, *, nobody_listens: bool = False, unsent: bool = False) -> None:
        super().__init__(message)
        self.nobody_listens = nobody_listens
        self.unsent = unsent


class TargetUrlError(TargetError):
    """The text is not the base URL of a server; nothing was sent."""


@dataclass(frozen=True)
class Reply:
    """What came back. Header names are lowercase; `body` is raw bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; None if it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def error_code(self) -> Any:
        """The `error_code` of an error body; None where the body is none."""
        body = self.json()
        error = body.get("error") if isinstance(body, dict) else None
        return error.get("error_code") if isinstance(error, dict) else None


@dataclass(frozen=True)
class Exchange:
    """One request and what came of it, for whoever watches. `reply` is None where none came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    reply: Reply | None
    seconds: float
    error: str = ""
    late: bool = False


class Watch(Protocol):
    """Whoever wants to see what is sent and what comes back."""

    @property
    def drift(self) -> Drift:
        """What the exchanges say about our assumptions."""

    def saw(self, exchange: Exchange, /) -> None:
        """Take note of one exchange."""

    def racing(self) -> AbstractContextManager[None]:
        """Within this, requests are sent at once: their order is not known."""


class Target:
    """One server under `base_url`, for one thread at a time.

    `timeout` is how many seconds a whole request may take, from its first byte to the reply's last.
    `watch` is told of every exchange.
    """

    def __init__(
        self,
        base_url: str,
        timeout: float = DEFAULT_TIMEOUT,
        watch: Watch | None = None,
    ) -> None:
        self.watch = watch
        parts = parts_of(base_url)
        make = TimedSecureConnection if parts.scheme == "https" else TimedConnection
        assert parts.hostname is not None  # noqa: S101 - `parts_of` checked it
        self.base_url = base_url.rstrip("/")
        self._prefix = quote(parts.path.rstrip("/"), safe=_IN_PATHS)
        self._connection = make(parts.hostname, parts.port, timeout)
        self._timeout = timeout

    def limit(self, seconds: float | None) -> None:
        """Let requests take at most so many seconds, or the usual time where that is less."""
        self._connection.limit(self._timeout if seconds is None else min(seconds, self._timeout))

    def post_event(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Send one event."""
        return self.ask("POST", ENDPOINT, body, headers)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        again: bool = True,
    ) -> Reply:
        """Send one request; once more if the kept-alive connection turns out to be closed.

        With `again` false it is never sent twice: a connection that is known to be closed is
        replaced first.
        """
        began = time.perf_counter()
        sent: tuple[str, str, Mapping[str, str], bytes]
        sent = method, path, headers or {}, body or b""
        try:
            reply = self._ask(method, path, body, headers, again=again)
        except TargetError as error:
            if self.watch:
                spent = time.perf_counter() - began
                late = isinstance(error.__cause__, TimeoutError)
                self.watch.saw(Exchange(*sent, None, spent, str(error), late))
            raise
        if self.watch:
            self.watch.saw(Exchange(*sent, reply, time.perf_counter() - began))
        return reply

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str] | None,
        *,
        again: bool,
    ) -> Reply:
        if not again and self._is_stale():
            self._connection.close()
        for attempt in (1, 2):
            fresh = self._connection.sock is None
            self._connection.start_timer()
            try:
                sent = method, self._prefix + path, body, headers or {}
                return Reply(*exchange(self._connection, *sent, max_bytes=MAX_REPLY_BYTES))
            except (OSError, http.client.HTTPException) as error:
                unsent = not self._connection.is_open
                self._connection.close()
                late = isinstance(error, TimeoutError)
                if fresh or late or attempt == 2 or not again:
                    refused = isinstance(error, ConnectionRefusedError)
                    message = f"{self._shown} does not answer: {_reason(error)}"
                    raise TargetError(message, nobody_listens=refused, unsent=unsent) from error
            except (ValueError, OverflowError) as error:  # an impossible host, path or header
                self._connection.close()
                raise TargetError(f"{self._shown} cannot be used: {_reason(error)}") from error
            except BaseException:
                self._connection.close()  # nobody will read the reply under way
                raise
        raise AssertionError("the loop returns or raises")

    def ask_for_a_cut(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> Reply:
        """Send a request that may be cut off on demand: its reply has the status 0 then."""
        try:
            return self.ask(method, path, body, headers, again=False)
        except TargetError:
            return Reply(0, {}, b"")

    def _is_stale(self) -> bool:
        """Whether the server has closed the kept-alive connection: then its end can be read."""
        sock = self._connection.sock
        return sock is not None and bool(sock.has_pending_data())

    @property
    def _shown(self) -> str:
        return _short(self.base_url)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def parts_of(base_url: str) -> SplitResult:
    """The parts of a base URL; TargetUrlError if it is not one."""
    shown = repr(_short(base_url))
    try:
        parts = urlsplit(base_url)
        parts.port  # noqa: B018 - raises if it is not a port
    except ValueError as error:
        raise TargetUrlError(f"{shown} is not a URL: {_short(str(error))}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise TargetUrlError(f"{shown} is not an http URL; write http://127.0.0.1:4258")
    if "@" in parts.netloc:
        raise TargetUrlError(
            f"the URL {shown} has a user and password, which are never sent; "
            f"write {parts.scheme}://HOST:PORT"
        )
    if parts.query or parts.fragment:
        raise TargetUrlError(
            f"{shown} is not a base URL: leave out the path of the events, and what begins with ? "
            "or #"
        )
    return parts


def _short(text: str) -> str:
    """A text from outside, safe for a message: short, printable, without keys and passwords."""
    return printable(_USER.sub("//…@", mask_keys(text)), _MAX_SHOWN)


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "the request took too long (timed out)"
    if isinstance(error, http.client.IncompleteRead):
        return "the reply was cut off, or its framing is broken"
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not accepted ({_short(error.verify_message)}); check the host "
            "name, or name your own authority's file in SSL_CERT_FILE"
        )
    if isinstance(error, ssl.SSLError):
        return "it does not speak TLS as it should; is it http: instead of https:?"
    if isinstance(error, socket.gaierror):
        return "the host name is not known"
    if isinstance(error, http.client.BadStatusLine) and _TLS_ALERT in str(error):
        return "it speaks TLS; is it https: instead of http:?"
    if isinstance(error, http.client.BadStatusLine) and str(error).strip("' \r\n"):
        return f"this is not an HTTP reply: {_short(str(error))[:80]}"
    if isinstance(error, OSError) and error.strerror:
        return _short(error.strerror).lower()
    return _short(str(error) or type(error).__name__)
