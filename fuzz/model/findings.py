"""Findings in the naive model, and how severe each rule is."""

from collections.abc import Mapping
from dataclasses import dataclass

from fuzz.model.value_rules import RULES

MAX_PER_RULE = 100
"""How often a rule is listed for one request (house): a body may hold thousands of mistakes."""

STOPS_LOOKING = frozenset(
    (
        "body-invalid",
        "unknown-event-type",
        "timestamp-format",
        "country-format",
        "currency-format",
    )
)
"""Of a body that is refused no more mistakes than those are looked for, so there is no rest."""

RANK = {"advice": 1, "warning": 2, "violation": 3}

SEVERITY = {
    **dict.fromkeys(
        (
            "auth-invalid",
            "auth-environment-mismatch",
            "production-path",
            "wrong-endpoint",
            "idempotency-key-reused",
            "idempotency-key-invalid",
            "body-invalid",
            "unknown-event-type",
            "timestamp-format",
            "country-format",
            "currency-format",
            "order-id-reused",
            "protection-dangling-reference",
            "protection-self-reference",
            "protection-exceeds-product",
            "refund-missing-protection",
            "cancel-missing-protection",
            "unknown-order",
            "unknown-line-item",
            "order-cancel-after-fulfillment",
            "order-already-cancelled",
        ),
        "violation",
    ),
    **dict.fromkeys(
        (
            "auth-credentials-conflict",
            "version-header-unexpected",
            "json-duplicate-key",
            "country-unknown",
            "currency-unknown",
            "currency-country-mismatch",
            "line-item-id-duplicate",
            "protection-missing-reference",
            "protection-references-protection",
            "out-of-order-arrival",
            "duplicate-event",
            "over-fulfillment",
            "over-refund",
            "over-cancellation",
            "cancel-after-fulfillment",
            "protection-cancel-after-shipment",
            "protection-revocation-window",
            "product-return-window",
            "timestamp-before-placement",
            "timestamp-regression",
        ),
        "warning",
    ),
    **dict.fromkeys(
        (
            "auth-bearer-header",
            "version-header-missing",
            "idempotency-key-missing",
            "content-type",
            "unknown-field",
            "email-format",
            "zip-format",
            "protection-brand-case",
            "protection-price-zero",
            "legacy-linkage",
            "pairing-split-across-events",
            "termination-kind-mixed",
            "item-entry-repeated",
            "cancel-quantity-missing",
            "cancel-timestamp-alias",
            "refund-before-fulfillment",
            "protection-fulfilled-alone",
            "timestamp-future",
            "placement-date-implausible",
            "event-after-order-cancelled",
        ),
        "advice",
    ),
    **{rule: severity for rule, (severity, _) in RULES.items()},
}
"""Where a rule knows two severities, the event that breaks it says which."""


@dataclass(slots=True)
class Finding:
    """One finding. It is open until something resolves it.

    `units` are those that cost money as long as it is open: what they are, the product or line, how
    many. `cost` is their price, as `stakes.price_findings` last counted it.
    """

    rule: str
    severity: str
    open: bool = True
    units: tuple[tuple[str, str, int], ...] = ()
    cost: int = 0


def make_finding(
    rule: str, levels: Mapping[str, str], severity: str | None = None
) -> Finding | None:
    """A finding at its level; None where the rule is off."""
    level = levels.get(rule)
    if level == "off":
        return None
    return Finding(rule, level if level in RANK else severity or SEVERITY[rule])


def worst_severities(findings: list[Finding]) -> dict[str, str]:
    """Rule to severity, the worse of two."""
    named: dict[str, str] = {}
    for item in findings:
        if RANK[item.severity] > RANK.get(named.get(item.rule, ""), 0):
            named[item.rule] = item.severity
    return named


def capped(findings: list[Finding]) -> list[Finding]:
    """The findings of one request as they are listed: of each rule so many, then one for the rest.

    That one is as severe as the worst of the rest, and open until all of them are resolved.
    """
    if len(findings) <= MAX_PER_RULE:
        return findings
    kept: dict[str, list[Finding]] = {}
    for finding in findings:
        kept.setdefault(finding.rule, []).append(finding)
    listed: list[Finding] = []
    for rule, group in kept.items():
        listed += group[:MAX_PER_RULE]
        rest = group[MAX_PER_RULE:]
        if rest and rule not in STOPS_LOOKING:
            severity = max((item.severity for item in rest), key=RANK.__getitem__)
            still_open = any(item.open for item in rest)
            cost = sum(item.cost for item in rest)
            listed.append(Finding(rule, severity, still_open, cost=cost))
    return listed
