"""The journal: the latest requests of a world and their replies, with keys masked on entry.

Bodies stay raw bytes and are rendered when read: parsed ones would cost long garbage-collection
pauses.
"""

from dataclasses import dataclass
from typing import Any

from contracts.findings.finding import Finding
from contracts.http.credentials import mask, mask_keys
from contracts.numbered_rows import NumberedRows
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

    `fault` is the effect that was played on demand; `status` is None where no reply was sent.
    """

    seq: int
    id: str
    received_at: Instant
    method: str
    path: str
    headers: Headers
    body: bytes
    status: int | None
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
            "status": self.status or 0,
            "reply": {
                "status": self.status or 0,
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


class Journal:
    """The latest entries of one world, bounded by count and by bytes.

    What was received (replays aside) and what was evicted is counted.
    """

    def __init__(self, limit: int, byte_limit: int = BYTES_PER_WORLD) -> None:
        self.evicted = 0
        self.received = 0
        self.rows = NumberedRows[Entry]()
        self._limit = limit
        self._byte_limit = byte_limit
        self._bytes = 0

    def add(self, entry: Entry) -> None:
        """Keep an entry; the oldest go where there are too many, but never the newest."""
        self.received += not entry.replayed
        self.rows.add(entry.seq, entry)
        self._bytes += entry.size
        while len(self.rows) > self._limit or (
            self._bytes > self._byte_limit and len(self.rows) > 1
        ):
            self._bytes -= self.rows.pop_oldest()[1].size
            self.evicted += 1
