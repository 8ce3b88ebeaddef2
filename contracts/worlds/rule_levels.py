"""The level of each rule that a user sets: a severity, `off`, `refuse` or `accept`.

One rule has one level. A severity or `off` changes how loud the rule is; `refuse` and `accept`
keep its severity and decide whether a request that breaks it is refused.
"""

from collections.abc import Iterator, Mapping

from contracts.findings.finding import OFF, Severity
from contracts.findings.outside import OUTSIDE
from contracts.rules import RULES
from contracts.suggestions import hint
from contracts.values import replace
from contracts.worlds.policy import Decision, Policy

LEVELS: tuple[str, ...] = (OFF, *reversed(Severity), *Decision)

_QUIET = (OFF, Severity.ADVICE)


class RuleLevelError(ValueError):
    """A rule cannot have this level; the message does not name the rule again."""


def check_rule_level(rule: str, level: object) -> str:
    """The level, if the rule exists and may have it; else RuleLevelError."""
    if rule not in RULES and rule not in OUTSIDE:
        raise RuleLevelError(f"there is no such rule{hint(rule, [*RULES, *OUTSIDE])}")
    if level not in LEVELS:
        raise RuleLevelError(f"must be one of {', '.join(LEVELS)}")
    if level == Decision.ACCEPT and rule in RULES and RULES[rule].always_refuses:
        raise RuleLevelError(
            "cannot be accept: a request that breaks this rule is always refused; "
            "set it off to hide its findings"
        )
    return str(level)


def with_rule_levels(policy: Policy, changes: Mapping[str, str | None]) -> Policy:
    """The policy with the level of some rules changed; None takes the level of a rule away."""
    chosen: dict[str, str | None] = {**rule_levels(policy), **changes}
    return replace(
        policy,
        levels={
            rule: OFF if level == OFF else Severity(level)
            for rule, level in chosen.items()
            if level is not None and level not in tuple(Decision)
        },
        decisions={
            rule: Decision(level) for rule, level in chosen.items() if level in tuple(Decision)
        },
    )


def rule_levels(policy: Policy) -> dict[str, str]:
    """The levels as they were set, by rule."""
    chosen = {**policy.levels, **policy.decisions}
    return {rule: str(level) for rule, level in sorted(chosen.items())}


def silenced_refusals(levels: Mapping[str, str]) -> Iterator[str]:
    """A warning for each rule whose level lets a verdict pass while its requests are refused."""
    for rule, level in sorted(levels.items()):
        if level in _QUIET and rule in RULES and RULES[rule].always_refuses:
            reports = "no finding reports it" if level == OFF else "its finding is only advice"
            yield (
                f"{rule} is {level}: a request that breaks it is still refused, but {reports}, "
                "so a run can pass although events were lost"
            )
