"""The shop's own tests: the fixture `hakuna` is the provider, and judges what it is sent."""

import pytest
import requests
from requests.adapters import HTTPAdapter
from shop_events import ShopEvents


@pytest.fixture
def shop(hakuna):
    return ShopEvents(hakuna.events_url, hakuna.api_key)


def test_a_placed_order_reaches_hakuna_with_its_protection(hakuna, shop, order):
    event_id = shop.placed(order)
    (event,) = hakuna.assert_received(
        "order_placed",
        order_id=order.id,
        line_items=[{"id": "2", "custom_properties": {"product_reference": "phone-14"}}],
    )
    assert event["event_id"] == event_id


def test_a_refund_takes_the_protection_with_it(hakuna, shop, order):
    shop.placed(order)
    shop.shipped(order, {"1": 2})
    shop.refunded(order, {"1": 1})
    hakuna.assert_received(
        "order_refund_added",
        count=1,
        refund_items=[{"line_item_id": "1", "quantity": 1}, {"line_item_id": "2", "quantity": 1}],
    )


def test_goods_without_a_protection_are_refunded_alone(hakuna, shop, order):
    shop.placed(order)
    shop.shipped(order, {"3": 1})
    shop.refunded(order, {"3": 1})
    (event,) = hakuna.assert_received("order_refund_added")
    assert [item["line_item_id"] for item in event["body"]["payload"]["refund_items"]] == ["3"]


def test_an_order_can_be_cancelled_before_it_is_shipped(hakuna, shop, order):
    shop.placed(order)
    shop.cancelled(order)
    assert hakuna.orders()[0]["status"] == "cancelled"


def test_cancelling_after_shipment_is_the_mistake_that_hakuna_declines(hakuna, shop, order):
    shop.placed(order)
    shop.shipped(order, {"1": 2})
    shop.cancelled(order)
    hakuna.expect_finding("order-cancel-after-fulfillment")


def test_a_lost_reply_does_not_count_the_event_twice(hakuna, order):
    session = requests.Session()
    session.mount("http://", LosesTheFirstReply())
    ShopEvents(hakuna.events_url, hakuna.api_key, session).placed(order)
    assert len(hakuna.requests()) == 2
    hakuna.assert_received("order_placed", count=1)


@pytest.mark.usefixtures("hakuna_env")
def test_the_deployed_shop_is_configured_by_its_environment(hakuna, order):
    ShopEvents.from_environment().placed(order)
    hakuna.assert_received("order_placed", order_id=order.id)


class LosesTheFirstReply(HTTPAdapter):
    """The event arrives, but the connection breaks before the shop hears of it."""

    lost = False

    def send(self, request, **how):
        reply = super().send(request, **how)
        if not self.lost:
            self.lost = True
            raise requests.ConnectionError("connection reset by peer")
        return reply
