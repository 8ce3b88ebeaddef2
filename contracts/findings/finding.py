"""A finding: one broken or bent rule, with where, why and what to do about it."""

from dataclasses import asdict
from enum import StrEnum
from typing import Any

from contracts.findings.at_stake import AtStake, Staked
from contracts.findings.correction import Correction
from contracts.values import dataclass, replace


class Severity(StrEnum):
    """How bad it is; `violation` breaks a documented must."""

    VIOLATION = "violation"
    WARNING = "warning"
    ADVICE = "advice"

    @property
    def rank(self) -> int:
        """0 for the most severe, so that sorting puts it first."""
        return _RANKS[self]


OFF = "off"
"""A rule with this level neither reports nor rejects."""

RuleLevel = Severity | str
"""A severity, or `off`."""

_RANKS = {Severity.VIOLATION: 0, Severity.WARNING: 1, Severity.ADVICE: 2}


class Basis(StrEnum):
    """How sure we are: the provider's word, our inference from it, or a choice of this tool."""

    DOCUMENTED = "documented"
    INFERRED = "inferred"
    HOUSE = "house"


class State(StrEnum):
    """`open` until something resolves it; most findings never are resolved."""

    OPEN = "open"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Related:
    """Another event that belongs to the story."""

    event_id: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says about one request.

    `pointer` is a JSON pointer into the body ("" for the headers or the whole). `event_id` is None
    for refused requests. `subject` tells findings of one rule and event apart: the product
    reference of a pairing finding, else "". `count` is how many of a kind it stands for: 1, or more
    where a rule has too much to report about one event; `subjects` are those it stands for.
    `correction` holds what `fix` says of lines and quantities as data. `stake` is what the mistake
    costs as long as it is open, `claims` are the units that cost so much.
    """

    rule: str
    severity: Severity
    basis: Basis
    pointer: str
    message: str
    fix: str
    source: str
    order_id: str | None
    event_id: str | None
    request_id: str
    subject: str = ""
    state: State = State.OPEN
    related: tuple[Related, ...] = ()
    count: int = 1
    subjects: tuple[str, ...] = ()
    correction: Correction | None = None
    stake: AtStake | None = None
    claims: tuple[Staked, ...] = ()

    @property
    def owner(self) -> str:
        """The event that it belongs to, else the request."""
        return self.event_id or self.request_id

    def resolved(self, by: "Resolution") -> "Finding":
        """The same finding after the event that settled it.

        One that stands for many is resolved when the last of them is.
        """
        if self.count > 1:
            left = tuple(subject for subject in self.subjects if subject != by.subject)
            return replace(
                self, count=self.count - 1, subjects=left, message=more_message(self.count - 1)
            )
        related = (*self.related, Related(by.resolved_by, by.message))
        return replace(self, state=State.RESOLVED, subjects=(), related=related)

    @property
    def at_stake(self) -> AtStake | None:
        """What the mistake costs now: nothing as soon as it is resolved."""
        return self.stake if self.state is State.OPEN else None

    def staking(self, change: int, currency: str) -> "Finding":
        """The same finding, which stakes so much more or less than before."""
        amount = (self.stake.amount if self.stake else 0) + change
        return replace(self, stake=AtStake(amount, currency) if amount else None)

    def costing_nothing(self) -> "Finding":
        """The same finding of a request that was refused: what did not happen costs nothing."""
        return replace(self, event_id=None, stake=None, claims=())

    def reopened(self) -> "Finding":
        """The same finding before it was resolved."""
        return replace(self, state=State.OPEN, related=self.related[:-1])

    def to_json(self) -> dict[str, Any]:
        """The finding as the control API, reports and `finding.json` show it."""
        shown: dict[str, Any] = {
            "rule": self.rule,
            "severity": str(self.severity),
            "basis": str(self.basis),
            "state": str(self.state),
            "pointer": self.pointer,
            "message": self.message,
            "fix": self.fix,
            "source": self.source,
            "order_id": self.order_id,
            "event_id": self.event_id,
            "request_id": self.request_id,
            "related": [asdict(item) for item in self.related],
        }
        if self.count > 1:
            shown["count"] = self.count
        if self.at_stake:
            shown["at_stake"] = self.at_stake.to_json()
        return shown


def more_message(count: int) -> str:
    """The message of a finding that stands for those that are not listed one by one."""
    return f"and {count} more of this rule in the same event, which are not listed one by one"


@dataclass(frozen=True, slots=True)
class Resolution:
    """Which open findings an event settles: those of this owner, rule and subject.

    `owner` is an event's id, or a request's where the finding belongs to no event.
    """

    owner: str
    rule: str
    subject: str
    resolved_by: str
    message: str

    def settles(self, finding: Finding) -> bool:
        """Whether that finding is one of them."""
        return (
            finding.state is State.OPEN
            and finding.owner == self.owner
            and finding.rule == self.rule
            and self.subject in (finding.subjects or (finding.subject,))
        )


def most_severe_first(findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """Each rule id once, the most severe first, as the `Hakuna-Mock-Findings` header lists them."""
    ordered = sorted(findings, key=lambda finding: finding.severity.rank)
    return tuple(dict.fromkeys(finding.rule for finding in ordered))
