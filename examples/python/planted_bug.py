"""The same shop with a bug, to see it explained: pytest planted_bug.py"""

import pytest
from shop_events import ShopEvents


class ForgetfulShop(ShopEvents):
    """Refunds what came back, and forgets the protection that belongs to it."""

    def with_protections(self, order, quantities):
        return dict(quantities)


@pytest.fixture
def shop(hakuna):
    return ForgetfulShop(hakuna.events_url, hakuna.api_key)


def test_refund(shop, order):
    shop.placed(order)
    shop.shipped(order, {"1": 2})
    shop.refunded(order, {"1": 1})
