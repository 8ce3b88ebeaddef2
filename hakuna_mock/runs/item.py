"""One request of a run, before it is judged: from a file, a play, or a scenario."""

from collections.abc import Mapping
from dataclasses import field

from contracts.json_text.parser import Document
from contracts.json_text.positions import excerpt
from contracts.judging.replies import ENDPOINT
from contracts.scenarios.format import FIRST_KEY, Scenario, StepExpectation
from contracts.timing.rfc3339 import Instant
from contracts.values import dataclass, replace
from hakuna_mock.reports.model import Source

NO_REPLY = 0
"""The status of a request that got no reply, as HTTP archives write it."""


@dataclass(frozen=True)
class RecordedReply:
    """What was replied when a request was recorded; `status` is `NO_REPLY` where nothing came."""

    status: int
    error_code: str | None = None
    stored: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the event counted; `stored` says that it did although no reply arrived."""
        return self.stored or 200 <= self.status < 300

    @property
    def was_judged(self) -> bool:
        """Whether the receiver looked at the event, and did not just fail or ask to wait."""
        return self.status not in (NO_REPLY, 408, 425, 429) and self.status < 500


@dataclass(frozen=True)
class Item:
    """One request to judge: where its event is, what it is called, and its bytes.

    `body` is None where it was not recorded, `parsed` what it says where that is known already.
    `headers` None are those of a client that does everything right. `key` names the world. `expect`
    is what a scenario expects, and `as_written` says that it is a file's own word, and not what a
    shipped scenario is answered by default; `closes` is the scenario of which this is the last
    request. `reply` is what was replied when it was recorded, `received_at` when; None where that
    is not known.
    """

    source: Source
    label: str
    body: bytes | None
    headers: Mapping[str, str] | None = None
    key: str = FIRST_KEY
    expect: StepExpectation = field(default_factory=StepExpectation)
    as_written: bool = False
    closes: Scenario | None = None
    method: str = "POST"
    path: str = ENDPOINT
    reply: RecordedReply | None = None
    received_at: Instant | None = None
    parsed: Document | None = None

    def in_world(self, name: str) -> "Item":
        """The same request under another key."""
        return replace(self, key=name)

    @property
    def sent(self) -> bytes:
        """The bytes of the body; none where they were not recorded."""
        return self.body or b""


def item_of(source: Source, label: str) -> Item:
    """An item for an event, as it is in its file: repeated keys and all."""
    return Item(source, label, excerpt(source.text, source.pointer).encode())
