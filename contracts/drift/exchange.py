"""One exchange with the provider as plain values, and how much of it is kept as evidence.

Evidence is cut and masked: no key, no name, address or e-mail of a customer.
"""

import json
from typing import Any

from contracts.http.content_encoding import EncodingError, decompressed
from contracts.http.credentials import mask_keys
from contracts.http.masking import mask_secrets
from contracts.http.request import joined
from contracts.json_text.parser import Document, parse
from contracts.orders.subject import subject_of
from contracts.timing.rfc3339 import Instant, show
from contracts.values import cached_property, dataclass

Headers = tuple[tuple[str, str], ...]

MAX_BODY = 3_000
"""Characters of a request's body that evidence keeps."""

MAX_REPLY = 1_000
"""Characters of a reply's body that evidence keeps."""

MAX_READ = 1024 * 1024
"""Bytes of a reply that are read where it is compressed."""

_PERSONAL = frozenset({"first_name", "last_name", "email", "phone", "address_line_1"})
_PERSONAL_TOO = frozenset({"address_line_2", "city"})


@dataclass(frozen=True)
class ProviderReply:
    """What came back from the provider, as it came.

    `status` is None where nothing usable came; `error` then says why, and `late` whether it was the
    deadline. `body` are raw bytes, `duration_ms` the time from the first byte sent to the last one
    received.
    """

    status: int | None
    headers: Headers = ()
    body: bytes = b""
    duration_ms: float = 0.0
    error: str = ""
    late: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the provider accepted the event."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """Whether it refused it: 4xx, but not for coming too fast."""
        return self.status is not None and 400 <= self.status < 500 and self.status != 429

    def header(self, name: str) -> str:
        """A header's value, "" where it was not sent."""
        return joined(self.headers).get(name.lower(), "")

    @cached_property
    def plain(self) -> bytes:
        """The body, decompressed where it is compressed."""
        try:
            return decompressed(self.body, self.header("Content-Encoding"), MAX_READ)
        except EncodingError:
            return self.body

    @cached_property
    def document(self) -> Any:
        """The body as JSON; None where it is not."""
        parsed = parse(self.plain)
        return parsed.value if isinstance(parsed, Document) else None

    @property
    def event_id(self) -> str | None:
        """The id that the provider gave the event."""
        body = self.document
        found = body.get("event_id") if isinstance(body, dict) else None
        return found if isinstance(found, str) and found else None

    @property
    def error_code(self) -> str | None:
        """The `error_code` of a documented error body; None where the body is another one."""
        error = self._error
        return error["error_code"] if error else None

    @property
    def texts(self) -> tuple[str, ...]:
        """The `validation_errors` of a documented error body."""
        error = self._error
        return tuple(error["validation_errors"]) if error else ()

    @property
    def is_documented_error(self) -> bool:
        """Whether the body is the documented error body."""
        return self._error is not None

    @cached_property
    def _error(self) -> dict[str, Any] | None:
        body = self.document
        error = body.get("error") if isinstance(body, dict) and len(body) == 1 else None
        if not isinstance(error, dict) or set(error) != {"error_code", "validation_errors"}:
            return None
        texts = error["validation_errors"]
        if not isinstance(error["error_code"], str) or not isinstance(texts, list):
            return None
        return error if all(isinstance(text, str) for text in texts) else None

    @property
    def described(self) -> str:
        """What came, in a few words: `200`, `422 text/html`, `no reply: …`."""
        if self.status is None:
            return f"no reply: {self.error}"
        kind = self.header("Content-Type").partition(";")[0].strip()
        return str(self.status) if kind in ("", "application/json") else f"{self.status} {kind}"


@dataclass(frozen=True)
class Evidence:
    """An exchange as a report may show it. `rules` are those that fired here."""

    request_id: str
    at: Instant
    event_type: str | None
    order_id: str | None
    headers: Headers
    body: str
    our_status: int
    rules: tuple[str, ...]
    status: int | None
    reply: str
    duration_ms: float = 0.0
    event_id: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The exchange as JSON: `sent`, what `we` made of it, and what the `provider` did."""
        return {
            "request_id": self.request_id,
            "at": show(self.at),
            "type": self.event_type,
            "order_id": self.order_id,
            "event_id": self.event_id,
            "sent": {"headers": [list(header) for header in self.headers], "body": self.body},
            "we": {"status": self.our_status, "rules": list(self.rules)},
            "provider": {
                "status": self.status,
                "body": self.reply,
                "duration_ms": round(self.duration_ms, 1),
            },
        }


def masked_body(body: bytes, most: int = MAX_BODY) -> str:
    """A body as evidence: keys masked, and what customers are called and where they live."""
    parsed = parse(body) if len(body) <= MAX_READ else None
    if isinstance(parsed, Document) and isinstance(parsed.value, dict):
        payload = parsed.value.get("payload")
        if isinstance(payload, dict) and any(name.startswith("customer") for name in payload):
            text = json.dumps(_without_names(parsed.value), ensure_ascii=False)
            return cut(mask_secrets(text), most)
    return cut(mask_secrets(mask_keys(body.decode("utf-8", "backslashreplace"))), most)


def _without_names(document: dict[str, Any]) -> dict[str, Any]:
    payload = document["payload"]
    return {
        **document,
        "payload": {
            name: _anonymous(value) if name.startswith("customer") else value
            for name, value in payload.items()
        },
    }


def _anonymous(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        name: "…" if item and name in _PERSONAL | _PERSONAL_TOO and isinstance(item, str) else item
        for name, item in value.items()
    }


def cut(text: str, most: int) -> str:
    """A text of at most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def order_of(document: Any) -> str | None:
    """The order that a body names, as evidence may show it."""
    named = subject_of(document).order_id
    return cut(mask_keys(named), 200) if named else None
