"""What is assumed of the provider, and what to ask its support."""

from collections.abc import Iterable

from markdown import angle, page, table

from contracts.drift.assumption import ASSUMPTIONS, Assumption, Kind
from contracts.rules import RULES


def text() -> str:
    """The page: the numbered behaviours of the wire, then the other rules."""
    every = list(ASSUMPTIONS.values())
    numbered = [item for item in every if item.number is not None]
    refusing = [item for item in every if item.number is None and item.refuses]
    accepting = [item for item in every if item.number is None and item.refuses is False]
    return page(
        "Assumptions",
        f"hakuna-mock assumes {len(every)} things of the provider: one for each of its "
        f"{len(RULES)} rules, and one for each numbered behaviour of the wire. "
        "`hakuna-mock proxy`, `verify --drift` and `fuzz --drift` hold them against a real one; "
        "[how to](../how-to/real-provider.md). `hakuna-mock drift --list` prints this list, with "
        "the question for the provider's support.",
        "## The wire",
        table(
            ["", "assumption", "what is assumed", "basis", "ask the provider"],
            (
                (
                    str(item.number),
                    _name(item),
                    angle(item.assumed),
                    str(item.basis),
                    angle(item.question),
                )
                for item in numbered
            ),
        ),
        "## Rules whose breach is refused",
        _rules(refusing),
        "## Rules whose breach is accepted",
        "That a rule is documented does not say what the API answers to an event that breaks it: "
        "that it is accepted with 200 is inferred, for all of these.",
        _rules(accepting),
    )


def _name(assumption: Assumption) -> str:
    return (
        f"[{assumption.id}](rules.md#{assumption.id})"
        if assumption.id in RULES
        else f"`{assumption.id}`"
    )


def _rules(assumptions: Iterable[Assumption]) -> str:
    return table(
        ["rule", "the rule is", "remark"],
        (
            (
                _name(assumption),
                angle(RULES[assumption.id].title),
                assumption.never_sent and f"Never: {assumption.never_sent}.",
            )
            for assumption in assumptions
            if assumption.kind is Kind.RULE
        ),
    )
