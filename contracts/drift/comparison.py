"""What one exchange says about the assumptions. Made by `compare`, kept in `Drift`."""

from contracts.drift.exchange import Evidence
from contracts.values import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """An exchange in which an assumption mattered. `saw` is what the provider did instead."""

    assumption: str
    confirmed: bool
    saw: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal of an event that we would have accepted.

    `suspects` are what it can be about: rules that fired and traits of the request. One refusal
    seldom tells them apart; many together do. Without any, no rule of ours explains it.
    `needs_key` says that the key itself may be what is refused, `settled` that the suspects are the
    reasons, as the exchanges of one run have shown.
    """

    suspects: tuple[str, ...]
    status: int
    error_code: str | None
    texts: tuple[str, ...]
    needs_key: bool = False
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one exchange says.

    `failure` is set where the provider gave no usable reply, which says nothing about rules.
    `refused_key` is the idempotency key of a refused event. `unknown_here` is an order of which
    the provider may know more than we do from now on, `known_again` one for which that is over;
    both with the fingerprint of the event.
    """

    outcomes: tuple[Outcome, ...]
    evidence: Evidence
    refusal: Refusal | None = None
    failure: str = ""
    accepted: bool = False
    refused_key: str | None = None
    unknown_here: tuple[str, str] | None = None
    known_again: tuple[str, str] | None = None
