"""Many findings in little room: what stands open, and what waits behind one click."""

from collections.abc import Iterable
from dataclasses import dataclass

from contracts.findings.finding import Finding, State

MAX_SHOWN = 4


@dataclass(frozen=True)
class Folded:
    """`repeated`: what is folded away are only further findings of the rules that are shown."""

    shown: list[Finding]
    folded: list[Finding]
    repeated: bool


def fold(findings: Iterable[Finding]) -> Folded:
    """The first finding of each rule, the worst rules first, and the others.

    Sixty findings of one line are three rules again and again: one card of each says it.
    """
    ordered = sorted(findings, key=lambda one: (one.state is State.RESOLVED, one.severity.rank))
    first: dict[str, Finding] = {}
    for one in ordered:
        first.setdefault(one.rule, one)
    few = len(ordered) <= MAX_SHOWN
    shown = ordered if few else list(first.values())[:MAX_SHOWN]
    chosen = set(map(id, shown))
    folded = [one for one in ordered if id(one) not in chosen]
    return Folded(shown, folded, {one.rule for one in folded} <= {one.rule for one in shown})
