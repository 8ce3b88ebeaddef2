"""What arrives at the door, with no web framework inside."""

from collections.abc import Iterable

from contracts.http.limits import too_many_items
from contracts.json_text.parser import Document, JsonFault, parse
from contracts.timing.moment import Moment
from contracts.timing.rfc3339 import Instant
from contracts.values import cached_property, dataclass


@dataclass(frozen=True)
class Request:
    """One HTTP request, and the values the pure core may not make itself.

    `received_at` is the arrival time (nanoseconds since 1970, UTC), `event_id` the id that the
    event gets if it is accepted (`evt-` and a lowercase UUID v4), `request_id` its journal id.
    `problem` is set where the body never became readable bytes (too long, broken encoding, cut
    off): the reason, in words for the reply, and after a semicolon what to do if that is something
    else than to send all of it. `monotonic_ns` is a counter of nanoseconds beside the arrival
    time, `random_unit` a number from 0 to 1 (1 excluded) by which faults with a rate decide; with
    1 only those play that always do. `seq` is the number of the request on its server.
    """

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    received_at: Instant
    event_id: str
    request_id: str
    problem: str | None = None
    monotonic_ns: int = 0
    random_unit: float = 1.0
    seq: int = 0

    def numbered(self, seq: int, received_at: Instant, event_id: str, request_id: str) -> "Request":
        """The same request with its number, its time and its ids; headers are not read again."""
        request = Request(
            self.method,
            self.path,
            self.headers,
            self.body,
            received_at,
            event_id,
            request_id,
            self.problem,
            self.monotonic_ns,
            self.random_unit,
            seq,
        )
        request.__dict__["_by_name"] = self._by_name
        return request

    @property
    def moment(self) -> Moment:
        """When it arrived."""
        return Moment(self.received_at, self.monotonic_ns)

    @cached_property
    def _by_name(self) -> dict[str, str]:
        return joined(self.headers)

    def header(self, name: str) -> str | None:
        """The header's value, lines of the same name joined by a comma (RFC 9110 section 5.3)."""
        return self._by_name.get(name.lower())

    def take_as_parsed(self, document: Document) -> None:
        """Do not parse the body again: this is what `parse` made of it before."""
        self.__dict__["parsed"] = _limited(document)

    @cached_property
    def parsed(self) -> Document | JsonFault:
        """The body as strict JSON, parsed once."""
        if self.problem:
            why, _, fix = self.problem.partition("; ")
            return JsonFault("", why, fix or "send the whole body, within the limit")
        parsed = parse(self.body)
        return _limited(parsed) if isinstance(parsed, Document) else parsed


def _limited(document: Document) -> Document | JsonFault:
    """The document, or why it is too much."""
    return too_many_items(document.value) or document


def joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Header lines as one value a lowercase name."""
    values: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        values[key] = f"{values[key]}, {value}" if key in values else value.strip(" \t")
    return values
