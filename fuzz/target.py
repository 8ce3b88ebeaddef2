"""A server to ask, over the standard library's HTTP client on a kept-alive connection."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from contracts.replies import ENDPOINT

DEFAULT_TIMEOUT = 10.0


class TargetError(Exception):
    """The target cannot be used or does not answer; the message names it."""


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
    """One server under `base_url`, asked by one thread at a time. Times are in seconds."""

    def __init__(self, base_url: str, timeout: float = DEFAULT_TIMEOUT) -> None:
        try:
            parts = urlsplit(base_url)
            port = parts.port
        except ValueError as error:
            raise TargetError(f"{base_url!r} is no URL: {error}") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise TargetError(f"{base_url!r} is no http URL; write http://127.0.0.1:4258")
        make = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self.base_url = base_url.rstrip("/")
        self._prefix = parts.path.rstrip("/")
        self._connection = make(parts.hostname, port, timeout=timeout)

    def post_event(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Send one event."""
        return self.ask("POST", ENDPOINT, body, headers)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One request, tried once more where a kept-alive connection turns out to be closed."""
        for attempt in (1, 2):
            fresh = self._connection.sock is None
            try:
                self._connection.request(method, self._prefix + path, body, dict(headers or {}))
                answer = self._connection.getresponse()
                return Reply(
                    answer.status,
                    {name.lower(): value for name, value in answer.getheaders()},
                    answer.read(),
                )
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                if fresh or attempt == 2:
                    reason = str(error) or type(error).__name__
                    raise TargetError(f"{self.base_url} does not answer: {reason}") from error
        raise AssertionError("the loop returns or raises")

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()
