"""One thing that this mock assumes of the provider, and everything it assumes as data.

There is one assumption for each rule (does the provider refuse what breaks it?), and one for each
numbered behaviour of the wire; a behaviour that is a rule's is listed once, under its number.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from contracts.drift.wire import BEHAVIOURS, RULE_NUMBERS, Behaviour
from contracts.findings.finding import Basis, Severity
from contracts.findings.sources import cite
from contracts.rules import ON_DEMAND, RULES, Rule
from contracts.values import dataclass


class Kind(StrEnum):
    """`rule`: whether breaking a rule is refused. `wire`: how requests and replies look."""

    RULE = "rule"
    WIRE = "wire"


@dataclass(frozen=True)
class Assumption:
    """One assumption.

    `number` is that of a behaviour of the wire. `assumed` says in one sentence what we take for
    true, `question` asks the provider's support for it. `refuses` says of a rule whether breaking
    it is refused, and is None elsewhere. `never_sent` says why no exchange can show it.
    """

    id: str
    kind: Kind
    number: int | None
    assumed: str
    basis: Basis
    source: str
    question: str
    refuses: bool | None = None
    never_sent: str = ""
    quiet: bool = False
    """Whether nearly every request of some clients has it: a refusal is seldom its fault."""

    def to_json(self) -> dict[str, Any]:
        """The assumption as `drift --list --output-format json` shows it."""
        return {
            "id": self.id,
            "kind": str(self.kind),
            "number": self.number,
            "assumed": self.assumed,
            "basis": str(self.basis),
            "source": self.source,
            "question": self.question,
            "never_sent": self.never_sent or None,
        }


_NEVER_SENT = {
    "production-path": "only POST /sandbox/events is sent on",
    "wrong-endpoint": "only POST /sandbox/events is sent on",
    "auth-environment-mismatch": "a live key is never sent on",
    **dict.fromkeys(ON_DEMAND, "it speaks of faults that hakuna-mock plays on demand"),
}


def _of_behaviour(behaviour: Behaviour) -> Assumption:
    return Assumption(
        behaviour.id,
        Kind.WIRE,
        behaviour.number,
        behaviour.assumed,
        behaviour.basis,
        cite(*behaviour.sources),
        behaviour.question,
        quiet=behaviour.of_request,
    )


def _of_rule(rule: Rule[Any]) -> Assumption:
    refuses = rule.always_refuses
    answer = "is refused" if refuses else "is accepted with 200, and judged later if at all"
    expected = "refuse it" if refuses else "accept it with 200"
    return Assumption(
        rule.id,
        Kind.RULE,
        RULE_NUMBERS.get(rule.id),
        f"An event that breaks “{rule.title}” {answer}.",
        # That a rule holds may be documented; that breaking it is not refused never is.
        rule.basis if refuses else Basis.INFERRED,
        rule.source,
        f"How does POST /sandbox/events answer an event that breaks “{rule.title}”? We expect "
        f"that you {expected}. With which status and error_code, if you refuse it?",
        refuses=refuses,
        never_sent=_NEVER_SENT.get(rule.id, ""),
        quiet=rule.severity is Severity.ADVICE,
    )


def _all() -> Iterator[Assumption]:
    behaviours = [_of_behaviour(behaviour) for behaviour in BEHAVIOURS]
    rules = [_of_rule(rule) for rule in RULES.values()]
    numbered = [item for item in (*behaviours, *rules) if item.number is not None]
    yield from sorted(numbered, key=lambda item: item.number or 0)
    yield from (rule for rule in rules if rule.number is None)


ASSUMPTIONS: dict[str, Assumption] = {item.id: item for item in _all()}
"""Every assumption by id: the numbered ones first, then the other rules."""
