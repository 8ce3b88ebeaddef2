"""A server to ask, over the standard library's HTTP client on a kept-alive connection."""

import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from contracts.http.credentials import mask_keys
from contracts.judging.replies import ENDPOINT
from contracts.printable import printable
from fuzz.client.plain_exchange import exchange
from fuzz.client.timed_connection import TimedConnection, TimedSecureConnection

DEFAULT_TIMEOUT = 10.0

MOST_BYTES = 64 * 1024 * 1024
"""A longer reply is none: a page of the control API has a few megabytes at most."""

_MOST_SAID = 200
_IN_PATHS = "/%:@!$&'()*+,;=~"
_USER = re.compile(r"//[^/]*@")


class TargetError(Exception):
    """The target cannot be used or does not answer; the message names it."""


class TargetUrlError(TargetError):
    """What was given is no base URL of a server; nothing was asked."""


@dataclass(frozen=True)
class Reply:
    """What came back. Header names are lowercase; `body` is raw bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Target:
    """One server under `base_url`, asked by one thread at a time.

    `timeout` is how many seconds a whole request may take, from its first byte to the reply's last.
    """

    def __init__(self, base_url: str, timeout: float = DEFAULT_TIMEOUT) -> None:
        parts = parts_of(base_url)
        make = TimedSecureConnection if parts.scheme == "https" else TimedConnection
        assert parts.hostname is not None  # noqa: S101 - asked before
        self.base_url = base_url.rstrip("/")
        self._prefix = quote(parts.path.rstrip("/"), safe=_IN_PATHS)
        self._connection = make(parts.hostname, parts.port, timeout)

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
        """One request, tried once more where a kept-alive connection turns out to be closed.

        With `again` false it is never sent twice; a connection that is known to be closed is made
        anew before.
        """
        if not again and self._is_stale():
            self._connection.close()
        for attempt in (1, 2):
            fresh = self._connection.sock is None
            self._connection.begin()
            try:
                sent = method, self._prefix + path, body, headers or {}
                return Reply(*exchange(self._connection, *sent, max_bytes=MOST_BYTES))
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                late = isinstance(error, TimeoutError)
                if fresh or late or attempt == 2 or not again:
                    raise TargetError(f"{self._shown} does not answer: {_reason(error)}") from error
            except (ValueError, OverflowError) as error:  # a host, path or header that cannot be
                self._connection.close()
                raise TargetError(f"{self._shown} cannot be asked: {_reason(error)}") from error
            except BaseException:
                self._connection.close()  # the reply under way belongs to nobody
                raise
        raise AssertionError("the loop returns or raises")

    def ask_for_a_cut(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> Reply:
        """One request that may be cut off on demand: its reply has the status 0 then."""
        try:
            return self.ask(method, path, body, headers, again=False)
        except TargetError:
            return Reply(0, {}, b"")

    def _is_stale(self) -> bool:
        """Whether the server has closed the kept-alive connection: then its end can be read."""
        sock = self._connection.sock
        return sock is not None and bool(sock.has_news())

    @property
    def _shown(self) -> str:
        return _short(self.base_url)

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()


def parts_of(base_url: str) -> SplitResult:
    """The parts of a base URL; TargetUrlError where it is none."""
    shown = repr(_short(base_url))
    try:
        parts = urlsplit(base_url)
        parts.port  # noqa: B018 - says what is wrong with it
    except ValueError as error:
        raise TargetUrlError(f"{shown} is no URL: {_short(str(error))}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise TargetUrlError(f"{shown} is no http URL; write http://127.0.0.1:4258")
    if "@" in parts.netloc:
        raise TargetUrlError(
            f"the URL {shown} has a user and password, which are never sent; "
            f"write {parts.scheme}://HOST:PORT"
        )
    if parts.query or parts.fragment:
        raise TargetUrlError(
            f"{shown} is no base URL: leave out what begins with ? or #, and the path of the events"
        )
    return parts


def _short(text: str) -> str:
    """A text of somebody else's as it may stand in a message."""
    return printable(_USER.sub("//…@", mask_keys(text)), _MOST_SAID)


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "the time for one request is over (timed out)"
    if isinstance(error, http.client.IncompleteRead):
        return "the reply was cut off, or its framing is broken"
    if isinstance(error, http.client.BadStatusLine) and str(error).strip("' \r\n"):
        return f"this is no HTTP reply: {_short(str(error))[:80]}"
    return _short(str(error) or type(error).__name__)
