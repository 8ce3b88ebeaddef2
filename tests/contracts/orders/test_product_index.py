"""Which orders of a world hold a product."""

from plays import Shop, played

from contracts.judging.session import Session
from contracts.orders.product_index import ProductIndex
from contracts.shorthand import bodies
from contracts.worlds.effects import OrderEvicted
from contracts.worlds.world import World


def index_of(shop: Shop) -> ProductIndex:
    index = ProductIndex()
    for order in shop.world.orders.values():
        index.add(order)
    return index


def test_products_and_protections_are_told_apart():
    index = index_of(played("P{d:1,p:1>d}"))
    assert index.orders_with_product("prd-d") == ["ord-1"]
    assert index.orders_with_product("prd-p") == []
    assert index.order_with_protection("prd-p") == "ord-1"
    assert index.order_with_protection("prd-d") is None


def test_an_order_is_named_once_however_many_lines_hold_the_product():
    assert index_of(played("P{d1=d:1,d2=d:1}")).orders_with_product("prd-d") == ["ord-1"]


def test_an_order_that_is_removed_leaves_nothing_behind():
    shop = played("P#1{d1=d:1,d2=d:1,p:1>d} P#2{d:1}")
    index = index_of(shop)
    index.remove(shop.order("1"))
    assert index.orders_with_product("prd-d") == ["ord-2"]
    assert index.order_with_protection("prd-p") is None
    index.remove(shop.order("2"))
    assert vars(index) == vars(ProductIndex())


def test_a_waiting_order_has_no_products_to_remove():
    shop = played("F{d:1}")
    shop.session.apply([OrderEvicted("ord-1")])
    assert shop.world.orders == {}


def test_a_world_over_another_knows_the_products_of_both():
    base = played("P#1{d:1,p:1>d} P#2{d:1}").world
    over, shop = World(base=base), Shop()
    session = Session(over)
    for body in bodies("P#3{d:1} P#4{d:1,p:1>d}"):
        session.judge(shop.request(body, {"Hakuna-Idempotency-Key": None}))
    assert over.orders_with_product("prd-d") == ["ord-2", "ord-3", "ord-4"]
    assert over.order_with_protection("prd-p") == "ord-4"
    assert base.orders_with_product("prd-d") == ["ord-1", "ord-2"]
    assert base.order_with_protection("prd-p") == "ord-1"
