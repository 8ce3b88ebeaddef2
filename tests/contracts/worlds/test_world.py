"""The world in memory, and `apply`, the only code that changes it."""

import dataclasses

from plays import Shop, played

from contracts import World
from contracts.faults.registry import FaultRegistry
from contracts.judging.session import Session
from contracts.worlds.apply import apply, evictions
from contracts.worlds.effects import (
    EventAccepted,
    KeyEvicted,
    OrderEvicted,
    PolicyChanged,
    WorldReset,
)
from contracts.worlds.policy import Policy
from contracts.worlds.retention import UNBOUNDED, Bounds

STORY = "P{d:2,p:2>d} F{d:1} R{d:1,p:1}@5"


def test_a_new_world_knows_nothing():
    world = World()
    assert world.order("ord-1") is None
    assert world.reply("k") is None
    assert world.events_received("ord-1") == 0


def test_it_knows_what_was_applied():
    shop = played(STORY)
    assert shop.world.order("ord-1").is_placed
    assert shop.world.events_received("ord-1") == 3
    assert [item.type for _, item in shop.world.events_of("ord-1")] == [
        "order_placed",
        "order_fulfillment_added",
        "order_refund_added",
    ]


def test_over_another_world_it_reads_through_and_writes_to_itself():
    base = played(STORY)
    before = base.world.order("ord-1")
    over = Shop()
    over.session = Session(World(base=base.world))
    over.verdicts = list(base.verdicts)
    assert over.session.world.order("ord-1") is before
    over.play("X@9")
    over.play("R{d:1,p:1}@9")
    assert over.session.world.order("ord-1") != before
    assert base.world.order("ord-1") is before
    assert over.session.world.events_received("ord-1") == 5
    assert base.world.events_received("ord-1") == 3


def test_a_reset_leaves_the_settings():
    policy = Policy(retries_per_second=9)
    world = played(STORY).world
    apply(world, PolicyChanged(policy), 1)
    apply(world, WorldReset(), 2)
    assert world.policy.retries_per_second == 9
    assert not world.events
    assert not list(world.findings)


def test_settings_of_a_world_do_not_change_which_keys_exist():
    world = World(Policy(api_keys=frozenset({"sk_test_a"})))
    apply(world, PolicyChanged(Policy()), 1)
    assert world.policy.api_keys == {"sk_test_a"}


def bounded(**bounds: int) -> Shop:
    shop = Shop()
    shop.session = Session(World(bounds=dataclasses.replace(UNBOUNDED, **bounds)))
    shop.world = shop.session.world
    return shop


def test_the_least_recently_used_order_is_evicted_with_its_events_and_counted():
    shop = bounded(orders=2).play("P#1{d:1} P#2{d:1} F#1{d:1} P#3{d:1}")
    assert list(shop.world.orders) == ["ord-1", "ord-3"]
    assert len(shop.world.events) == 3
    assert (shop.world.evictions.orders, shop.world.evictions.events) == (1, 1)


def test_the_oldest_idempotency_key_is_evicted_and_counted():
    shop = bounded(keys=1).play("P#1{d:1} P#2{d:1}")
    assert len(shop.world.replies) == 1
    assert shop.world.evictions.keys == 1


def test_evictions_follow_from_what_was_accepted():
    shop = bounded(orders=1, keys=1).play("P#1{d:1}")
    accepted = played("P#9{d:1} P#2{d:1}").last.effects
    for number, item in enumerate(accepted):
        apply(shop.world, item, 100 + number)
    made = []
    for item in evictions(shop.world, accepted):
        made.append(item)
        apply(shop.world, item, 200)
    assert made == [OrderEvicted("ord-1"), KeyEvicted(next(iter(played("P{d:1}").world.replies)))]


def test_only_accepted_events_are_stored():
    shop = Shop()
    shop.send("{")
    assert not any(isinstance(effect, EventAccepted) for effect in shop.last.effects)
    assert not shop.world.events


def test_faults_of_all_worlds_stand_below_those_of_a_world():
    common = FaultRegistry()
    assert World(common=common).faults is not common


def test_the_bounds_of_a_server_are_named():
    assert Bounds() == Bounds(worlds=1000, orders=10_000, keys=50_000, findings=20_000)
