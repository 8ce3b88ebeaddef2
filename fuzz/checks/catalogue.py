"""What `verify` and `fuzz` hold against a server: each check with its basis, source and fix."""

from dataclasses import dataclass

from contracts.findings.finding import Basis
from contracts.findings.sources import cite


@dataclass(frozen=True)
class Check:
    """One thing that a server can get wrong. `sources` are codes of contracts.findings.sources."""

    id: str
    title: str
    basis: Basis
    sources: tuple[str, ...]
    why: str
    fix: str

    @property
    def source(self) -> str:
        """The sources in words."""
        return cite(*self.sources)

    def to_json(self) -> dict[str, str]:
        """The check as JSON."""
        names = ("id", "title", "basis", "source", "why", "fix")
        return {name: str(getattr(self, name)) for name in names}


_ALL = (
    Check(
        "reply-status",
        "The status is the one that the request deserves",
        Basis.DOCUMENTED,
        ("RS", "S"),
        "A client decides by the status whether an event arrived; only 200, 400, 401 and 404 are "
        "listed.",
        "answer 200 to an event of the contract, 400, 401 or 404 to anything else",
    ),
    Check(
        "reply-body",
        "The body is exactly the documented one",
        Basis.DOCUMENTED,
        ("S", "RS"),
        "Success is an object with an event_id, every error an object with error_code and "
        "validation_errors; clients parse nothing else.",
        "see hakuna-mock schema reply and hakuna-mock schema error",
    ),
    Check(
        "reply-event-id",
        "An event gets an id of its own, a retry the same one again",
        Basis.DOCUMENTED,
        ("S", "R20"),
        "The id is evt- and a lowercase UUID v4. A new id for a retry means that it counted twice, "
        "an old id for a new event that it was lost.",
        "make a new id for each accepted event, and answer the first one to its retries",
    ),
    Check(
        "reply-error-code",
        "A refusal names its reason",
        Basis.DOCUMENTED,
        ("RS-old", "TB"),
        "Shops tell a malformed event from a declined cancellation by the code.",
        "send invalid_request_parameters for malformed events, cancel_decline for a cancellation",
    ),
    Check(
        "reply-headers",
        "The headers beside the body are right",
        Basis.HOUSE,
        ("house", "RFC 9110"),
        "The body is JSON and says so. A hakuna-mock answers 401 with a challenge, marks replays, "
        "links to the event where it has findings, and names its journal entry.",
        "see docs/reference/control-api.md: Content-Type, WWW-Authenticate, Link, Hakuna-Mock-…",
    ),
    Check(
        "no-answer",
        "Every request is answered in time",
        Basis.HOUSE,
        ("house",),
        "Whatever the bytes, a client must learn what became of its event.",
        "answer, or close the connection, within a second",
    ),
    Check(
        "serial-order",
        "Requests at the same moment are answered as if one came after the other",
        Basis.HOUSE,
        ("house",),
        "Twins under one idempotency key are one event; two refunds of one order may not both take "
        "its last unit.",
        "serialise the requests of one order and of one idempotency key",
    ),
    Check(
        "event-list",
        "The list of events is what was accepted",
        Basis.HOUSE,
        ("house",),
        "Tests ask it what a shop sent: each accepted event once, in order, as it was sent.",
        "store an event if and only if it was answered with 200, and a retry not again",
    ),
    Check(
        "journal",
        "The journal holds every request, with masked keys",
        Basis.HOUSE,
        ("house",),
        "Refused requests are what a developer looks for; a key in plain text is a leak.",
        "keep each request with its reply, and mask keys on entry",
    ),
    Check(
        "isolation",
        "Worlds do not see each other",
        Basis.HOUSE,
        ("house",),
        "Each API key has a world of its own: parallel tests share a server.",
        "look things up in the world of the key that asks",
    ),
    Check(
        "counts",
        "Counts and verdict agree with the lists",
        Basis.HOUSE,
        ("house",),
        "CI fails by the verdict and people look at the lists: both must say the same.",
        "count what is listed",
    ),
    Check(
        "dry-run",
        "A dry run says what would happen, and nothing happens",
        Basis.HOUSE,
        ("house",),
        "POST /_mock/v1/check is asked before something is sent.",
        "judge against the world's state and store nothing",
    ),
    Check(
        "control-api",
        "The control API answers as it should",
        Basis.HOUSE,
        ("house",),
        "A reset, a change of settings or a list was refused.",
        "see GET /_mock/v1/ for the calls",
    ),
    Check(
        "reply-findings",
        "The rules that fire are those that the contract says",
        Basis.HOUSE,
        ("house",),
        "A hakuna-mock lists them in its Hakuna-Mock-Findings header; a missing one hides a "
        "mistake of the shop, a wrong one cries wolf.",
        "compare with hakuna-mock play of the same events",
    ),
    Check(
        "order-state",
        "Orders hold the quantities that their events add up to",
        Basis.INFERRED,
        ("S", "WF"),
        "What is insured follows from what was shipped, refunded and cancelled.",
        "compare with hakuna-mock play of the same events",
    ),
    Check(
        "open-findings",
        "What is open is what nothing has settled",
        Basis.HOUSE,
        ("house",),
        "A hakuna-mock's verdict counts open findings; a refund of the forgotten plan settles one.",
        "compare with hakuna-mock play of the same events",
    ),
)

CHECKS: dict[str, Check] = {one.id: one for one in _ALL}
"""All checks by id; the ids stand in reports beside those of rules."""
