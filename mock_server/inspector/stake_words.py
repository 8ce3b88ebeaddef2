"""What is at stake, in words and in sums, as pages show it."""

from collections.abc import Iterable
from typing import Any

from contracts.findings.at_stake import by_currency
from contracts.findings.finding import Finding
from contracts.orders.order import Order

TWICE = ("over-refund", "over-cancellation")


def stake_sentence(finding: Finding, order: Order | None) -> str:
    """Why a finding costs money: `€84.99 of insurance goes on for the iPhone 14 that was returned`;
    "" where it costs none.
    """
    if finding.at_stake is None:
        return ""
    amount = finding.at_stake.in_words
    match finding.rule:
        case "refund-missing-protection":
            return f"{amount} of insurance goes on for {_products(finding, order)} returned"
        case "cancel-missing-protection":
            return f"{amount} of insurance goes on for {_products(finding, order)} cancelled"
        case "protection-exceeds-product":
            return f"{amount} of insurance is sold beyond the products that there are to insure"
        case "protection-dangling-reference":
            return f"{amount} of insurance covers no product of its order"
        case "over-cancellation":
            return f"{amount} is cancelled beyond what was left to cancel"
        case "over-refund":
            return f"{amount} is refunded beyond what was left to refund"
        case "duplicate-event":
            return f"{amount} is refunded a second time"
    return f"{amount} is at stake"


def _products(finding: Finding, order: Order | None) -> str:
    """The product lines of the finding's pair, as far as the order is known."""
    units = sum(claim.claim.units for claim in finding.claims) or 1
    group = order.groups.get(finding.subject) if order else None
    lines = group.product_lines if group else ()
    title = order.lines[lines[0]].item.title if order and lines else ""
    if units == 1:
        return f"the {title or 'product'} that was"
    return f"{units} × {title or 'the product'} that were"


def stake_of(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """What the findings of one event stake together: a unit that two rules speak of counts once."""
    left: list[tuple[str, int]] = []
    repeated: dict[str, int] = {}
    beyond: dict[str, int] = {}
    for finding in findings:
        stake = finding.at_stake
        if stake is None:
            continue
        if finding.rule == "duplicate-event":
            repeated[stake.currency] = repeated.get(stake.currency, 0) + stake.amount
        elif finding.rule in TWICE:
            beyond[stake.currency] = beyond.get(stake.currency, 0) + stake.amount
        else:
            left.append((stake.currency, stake.amount))
    twice = {
        currency: max(repeated.get(currency, 0), beyond.get(currency, 0))
        for currency in {*repeated, *beyond}
    }
    return by_currency([*left, *twice.items()])
