"""What open findings cost: the price of the units that should not be there, each counted once."""

import json

import pytest
from plays import Shop, played

from contracts import Enforcement, Policy
from contracts.findings.finding import State
from contracts.money import money, sums
from contracts.shorthand import bodies
from contracts.worlds.rule_levels import with_rule_levels

PHONE, PLAN = 89900, 8499


def sent(events):
    """The world of a shop that has sent these bodies."""
    shop = Shop()
    for event in events:
        shop.send(event)
    return shop.world


def stakes(world):
    """Rule and amount of the findings that stake something, in their order."""
    return [
        (finding.rule, finding.at_stake.amount) for finding in world.findings if finding.at_stake
    ]


@pytest.mark.parametrize(
    ("text", "found", "total"),
    [
        # A plan goes on without its product.
        ("P{d:1,p:1>d} F{d:1} R{d:1}", [("refund-missing-protection", PLAN)], PLAN),
        ("P{d:1,p:1>d} C{d:1}", [("cancel-missing-protection", PLAN)], PLAN),
        ("P{d:3,p:3>d} F{d:3} R{d:2,p:1}", [("refund-missing-protection", PLAN)], PLAN),
        ("P{d:2,p:1>d} F{d:2} R{d:1}", [], 0),
        # More plans than products, and plans for no product at all.
        ("P{d:1,p:2>d}", [("protection-exceeds-product", PLAN)], PLAN),
        ("P{p:2>x}", [("protection-dangling-reference", 2 * PLAN)], 2 * PLAN),
        ("P{p:1>p}", [], 0),
        # Units that were given back before.
        ("P{d:1} F{d:1} R{d:1} R{d:1}@5", [("over-refund", PHONE)], PHONE),
        ("P{d:1} C{d:1} C{d:1}@3", [("over-cancellation", PHONE)], PHONE),
        ("P{d:1} F{d:2}", [], 0),
        ("P{d:3} F{d:3} R{d:1}@5 R{d:1}@5", [("duplicate-event", PHONE)], PHONE),
        ("P{d:3} F{d:1}@5 F{d:1}@5", [], 0),
        # Both rules speak of the same unit: it counts once.
        (
            "P{d:1} F{d:1} R{d:1}@5 R{d:1}@5",
            [("duplicate-event", PHONE), ("over-refund", PHONE)],
            PHONE,
        ),
        # The unit that a repeated refund took is the one that is missing later.
        (
            "P{d:2} F{d:2} R{d:1}@5 R{d:1}@5 R{d:1}@6",
            [("duplicate-event", PHONE), ("over-refund", PHONE)],
            PHONE,
        ),
        # The third finding speaks of all plans that are left, those of the first two included.
        (
            "P{d:3,p:3>d} F{d:3} R{d:1} R{d:1}@5 R{d:1}@6",
            [("refund-missing-protection", count * PLAN) for count in (1, 1, 3)],
            3 * PLAN,
        ),
        # The order ended, and with it everything that was left over.
        ("P{d:1,p:2>d} X", [], 0),
    ],
)
def test_each_unit_costs_its_price_once(text, found, total):
    world = played(text).world
    assert stakes(world) == found
    assert +world.at_stake == ({"eur": total} if total else {})


def test_a_partly_settled_finding_stakes_what_is_left_and_a_resolved_one_nothing():
    text = "P{d:3,p:3>d} F{d:3} R{d:3} R{p:1}@5"
    world = played(text).world
    assert stakes(world) == [("refund-missing-protection", 2 * PLAN)]
    assert world.at_stake["eur"] == 2 * PLAN

    world = played(f"{text} R{{p:2}}@6").world
    (settled,) = [
        finding for finding in world.findings if finding.rule == "refund-missing-protection"
    ]
    assert settled.state is State.RESOLVED
    assert "at_stake" not in settled.to_json()
    assert not +world.at_stake


def test_what_a_refused_request_would_have_cost_costs_nothing():
    world = played("P{d:1,p:1>d} F{d:1} R{d:1}", policy=Policy(Enforcement.REJECT)).world
    (refused,) = [
        finding for finding in world.findings if finding.rule == "refund-missing-protection"
    ]
    assert refused.event_id is None
    assert not stakes(world)
    assert not +world.at_stake


def test_a_rule_that_is_off_stakes_nothing():
    policy = with_rule_levels(Policy(), {"refund-missing-protection": "off"})
    world = played("P{d:1,p:1>d} F{d:1} R{d:1}", policy=policy).world
    assert not +world.at_stake


def test_of_plans_with_different_prices_the_dearest_that_are_left_count():
    events = bodies("P{d:2,p:1>d,s:1>d} F{d:2} R{d:1}@5 R{p:1}@6")
    lines = events[0]["payload"]["line_items"]
    lines[1]["price_amount"], lines[2]["price_amount"] = 5000, 9000
    assert sent(events[:3]).at_stake == {"eur": 9000}
    # The unit is settled by ending either of them.
    assert not +sent(events).at_stake
    orphaned = [*events[:3], *bodies("R{d:1}@6 R{s:1}@7")]
    assert sent(orphaned[:-1]).at_stake == {"eur": 14000}
    assert sent(orphaned).at_stake == {"eur": 5000}


def test_sums_are_kept_per_currency():
    (euros, kroner) = bodies("P#1{p:1>x} P#2{p:1>x}")
    kroner["payload"]["order_currency"] = "sek"
    kroner["payload"]["customer_billing_address"]["country"] = "se"
    assert sent([euros, kroner]).at_stake == {"eur": PLAN, "sek": PLAN}


def test_findings_that_are_not_listed_one_by_one_stake_all_the_same():
    order, *_ = bodies("P{p:1>x}")
    line = order["payload"]["line_items"][0]
    order["payload"]["line_items"] = [{**line, "id": f"line-{place}"} for place in range(150)]
    world = sent([order])
    *_, rest = [
        finding for finding in world.findings if finding.rule == "protection-dangling-reference"
    ]
    assert rest.count == 50
    assert rest.at_stake.amount == 50 * PLAN
    assert world.at_stake == {"eur": 150 * PLAN}
    back = {"type": "order_refund_added", "payload": {"order_id": "ord-1", "refund_items": []}}
    back["payload"]["refund_items"] = [
        {"line_item_id": "line-149", "quantity": 1, "refunded_at": "2024-03-02T09:00:00.000Z"}
    ]
    world = sent([order, json.loads(json.dumps(back))])
    *_, rest = [
        finding for finding in world.findings if finding.rule == "protection-dangling-reference"
    ]
    assert rest.at_stake.amount == 49 * PLAN
    assert world.at_stake == {"eur": 149 * PLAN}


def test_an_event_that_waited_stakes_what_it_does_when_it_is_applied():
    world = played("R{d:1}@5 P{d:1,p:1>d}@0").world
    assert ("refund-missing-protection", PLAN) in stakes(world)
    assert world.at_stake == {"eur": PLAN}


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (8499, "eur", "€84.99"),
        (5, "usd", "$0.05"),
        (8499, "jpy", "¥8,499"),
        (108499, "sek", "SEK 1,084.99"),
        (8499, "kwd", "KWD 8.499"),
    ],
)
def test_people_read_amounts_with_the_decimals_of_their_currency(amount, currency, shown):
    assert money(amount, currency) == shown


def test_sums_of_several_currencies_are_listed():
    rows = [{"currency": "eur", "amount": 8499}, {"currency": "sek", "amount": 1000}]
    assert sums(rows) == "€84.99 and SEK 10.00"
