"""Many findings in little room: what stands open, and what waits behind one click."""

from collections.abc import Iterable

from contracts.findings.finding import Finding, State
from contracts.values import dataclass

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
    ordered = sorted(findings, key=lambda item: (item.state is State.RESOLVED, item.severity.rank))
    first: dict[str, Finding] = {}
    for item in ordered:
        first.setdefault(item.rule, item)
    few = len(ordered) <= MAX_SHOWN
    shown = ordered if few else list(first.values())[:MAX_SHOWN]
    chosen = set(map(id, shown))
    folded = [item for item in ordered if id(item) not in chosen]
    return Folded(shown, folded, {item.rule for item in folded} <= {item.rule for item in shown})
