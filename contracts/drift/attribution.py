"""What follows from what was counted: which assumptions are refuted, confirmed, or untested.

A refusal of an event in which several rules fired does not say which of them it is about. Over many
exchanges it does: a rule that was accepted elsewhere is not the reason, and a rule that is refused
alone explains the refusals in which it fired beside others.
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from contracts.drift.assumption import ASSUMPTIONS, Assumption
from contracts.drift.comparison import Refusal
from contracts.drift.drift import Counted, Drift, merged
from contracts.values import replace


class State(StrEnum):
    """How an assumption stands, in the order in which people read it."""

    REFUTED = "refuted"
    CONFIRMED = "confirmed"
    NOT_EXERCISED = "not exercised"


@dataclass
class Standing:
    """How one assumption stands. `saw` is what the provider did instead, `presumed` names other
    rules that fired in every exchange that refutes it.
    """

    assumption: Assumption
    confirmed: Counted
    refuted: Counted
    presumed: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """Refuted as soon as one exchange refutes it, else confirmed or not exercised."""
        if self.refuted.count:
            return State.REFUTED
        return State.CONFIRMED if self.confirmed.count else State.NOT_EXERCISED

    @property
    def mixed(self) -> bool:
        """Whether other exchanges confirm what some refute: it depends on something else."""
        return bool(self.refuted.count and self.confirmed.count)


@dataclass
class Standings:
    """How all assumptions stand: refuted ones first, then confirmed, then not exercised.

    `unclear` are refusals that several rules may explain, `unexplained` those that none explains.
    """

    assumptions: list[Standing]
    unclear: list[tuple[Refusal, Counted]] = field(default_factory=list)
    unexplained: list[tuple[Refusal, Counted]] = field(default_factory=list)

    def of(self, state: State) -> list[Standing]:
        """Those of one state."""
        return [assumption for assumption in self.assumptions if assumption.state is state]

    @property
    def refuted(self) -> list[Standing]:
        """Those that at least one exchange refutes."""
        return self.of(State.REFUTED)


def standings(drift: Drift) -> Standings:
    """What follows from everything that was counted. Pure."""
    found = {assumption.id: _started(assumption, drift) for assumption in ASSUMPTIONS.values()}
    accepted = _accepted(drift)
    reasons, presumed = _reasons(drift, accepted)
    result = Standings([])
    for refusal, counted in drift.refusals.items():
        suspects = set(refusal.suspects)
        known = sorted(suspects & reasons) if not refusal.needs_key else []
        if known:
            for name in known:
                found[name].refuted.merge(_told(refusal, counted))
                found[name].presumed = presumed.get(name, ())
            _status_and_code(found, known, refusal, counted)
        elif refusal.needs_key or len(suspects - accepted) < 2:
            result.unexplained.append((refusal, counted))
        else:
            result.unclear.append((refusal, counted))
    order = list(State)
    result.assumptions = sorted(
        found.values(), key=lambda item: (order.index(item.state), item.mixed)
    )
    return result


def settled(drift: Drift) -> Drift:
    """The same with each refusal put down to its reasons, where they are known.

    To be done before runs are merged: another provider, or the same one a year later, accepts what
    was refused here, and that would leave the refusals without a reason.
    """
    found = standings(drift)
    open_cases = {id(item) for item, _ in (*found.unclear, *found.unexplained)}
    reasons, _ = _reasons(drift, _accepted(drift))
    whole = merged([drift])
    whole.refusals = {}
    for refusal, counted in drift.refusals.items():
        known = refusal
        if id(refusal) not in open_cases:
            suspects = tuple(suspect for suspect in refusal.suspects if suspect in reasons)
            known = replace(refusal, suspects=suspects, settled=True)
        whole.refusals.setdefault(known, Counted()).merge(counted)
    return whole


def _accepted(drift: Drift) -> set[str]:
    return {name for name, item in drift.tested.items() if item.confirmed.count}


def _started(assumption: Assumption, drift: Drift) -> Standing:
    """A copy: what is attributed is not counted twice."""
    tested = drift.tested.get(assumption.id)
    standing = Standing(assumption, Counted(), Counted())
    if tested:
        standing.confirmed.merge(tested.confirmed)
        standing.refuted.merge(tested.refuted)
    return standing


def _reasons(drift: Drift, accepted: set[str]) -> tuple[set[str], dict[str, tuple[str, ...]]]:
    """The rules and traits that refusals are about, and which of them are only presumed."""
    groups = [
        (set(refusal.suspects), counted.count)
        for refusal, counted in drift.refusals.items()
        if refusal.suspects and not refusal.needs_key
    ]
    reasons = {name for refusal in drift.refusals if refusal.settled for name in refusal.suspects}
    for suspects, _ in groups:
        left = suspects - accepted
        if len(left) == 1:
            reasons |= left
    # Of what was accepted elsewhere one thing may still be the reason, and its case is mixed: what
    # people seldom do, or what was refused alone as often as it was accepted.
    alone: Counter[str] = Counter()
    for suspects, count in groups:
        if suspects <= accepted:
            loud = {suspect for suspect in suspects if not ASSUMPTIONS[suspect].quiet}
            reasons |= loud if len(loud) == 1 else set()
            if len(suspects) == 1:
                alone.update(dict.fromkeys(suspects, count))
    reasons |= {
        item for item, count in alone.items() if count >= drift.tested[item].confirmed.count
    }
    presumed: dict[str, tuple[str, ...]] = {}
    for suspects, _ in groups:
        left = suspects - accepted
        loud = {item for item in left if not ASSUMPTIONS[item].quiet}
        if not suspects & reasons and len(loud) == 1:
            (name,) = loud
            presumed[name] = tuple(sorted(left - loud))
    return reasons | presumed.keys(), presumed


def _told(refusal: Refusal, counted: Counted) -> Counted:
    code = f" {refusal.error_code}" if refusal.error_code else ""
    texts = f": {counted.saw}" if counted.saw else ""
    return Counted(counted.count, counted.first, counted.last, f"{refusal.status}{code}{texts}")


def _status_and_code(
    found: dict[str, Standing], reasons: list[str], refusal: Refusal, counted: Counted
) -> None:
    """What a refusal for a known reason says about statuses and codes by cause."""
    reason = reasons[0]
    if ASSUMPTIONS[reason].refuses is None or refusal.status == 401:
        return
    name, expected = (
        ("status-unknown-order", 404)
        if reason == "unknown-order"
        else (
            "status-rule",
            400,
        )
    )
    _count(found[name], refusal.status == expected, counted, str(refusal.status))
    if reason in ("order-cancel-after-fulfillment", "order-already-cancelled"):
        code = refusal.error_code
        if code is not None:
            _count(found["error-code-cancel"], code == "cancel_decline", counted, code)


def _count(standing: Standing, confirmed: bool, counted: Counted, saw: str) -> None:  # noqa: FBT001
    side = standing.confirmed if confirmed else standing.refuted
    side.merge(Counted(counted.count, counted.first, counted.last, "" if confirmed else saw))
