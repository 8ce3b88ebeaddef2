"""What mistakes cost in the naive model: counted anew from the order as its events left it.

A finding names units: plans that should have ended, or units of a line that were given back once
more or beyond what there was. How much that is follows from the lines and their prices alone.
"""

from collections import Counter
from collections.abc import Iterable

from fuzz.model.findings import Finding
from fuzz.model.orders import OrderHistory
from fuzz.model.placement import Line


def price_findings(history: OrderHistory) -> None:
    """Say of each finding of an order what it costs now."""
    for item in _findings(history):
        item.cost = 0
        for what, name, units in item.units if item.open else ():
            if what == "plan line":
                line = history.lines[name]
                item.cost += line.price * min(units, line.active)
            elif what == "plans":
                item.cost += _plans(history, name, units)
            else:
                item.cost += history.lines[name].price * units


def at_stake(history: OrderHistory) -> int:
    """What the open findings of an order cost together: no unit is paid for twice."""
    plans: Counter[str] = Counter()
    again: Counter[str] = Counter()
    beyond: Counter[str] = Counter()
    for finding in _findings(history):
        for what, name, units in finding.units if finding.open else ():
            if what == "plan line":
                plans[history.lines[name].reference or ""] += units
            else:
                {"plans": plans, "again": again, "beyond": beyond}[what][name] += units
    twice = again | beyond  # of each line the larger of the two numbers
    return sum(_plans(history, name, units) for name, units in plans.items()) + sum(
        history.lines[name].price * units for name, units in twice.items()
    )


def _findings(history: OrderHistory) -> Iterable[Finding]:
    for findings in (*history.findings.values(), *history.later.values()):
        yield from findings


def _plans(history: OrderHistory, reference: str, units: int) -> int:
    """So many plans for a product, but no more than there are without one: the dearest."""
    plans = [line for line in history.lines.values() if line.reference == reference]
    products = [
        line
        for line in history.lines.values()
        if line.reference is None and line.product_id == reference
    ]
    left = min(units, max(0, _active(plans) - _active(products)))
    cost = 0
    for price in sorted({line.price for line in plans}, reverse=True):
        some = min(left, _active([line for line in plans if line.price == price]))
        cost += price * some
        left -= some
    return cost


def _active(lines: Iterable[Line]) -> int:
    return sum(line.active for line in lines)
