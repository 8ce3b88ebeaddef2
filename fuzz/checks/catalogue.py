"""What `verify` and `fuzz` check: each check with its basis, source and fix."""

from contracts.findings.finding import Basis
from contracts.findings.sources import cite
from contracts.values import dataclass


@dataclass(frozen=True)
class Check:
    """One thing that a server can get wrong. `sources` are codes of `findings/sources.py`."""

    id: str
    title: str
    basis: Basis
    sources: tuple[str, ...]
    why: str
    fix: str

    @property
    def source(self) -> str:
        """The sources as text."""
        return cite(*self.sources)

    def to_json(self) -> dict[str, str]:
        """The check as JSON."""
        names = ("id", "title", "basis", "source", "why", "fix")
        return {name: str(getattr(self, name)) for name in names}


_ALL = (
    Check(
        "reply-status",
        "The status fits the request",
        Basis.DOCUMENTED,
        ("RS", "S"),
        "Clients decide by the status whether an event arrived. The provider lists only 200, 400, "
        "401 and 404.",
        "answer 200 to an event that fits the contract, and 400, 401 or 404 to anything else",
    ),
    Check(
        "reply-body",
        "The body is exactly as documented",
        Basis.DOCUMENTED,
        ("S", "RS"),
        "A success is an object with an event_id, an error is an object with error_code and "
        "validation_errors. Clients parse nothing else.",
        "compare the body with: hakuna-mock schema reply, hakuna-mock schema error",
    ),
    Check(
        "reply-event-id",
        "Each event gets a new id, and a retry gets the first id again",
        Basis.DOCUMENTED,
        ("S", "R20"),
        "The id is evt- and a lowercase UUID v4. A new id for a retry means that the event counted "
        "twice; an old id for a new event means that it was lost.",
        "create an id for each accepted event, and answer its retries with the same id",
    ),
    Check(
        "reply-error-code",
        "A refusal names its reason",
        Basis.DOCUMENTED,
        ("RS-old", "TB"),
        "By the code, clients tell a malformed event from a declined cancellation.",
        "send invalid_request_parameters for malformed events, cancel_decline for declined "
        "cancellations",
    ),
    Check(
        "reply-headers",
        "The headers are correct",
        Basis.HOUSE,
        ("house", "RFC 9110"),
        "The Content-Type is application/json. A hakuna-mock also sends a challenge with 401, "
        "marks replays, links to events that have findings, and names its journal entry.",
        "correct the header that is named: Content-Type, WWW-Authenticate, Link or Hakuna-Mock-…",
    ),
    Check(
        "no-answer",
        "Every request is answered in time",
        Basis.HOUSE,
        ("house",),
        "Whatever a client sends, it must learn what became of its event.",
        "answer every request within a second",
    ),
    Check(
        "serial-order",
        "Parallel requests are answered as if they came one after the other",
        Basis.HOUSE,
        ("house",),
        "The same request twice under one idempotency key is one event; two refunds of one order "
        "must not both take its last unit.",
        "serialize the requests of one order and of one idempotency key",
    ),
    Check(
        "event-list",
        "The list of events is what was accepted",
        Basis.HOUSE,
        ("house",),
        "Tests read in it what a client sent: each accepted event once, in order, as it was sent.",
        "store an event exactly when it is answered with 200, and do not store retries",
    ),
    Check(
        "journal",
        "The journal has every request, with masked keys",
        Basis.HOUSE,
        ("house",),
        "Developers look for refused requests there; a key in plain text would be a leak.",
        "keep each request with its reply, and mask keys before they are stored",
    ),
    Check(
        "isolation",
        "Worlds do not see each other",
        Basis.HOUSE,
        ("house",),
        "Each API key has its own world, so that parallel tests can share a server.",
        "look orders, events and requests up in the world of the API key",
    ),
    Check(
        "counts",
        "Counts and verdict agree with the lists",
        Basis.HOUSE,
        ("house",),
        "CI reads the verdict and people read the lists: both must agree.",
        "count what the lists hold",
    ),
    Check(
        "dry-run",
        "A dry run reports what would happen, and changes nothing",
        Basis.HOUSE,
        ("house",),
        "POST /_mock/v1/check judges events before they are sent.",
        "judge against the state of the world, and store nothing",
    ),
    Check(
        "control-api",
        "The control API does what it is asked",
        Basis.HOUSE,
        ("house",),
        "A reset or a change of settings was refused, or had no effect.",
        "see the calls of the control API: GET /_mock/v1/",
    ),
    Check(
        "reply-findings",
        "Exactly the rules fire that the events break",
        Basis.HOUSE,
        ("house",),
        "A hakuna-mock lists them in the header Hakuna-Mock-Findings. A missing rule hides a "
        "mistake of the client, a wrong one is a false alarm.",
        "compare with the same events in hakuna-mock play",
    ),
    Check(
        "order-state",
        "The quantities of an order follow from its events",
        Basis.INFERRED,
        ("S", "WF"),
        "Which units are insured follows from what was shipped, refunded and cancelled.",
        "compare with the same events in hakuna-mock play",
    ),
    Check(
        "expectation",
        "What a scenario expects comes true",
        Basis.HOUSE,
        ("house",),
        "A scenario may say what each step is answered, and what is open and what orders hold at "
        "its end.",
        "correct the event, the server, or the scenario's expect",
    ),
    Check(
        "open-findings",
        "Findings are open until something resolves them",
        Basis.HOUSE,
        ("house",),
        "The verdict of a hakuna-mock counts open findings; a refund of the forgotten plan "
        "resolves one.",
        "compare with the same events in hakuna-mock play",
    ),
)

CHECKS: dict[str, Check] = {check.id: check for check in _ALL}
"""All checks by id; reports list these ids beside those of rules."""
