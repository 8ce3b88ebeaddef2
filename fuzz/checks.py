"""What `verify` and `fuzz` hold against a server: each check with its basis, source and fix."""

from dataclasses import dataclass

from contracts.findings import Basis
from contracts.sources import cite


@dataclass(frozen=True)
class Check:
    """One thing that a server can get wrong. `sources` are codes of the facts file."""

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
        "reply-findings",
        "The rules that fire are those that the contract says",
        Basis.HOUSE,
        ("design",),
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
        ("design",),
        "A hakuna-mock's verdict counts open findings; a refund of the forgotten plan settles one.",
        "compare with hakuna-mock play of the same events",
    ),
)

CHECKS: dict[str, Check] = {one.id: one for one in _ALL}
"""All checks by id; the ids stand in reports beside those of rules."""
