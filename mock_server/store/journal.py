"""What was asked and answered: a bounded record per world, with keys masked on entry.

Bodies stay raw bytes and are rendered when read: parsed ones would cost long garbage-collection
pauses.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from contracts.findings.finding import Finding
from contracts.http.credentials import mask, mask_keys, without_live_keys
from contracts.timing.rfc3339 import Instant, show

BYTES_PER_WORLD = 64 * 1024 * 1024
_CREDENTIALS = frozenset(
    {
        "authorization",
        "bearer",
        "x-api-key",
        "proxy-authorization",
        "cookie",
        "hakuna-mock-admin",
    }
)

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One request and its reply. `body` and `reply_body` are raw bytes.

    `fault` is the effect that was played on demand; `status` is 0 where no reply was sent.
    """

    seq: int
    id: str
    received_at: Instant
    method: str
    path: str
    headers: Headers
    body: bytes
    status: int
    reply_headers: Headers
    reply_body: bytes
    findings: tuple[Finding, ...]
    event_id: str | None
    replayed: bool
    duration_ms: float
    fault: str | None = None

    @property
    def size(self) -> int:
        """About how many bytes it holds."""
        headers = sum(len(name) + len(value) for name, value in self.headers + self.reply_headers)
        return len(self.body) + len(self.reply_body) + len(self.path) + headers + 500

    def to_json(self, world_id: str | None) -> dict[str, Any]:
        """The entry as the control API shows it."""
        return {
            "id": self.id,
            "seq": self.seq,
            "world": world_id,
            "received_at": show(self.received_at),
            "duration_ms": round(self.duration_ms, 3),
            "method": self.method,
            "path": self.path,
            "headers": [list(pair) for pair in self.headers],
            "body": mask_keys(self.body.decode("utf-8", "backslashreplace")),
            "status": self.status,
            "reply": {
                "status": self.status,
                "headers": [list(pair) for pair in self.reply_headers],
                "body": self.reply_body.decode("utf-8", "backslashreplace"),
            },
            "event_id": self.event_id,
            "replayed": self.replayed,
            "fault": self.fault,
            "findings": [finding.to_json() for finding in self.findings],
        }


def masked_headers(headers: Headers) -> Headers:
    """Header lines as they may be kept: of credentials only prefix and last four characters."""
    return tuple((mask_keys(name), _masked(name, value)) for name, value in headers)


def _masked(name: str, value: str) -> str:
    if name.lower() not in _CREDENTIALS:
        return mask_keys(value)
    scheme, blank, rest = value.partition(" ")
    return mask_keys(scheme) + blank + mask(rest.strip()) if blank else mask(value)


def kept_body(body: bytes) -> bytes:
    """A body as it may be kept."""
    return without_live_keys(body)


class Journal:
    """The latest entries of one world, bounded by count and by bytes; evictions are counted."""

    def __init__(self, limit: int, byte_limit: int = BYTES_PER_WORLD) -> None:
        self.evicted = 0
        self._limit = limit
        self._byte_limit = byte_limit
        self._bytes = 0
        self._entries: deque[Entry] = deque()

    def add(self, entry: Entry) -> None:
        """Keep an entry; the oldest go where there are too many, but never the newest."""
        self._entries.append(entry)
        self._bytes += entry.size
        while len(self._entries) > self._limit or (
            self._bytes > self._byte_limit and len(self._entries) > 1
        ):
            self._bytes -= self._entries.popleft().size
            self.evicted += 1

    def clear(self) -> None:
        """Forget everything, the counter too."""
        self._entries.clear()
        self._bytes = self.evicted = 0

    def since(self, seq: int) -> list[Entry]:
        """The entries numbered beyond `seq`, oldest first."""
        if seq <= 0:
            return list(self._entries)
        newest = list(takewhile(lambda entry: entry.seq > seq, reversed(self._entries)))
        return newest[::-1]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
