"""The table of toy providers and the assumptions that each of them refutes.

python tests/support/toy_table.py
"""

# ruff: noqa: T201 - it prints its table

import sys

from audit import audited, conversation
from toy_provider import Provider
from toy_providers import TOYS

from contracts.drift.attribution import State, standings
from contracts.rules import ON_DEMAND, RULES


def toys() -> int:
    """One line a toy: what it does, and everything that is said of it; how many are wrong."""
    print(f"{len(TOYS)} toy providers, {len(conversation())} exchanges each")
    wrong = 0
    for toy in TOYS:
        drift = audited(toy.make().reply).drift
        found = standings(drift)
        refuted = {item.assumption.id for item in found.refuted}
        message = sorted(refuted)
        unexplained = sum(item.count for _, item in found.unexplained)
        message += [f"refusals unexplained: {unexplained}"] * bool(unexplained)
        message += [f"unclear: {len(found.unclear)}"] * bool(found.unclear)
        message += [f"no usable reply: {', '.join(drift.failures)}"] * bool(drift.failures)
        confirmed = len(found.of(State.CONFIRMED))
        wrong += refuted != toy.refuted
        print(f"{toy.name:27} {toy.about:57} {confirmed:3} confirmed; {', '.join(message) or '-'}")
    print(f"{wrong} toys with another list than theirs")
    return wrong


def each_rule() -> int:
    """A provider for each rule that refuses nothing else; how many are not named, or not alone."""
    rules = [
        item.id for item in RULES.values() if not item.always_refuses and item.id not in ON_DEMAND
    ]
    wrong = 0
    for rule in rules:
        found = standings(audited(Provider(rule).reply).drift)
        refuted = {item.assumption.id for item in found.refuted}
        if refuted != {rule} or found.unclear or found.unexplained:
            wrong += 1
            print(f"{rule}: {sorted(refuted)}")
    print(f"{len(rules)} rules refused alone, {wrong} not named or not alone")
    return wrong


if __name__ == "__main__":
    sys.exit(bool(each_rule() if "--rules" in sys.argv else toys()))
