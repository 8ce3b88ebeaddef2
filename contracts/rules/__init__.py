"""The catalogue: every rule, found by looking into `families`.

Adding a rule means writing it into a file there and nothing else; documentation, `explain`, the
control API and the tests of the examples follow from `RULES`.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from contracts.findings.at_stake import AtStake, Staked
from contracts.findings.finding import OFF, Finding, RuleLevel, Severity, more_message
from contracts.findings.sources import cite
from contracts.http.credentials import mask_keys
from contracts.orders.events import ALL_EVENTS, type_of
from contracts.rules import families
from contracts.rules.claimed_units import amount_of
from contracts.rules.rule import (
    BodyContext,
    Context,
    Example,
    Found,
    OrderContext,
    RequestContext,
    Rule,
    Stage,
)
from contracts.values import replace

MAX_PER_RULE = 100
"""A rule lists so many findings of one request; a last one counts the rest (a body may hold
thousands of entries).
"""


def _collect() -> dict[str, Rule[Any]]:
    found: dict[str, Rule[Any]] = {}
    for module in sorted(info.name for info in iter_modules(families.__path__)):
        for value in vars(import_module(f"{families.__name__}.{module}")).values():
            if isinstance(value, Rule) and value.family == module:
                if value.id in found:
                    raise ValueError(f"two rules are called {value.id}")
                found[value.id] = value
    return found


RULES: dict[str, Rule[Any]] = _collect()
"""All rules by id."""

ON_DEMAND = frozenset(
    rule.id for rule in RULES.values() if rule.stage is Stage.RETRY or rule.id == "fault-unknown"
)
"""The rules that speak of faults on demand: without those none of them fires."""

_ASKED: dict[tuple[Stage, str | None], list[Rule[Any]]] = {
    (stage, kind): [
        rule for rule in RULES.values() if rule.stage is stage and (not kind or kind in rule.events)
    ]
    for stage in Stage
    for kind in (*ALL_EVENTS, None)
}
"""The rules of a stage that can fire for an event type; for None all of the stage."""

__all__ = [
    "ON_DEMAND",
    "RULES",
    "BodyContext",
    "Context",
    "Example",
    "Found",
    "OrderContext",
    "RequestContext",
    "Rule",
    "Stage",
    "evaluate",
    "rules_asked",
]


def rules_asked(stage: Stage, kind: str | None) -> Iterator[str]:
    """The ids of the rules that a stage asks about an event of that type."""
    return (item.id for item in _ASKED[stage, kind])


def evaluate(
    stage: Stage,
    context: Context,
    levels: Mapping[str, RuleLevel],
    *,
    order_id: str | None,
    event_id: str,
    request_id: str,
) -> tuple[Finding, ...]:
    """What the rules of a stage find, completed to findings; `levels` overrides severities."""
    found: list[Finding] = []
    event = context.event if isinstance(context, BodyContext | OrderContext) else None
    for rule in _ASKED[stage, type_of(event) if event else None]:
        level = levels.get(rule.id) if levels else None
        if level == OFF:
            continue
        listed = 0
        rest: list[Found] = []
        for item in rule.check(context):
            if listed < MAX_PER_RULE:
                listed += 1
                found.append(_completed(rule, item, level, order_id, event_id, request_id))
                if item.claims:
                    found[-1] = _priced(found[-1], [item], context)
            else:
                rest.append(item)
        if rest:
            found.append(_priced(_remainder(rule, rest, level, found[-1]), rest, context))
    return tuple(found)


def _completed(
    rule: Rule[Any],
    found: Found,
    level: RuleLevel | None,
    order_id: str | None,
    event_id: str,
    request_id: str,
) -> Finding:
    return Finding(
        rule=rule.id,
        severity=Severity(level or found.severity or rule.severity),
        basis=found.basis or rule.basis,
        pointer=found.pointer,
        message=mask_keys(found.message),
        fix=mask_keys(found.fix) or rule.fix,
        source=cite(*found.sources) if found.sources else rule.source,
        order_id=order_id,
        event_id=event_id,
        request_id=request_id,
        subject=found.subject,
        related=found.related,
        correction=found.correction,
    )


def _remainder(
    rule: Rule[Any], rest: list[Found], level: RuleLevel | None, last: Finding
) -> Finding:
    """One finding for all that are too many to list, as severe as the worst of them."""
    severities = [item.severity or rule.severity for item in rest]
    worst = Severity(level or min(severities, key=lambda item: item.rank))
    return replace(
        last,
        severity=worst,
        pointer="",
        message=more_message(len(rest)),
        fix=rule.fix,
        subject="",
        related=(),
        correction=None,
        count=len(rest),
        subjects=tuple(item.subject for item in rest),
    )


def _priced(
    finding: Finding,
    stands_for: list[Found],
    context: Context,
) -> Finding:
    """The finding with what its units cost in the order as the event leaves it."""
    if not isinstance(context, OrderContext):
        return finding
    order = context.step.after
    claims = tuple(
        Staked(claim, amount_of(order, claim), item.subject)
        for item in stands_for
        for claim in item.claims
    )
    amount = sum(item.amount for item in claims)
    stake = AtStake(amount, order.currency) if amount else None
    return replace(finding, stake=stake, claims=claims)
