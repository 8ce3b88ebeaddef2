"""What holds for every conversation, however it goes."""

import json
from collections import Counter
from dataclasses import replace

from conversations import Story, interleaved, shuffled, stories
from hypothesis import given, settings
from hypothesis import strategies as st
from plays import FLAG, REJECT, Shop

from contracts import Severity, State
from contracts.event_kinds import ITEM_LISTS

PAIRING_RULES = {"refund-missing-protection", "cancel-missing-protection"}


def told_by(story: Story, policy=FLAG) -> Shop:
    """A shop that has sent the story, every event under a key of its own."""
    shop = Shop(policy)
    for body in story.bodies:
        shop.send(body)
    return shop


def findings(shop: Shop, order_id: str | None = None) -> Counter:
    """The findings as a multiset of rule, severity and state."""
    return Counter(
        (item.rule, item.severity, item.state)
        for item in shop.log
        if order_id in (None, item.order_id)
    )


def ledgers(shop: Shop) -> dict:
    """The counts of every line of every order."""
    return {
        (order_id, line_id): line.ledger
        for order_id, order in shop.world.orders.items()
        for line_id, line in order.lines.items()
    }


def torn_references(shop: Shop) -> set[str]:
    """Recounted from the lines alone: where a product unit ended and too many plans are left."""
    order = shop.order()
    torn = set()
    for plan in [line for line in order.lines.values() if line.item.is_protection]:
        reference = plan.item.reference
        products = [
            line.ledger
            for line in order.lines.values()
            if not line.item.is_protection and line.item.product_id == reference
        ]
        plans = [line.ledger for line in order.lines.values() if line.item.reference == reference]
        ended = sum(product.cancelled + product.refunded for product in products)
        if ended and sum(product.active for product in products) < sum(
            item.active for item in plans
        ):
            torn.add(reference)
    return torn


@given(stories(excess=True))
def test_no_part_of_a_ledger_is_negative_and_active_never_exceeds_ordered(story):
    for ledger in ledgers(told_by(story)).values():
        assert min(ledger.unshipped, ledger.kept, ledger.cancelled, ledger.refunded) >= 0
        assert ledger.active <= ledger.ordered
        assert ledger.active + ledger.cancelled + ledger.refunded == ledger.ordered


@given(stories())
def test_a_pairing_finding_is_open_at_the_end_exactly_where_too_many_plans_are_left(story):
    shop = told_by(story)
    still_open = {
        item.subject for item in shop.log if item.rule in PAIRING_RULES and item.state is State.OPEN
    }
    assert still_open == torn_references(shop)


@given(stories(excess=True))
def test_each_resolved_pairing_finding_left_its_advice(story):
    shop = told_by(story)
    resolved = [item for item in shop.log if item.state is State.RESOLVED]
    split = {item.event_id for item in shop.log if item.rule == "pairing-split-across-events"}
    for item in resolved:
        if item.rule in PAIRING_RULES:
            assert item.related[-1].event_id in split


@given(stories(excess=True).flatmap(lambda story: st.tuples(st.just(story), shuffled(story))))
def test_the_order_of_entries_inside_an_event_changes_nothing(pair):
    told, retold = (told_by(story) for story in pair)
    assert findings(told) == findings(retold)
    assert ledgers(told) == ledgers(retold)
    assert told.statuses == retold.statuses


@given(stories(excess=True), st.sampled_from([FLAG, REJECT]))
def test_quantities_as_1_0_are_quantities_as_1(story, policy):
    told, retold = told_by(story, policy), Shop(policy)
    for body in story.bodies:
        for name in ITEM_LISTS & body["payload"].keys():
            for entry in body["payload"][name]:
                if "quantity" in entry:
                    entry["quantity"] = float(entry["quantity"])
        retold.send(body)
    for again, first in zip(retold.verdicts, told.verdicts, strict=True):
        assert replace(again, effects=()) == replace(first, effects=())
    assert ledgers(retold) == ledgers(told)


@given(stories(excess=True), st.sampled_from([FLAG, REJECT]))
def test_a_refused_request_leaves_the_world_as_it_was(story, policy):
    shop = Shop(policy)
    for body in story.bodies:
        for attempt in (json.dumps(body)[:-1], {**body, "type": "order_paid"}, body):
            before = shop.snapshot()
            verdict = shop.send(attempt)
            if verdict.status != 200:
                assert verdict.accepted is None
                assert verdict.event_id is None
                assert shop.snapshot() == before


@given(stories(excess=True))
def test_rejecting_never_leaves_an_open_violation_of_an_accepted_event(story):
    shop = told_by(story, REJECT)
    for item in shop.log:
        if item.event_id is not None:
            assert item.severity is not Severity.VIOLATION or item.state is State.RESOLVED


@given(stories(excess=True))
def test_rejecting_stores_exactly_what_flagging_the_accepted_events_alone_would(story):
    strict = told_by(story, REJECT)
    accepted = [
        body
        for body, verdict in zip(story.bodies, strict.verdicts, strict=True)
        if verdict.status == 200
    ]
    loose = Shop(FLAG)
    for body in accepted:
        loose.send(body)
    assert ledgers(loose) == ledgers(strict)


@given(stories(excess=True))
def test_the_same_story_is_always_told_the_same(story):
    first, second = told_by(story), told_by(story)
    assert first.verdicts == second.verdicts
    assert first.world.orders == second.world.orders


@given(interleaved())
def test_two_orders_never_notice_each_other(three):
    first, second, mixed = three
    both = told_by(mixed)
    for story, order_id in ((first, "ord-1"), (second, "ord-2")):
        alone = told_by(story)
        assert findings(both, order_id) == findings(alone, order_id)
        expected = ledgers(alone)
        assert {
            key: ledger for key, ledger in ledgers(both).items() if key[0] == order_id
        } == expected


@given(stories())
def test_waiting_events_end_up_where_they_would_have_been_after_the_placement(story):
    placement = [play for play in story.plays if play.letter == "P"]
    others = [play for play in story.plays if play.letter != "P"]
    in_time = told_by(Story((*placement, *others)))
    assert ledgers(told_by(story)) == ledgers(in_time)
    assert torn_references(told_by(story)) == torn_references(in_time)


@given(stories(excess=True))
def test_flagging_accepts_every_well_formed_event(story):
    for verdict in told_by(story).verdicts:
        assert verdict.status == 200


@settings(deadline=None)
@given(stories(excess=True), st.integers(2, 3))
def test_events_repeated_without_their_key_are_all_called_duplicates(story, times):
    shop = Shop()
    for body in story.bodies:
        repeated = [shop.send(body) for _ in range(times)][1:]
        for verdict in repeated:
            assert "duplicate-event" in {finding.rule for finding in verdict.findings}
            assert "order-id-reused" not in {finding.rule for finding in verdict.findings}
