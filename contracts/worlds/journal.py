"""The journal: the latest requests of a world and their replies, with keys masked on entry.

Bodies stay raw bytes and are rendered when read: parsed ones would cost long garbage-collection
pauses.
"""

from itertools import chain
from typing import Any

from contracts.drift.exchange import ProviderReply
from contracts.findings.finding import Finding
from contracts.http.credentials import mask, mask_keys
from contracts.numbered_rows import NumberedRows
from contracts.timing.rfc3339 import Instant, show
from contracts.values import dataclass

BYTES_PER_WORLD = 64 * 1024 * 1024
_CREDENTIALS = frozenset(
    {
        "authorization",
        "bearer",
        "x-api-key",
        "proxy-authorization",
        "cookie",
        "hakuna-mock-admin",
        "set-cookie",
    }
)

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SentOn:
    """A request that was sent on: the provider's reply, and what we would have replied."""

    reply: ProviderReply
    our_status: int
    our_body: bytes

    def to_json(self) -> dict[str, Any]:
        """`upstream` and `would_reply` of the entry."""
        reply = self.reply
        upstream: dict[str, Any] = {
            "status": reply.status,
            "headers": [list(pair) for pair in reply.headers],
            "body": mask_keys(reply.body.decode("utf-8", "backslashreplace")),
            "duration_ms": round(reply.duration_ms, 3),
        }
        if reply.error:
            upstream["error"] = reply.error
        would = {"status": self.our_status, "body": self.our_body.decode("utf-8", "replace")}
        return {"upstream": upstream, "would_reply": would}


@dataclass(frozen=True, slots=True)
class Entry:
    """One request and its reply. `body` and `reply_body` are raw bytes.

    `fault` is the effect that was played on demand; `status` is None where no reply was sent.
    `sent_on` is set where the request was sent on to the provider.
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
    sent_on: SentOn | None = None

    @property
    def size(self) -> int:
        """About how many bytes it holds."""
        headers = sum(map(len, chain.from_iterable(self.headers + self.reply_headers)))
        own = len(self.body) + len(self.reply_body) + len(self.path) + headers + 500
        return own + (2 * len(self.sent_on.reply.body) + 1000 if self.sent_on else 0)

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
            **(self.sent_on.to_json() if self.sent_on else {}),
        }


def masked_headers(headers: Headers) -> Headers:
    """Header lines as they may be kept: of credentials only prefix and last four characters."""
    return tuple([(mask_keys(name), _masked(name, value)) for name, value in headers])


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
        self.bytes = 0

    def add(self, entry: Entry) -> None:
        """Keep an entry; the oldest go where there are too many, but never the newest."""
        self.received += not entry.replayed
        self.rows.add(entry.seq, entry)
        self.bytes += entry.size
        while len(self.rows) > self._limit or (
            self.bytes > self._byte_limit and len(self.rows) > 1
        ):
            self.bytes -= self.rows.pop_oldest()[1].size
            self.evicted += 1

    def restore(self, received: int, evicted: int) -> None:
        """Take over what was counted before a log was compacted."""
        self.received = received
        self.evicted += evicted

    def evict_all(self) -> None:
        """Drop every entry, to make room for what matters more; they are counted as evicted."""
        self.evicted += len(self.rows)
        self.rows = NumberedRows[Entry]()
        self.bytes = 0
