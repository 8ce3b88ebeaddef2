"""Every limit of the server as data: what is bounded, by which flag, and what a client sees.

The provider publishes no limits, so each one is a `house` choice. `GET /_mock/v1/limits` and
`docs/reference/limits.md` show this table.
"""

from dataclasses import asdict
from typing import Any

from contracts.findings.finding import Basis
from contracts.findings.finding_log import MAX_BYTES
from contracts.http.idempotency import MAX_LENGTH
from contracts.http.limits import MAX_ITEMS
from contracts.json_text.parser import MAX_DEPTH, MAX_INTEGER_DIGITS, MAX_STRING
from contracts.values import dataclass
from contracts.worlds import journal, retention
from mock_server.control import responses
from mock_server.http import admission, connection, request_body, slow_reader
from mock_server.settings import PROGRAM_BYTES, Settings

_REFUSED = "400 `invalid_request_parameters`"
_CLOSED = f"{_REFUSED}, then the connection is closed"
_ERROR = "400 with a JSON error"


@dataclass(frozen=True)
class Limit:
    """One limit. `says` is a text that the reply to a client beyond it holds, "" for no reply."""

    name: str
    value: str
    client: str
    flag: str = ""
    says: str = ""
    basis: Basis = Basis.HOUSE

    def to_json(self) -> dict[str, Any]:
        """The limit as the control API shows it."""
        return {name: value for name, value in asdict(self).items() if name != "says"}


def limits(told: Settings | None = None) -> tuple[Limit, ...]:
    """All limits with the values in force under these settings."""
    told = told or Settings()
    return (*_of_requests(told), *_of_connections(told), *_of_memory(told), *_of_control())


def _of_requests(told: Settings) -> tuple[Limit, ...]:
    broken = "the HTTP request is broken"
    return (
        Limit("request line", _bytes(connection.MAX_LINE), _CLOSED, says=broken),
        Limit(
            "one header, its name or its value", _bytes(connection.MAX_FIELD), _CLOSED, says=broken
        ),
        Limit(
            "headers of a request", f"{connection.MAX_HEADERS}", _CLOSED, says="Too many headers"
        ),
        Limit(
            "body, as sent and after decompression",
            _bytes(told.max_body),
            f"{_CLOSED}; the first {_bytes(request_body.DRAIN_LIMIT)} are read and thrown away",
            "--max-body",
            f"{told.max_body} are the limit",
        ),
        Limit("nesting of a body", f"{MAX_DEPTH} levels", _REFUSED, says="nested deeper than"),
        Limit("one string", f"{MAX_STRING:,} characters", _REFUSED, says="characters; "),
        Limit("one integer", f"{MAX_INTEGER_DIGITS} digits", _REFUSED, says="digits is too large"),
        Limit("entries in a list of line items", f"{MAX_ITEMS:,}", _REFUSED, says="entries; "),
        Limit("idempotency key", f"{MAX_LENGTH} characters", _REFUSED, says="characters; "),
        Limit(
            "events of one order",
            f"{told.max_order_events:,}",
            f"{_REFUSED}; the order stays as it is",
            "--max-order-events",
            "events, the limit",
        ),
    )


def _of_connections(told: Settings) -> tuple[Limit, ...]:
    return (
        Limit(
            "open connections",
            f"{told.max_connections:,}, fewer where the process may not open so many files",
            "the oldest connection that waits between two requests is closed as soon as a new one "
            f"sends one; where none does within {_seconds(admission.CROWD_SECONDS)}, the new one "
            f"gets {_CLOSED}",
            "--max-connections",
            "connections open, its limit",
        ),
        Limit(
            "time from the first byte of a request to the end of its headers",
            _seconds(connection.HEAD_SECONDS),
            _CLOSED,
            says="its headers were never finished",
        ),
        Limit(
            "pause inside a body",
            _seconds(request_body.STALL_SECONDS),
            f"{_CLOSED}; the text says how much came",
            says="the body stopped after",
        ),
        Limit(
            "time for a whole body",
            _seconds(request_body.MAX_SECONDS),
            f"{_CLOSED}; the text says how much came",
            says="the body stopped after",
        ),
        Limit(
            "time in which a client reads nothing of its reply",
            _seconds(slow_reader.READER_SECONDS),
            "the connection is cut; reading slowly is fine",
        ),
        Limit(
            "time between two requests on a connection",
            _seconds(connection.KEEPALIVE_SECONDS),
            "the connection is closed",
        ),
    )


def _of_memory(told: Settings) -> tuple[Limit, ...]:
    return (
        Limit(
            "worlds",
            f"{told.max_worlds:,}",
            "the least recently used world is evicted with its settings: counted in `/health` and "
            "in `Hakuna-Mock-Evicted` of `/worlds`; its open findings still fail the verdict on "
            "all worlds; the next request of its key starts an empty one",
            "--max-worlds",
        ),
        Limit(
            "orders of a world",
            f"{told.max_orders:,} ({_bytes(retention.MAX_EVENT_BYTES)} with their events)",
            "closed and cancelled orders are evicted first, then the least recently used: counted "
            "in `/health` and in `Hakuna-Mock-Evicted` of `/orders` and `/events`; `unknown-order` "
            "says that it may be one of them",
            "--max-orders",
        ),
        Limit(
            "idempotency keys of a world",
            f"{told.max_idempotency_keys:,}",
            "the least recently used key is evicted, counted in `/health`: a retry under it is a "
            "new event, whose `duplicate-event` says so",
            "--max-idempotency-keys",
        ),
        Limit(
            "findings of a world",
            f"{told.max_findings:,} ({_bytes(MAX_BYTES)})",
            "the oldest leave the list, counted in its `Hakuna-Mock-Evicted`; the verdict still "
            "counts them",
            "--max-findings",
        ),
        Limit(
            "journal of a world",
            f"{told.journal_limit:,} requests ({_bytes(journal.BYTES_PER_WORLD)})",
            "the oldest leave the list, counted in its `Hakuna-Mock-Evicted`",
            "--journal-limit",
        ),
        Limit(
            "memory of the server",
            f"{_bytes(told.max_memory)}, about; what is kept may take "
            f"{_bytes(told.max_memory - PROGRAM_BYTES)} of them",
            "journals are emptied first, then whole worlds, the least recently used ones first: "
            "counted in `/health`; orders and open findings of the world in use stay",
            "--max-memory",
        ),
    )


def _of_control() -> tuple[Limit, ...]:
    return (
        Limit(
            "body of a control call", _bytes(responses.MAX_BODY_BYTES), _ERROR, says="are the limit"
        ),
        Limit(
            "rows of a list",
            f"{responses.MAX_LIMIT:,} ({_bytes(responses.PAGE_BYTES)})",
            "the page ends; `Hakuna-Mock-Next` says where the next one begins",
        ),
        Limit(
            "`wait` for an event", _seconds(responses.MAX_WAIT_SECONDS), _ERROR, says="wait must be"
        ),
    )


def _seconds(number: float) -> str:
    return f"{number:g} s"


def _bytes(number: int) -> str:
    for unit, size in (("MiB", 1024**2), ("KiB", 1024)):
        if number % size == 0:
            return f"{number // size} {unit}"
    return f"{number:,} bytes"
