"""The playground's samples and mistakes, judged."""

import json

import pytest
from plays import NOW, Shop

from contracts.orders.events import ALL_EVENTS
from contracts.shorthand import bodies
from mock_server.inspector.playground.defects import MUTATIONS, mutated
from mock_server.inspector.playground.samples import as_text, sample

BEFORE = {
    "order_placed": "P#other{d:1}",
    "order_fulfillment_added": "P{d:2, p:2>d, a:1}",
    "order_refund_added": "P{d:2, p:2>d, a:1} F{d:2}",
    "order_line_items_cancelled": "P{d:2, p:2>d, a:1} F{a:1}",
    "order_cancelled": "P{d:1, p:1>d}",
}
EXPECTED = {
    "drop-protection": "refund-missing-protection",
    "quantity-plus-one": "refund-missing-protection",
    "entry-twice": "item-entry-repeated",
    "unknown-line": "unknown-line-item",
    "text-quantity": "body-invalid",
    "epoch-time": "timestamp-format",
    "future-time": "timestamp-future",
    "misspelt-field": "unknown-field",
    "no-credentials": "auth-invalid",
    "bearer-header": "auth-bearer-header",
    "no-version": "version-header-missing",
    "no-idempotency-key": "idempotency-key-missing",
    "broken-json": "body-invalid",
}
OF_PLACEMENTS = {
    "wrong-currency": "currency-country-mismatch",
    "capital-currency": "currency-format",
}


def shop_after(shorthand: str) -> Shop:
    shop = Shop()
    for body in bodies(shorthand):
        shop.receive(shop.request(body))
    return shop


def sample_for(shop: Shop, kind: str):
    order_id = "ord-new" if kind == "order_placed" else "ord-1"
    return sample(kind, shop.world.order(order_id), order_id, NOW)


@pytest.mark.parametrize("kind", ALL_EVENTS)
def test_a_sample_for_a_known_order_breaks_no_rule_but_the_calendar(kind):
    shop = shop_after(BEFORE[kind])
    verdict = shop.receive(shop.request(sample_for(shop, kind)))
    assert verdict.status == 200
    # The shorthand lives in 2024 and the sample happens now: its windows are long over.
    assert {finding.rule for finding in verdict.findings} <= {"product-return-window"}


@pytest.mark.parametrize("kind", ALL_EVENTS)
def test_a_sample_for_an_order_nobody_knows_is_valid(kind):
    shop = Shop()
    verdict = shop.receive(shop.request(sample(kind, None, "ord-new", NOW)))
    assert verdict.status == 200


def judged(shop: Shop, kind: str, mistake: str):
    headers = dict(shop.request({}).headers)
    text, told = mutated(sample_for(shop, kind), headers, [MUTATIONS[mistake]], as_text)
    request = shop.request(text.encode(), headers=tuple(told.items()))
    return {finding.rule for finding in shop.receive(request).findings}


@pytest.mark.parametrize(("mistake", "rule"), EXPECTED.items())
def test_a_mistake_in_a_refund_is_found(mistake, rule):
    shop = shop_after(BEFORE["order_refund_added"])
    assert rule in judged(shop, "order_refund_added", mistake)


@pytest.mark.parametrize(("mistake", "rule"), OF_PLACEMENTS.items())
def test_a_mistake_in_a_placement_is_found(mistake, rule):
    assert rule in judged(Shop(), "order_placed", mistake)


def test_every_mistake_is_tried_here():
    assert set(MUTATIONS) == {*EXPECTED, *OF_PLACEMENTS}


@pytest.mark.parametrize("kind", ALL_EVENTS)
@pytest.mark.parametrize("mistake", MUTATIONS)
def test_every_mistake_can_be_made_with_every_sample(kind, mistake):
    shop = shop_after(BEFORE[kind])
    judged(shop, kind, mistake)


def test_several_mistakes_can_be_made_at_once():
    body = sample("order_placed", None, "ord-1", NOW)
    text, headers = mutated(body, {"Authorization": "x"}, list(MUTATIONS.values()), as_text)
    assert "Authorization" not in headers
    with pytest.raises(ValueError, match="Expecting"):
        json.loads(text)
