"""The page that we mock, as published: its examples alone, and read from top to bottom.

The scenarios docs-examples-alone and docs-page-top-to-bottom say the same as data.
"""

import page
import pytest
from plays import FLAG, REJECT, Shop, code, rules_of

from contracts import Policy, Severity

PAGE_ADVICE = ["auth-bearer-header", "idempotency-key-missing", "version-header-missing"]
PLACEMENT_ADVICE = ["protection-brand-case", "zip-format"]


def sent_from_the_page(*bodies: str, policy: Policy = FLAG) -> Shop:
    shop = Shop(policy)
    for body in bodies:
        shop.send(body, headers=tuple(page.HEADERS.items()))
    return shop


class TestScenario1DocsExamplesAlone:
    def test_the_placement_is_accepted_with_advice_only(self):
        shop = sent_from_the_page(page.PLACEMENT)
        assert shop.statuses == [200]
        assert rules_of(shop.last) == sorted(PAGE_ADVICE + PLACEMENT_ADVICE)
        assert {one.severity for one in shop.log} == {Severity.ADVICE}

    @pytest.mark.parametrize(
        ("example", "advice"),
        [
            pytest.param(page.FULFILMENT, [], id="fulfilment"),
            pytest.param(page.REFUND, ["refund-before-fulfillment"] * 2, id="refund"),
            pytest.param(
                page.LINE_CANCELLATION,
                ["cancel-quantity-missing", "cancel-timestamp-alias"],
                id="line-cancellation",
            ),
            pytest.param(page.ORDER_CANCELLATION, [], id="order-cancellation"),
        ],
    )
    @pytest.mark.parametrize("policy", [FLAG, REJECT], ids=["flag", "reject"])
    def test_each_other_example_after_the_placement_is_accepted_with_advice_only(
        self, example, advice, policy
    ):
        shop = sent_from_the_page(page.PLACEMENT, example, policy=policy)
        assert shop.statuses == [200, 200]
        assert rules_of(shop.last) == sorted(PAGE_ADVICE + advice)
        assert {one.severity for one in shop.log} == {Severity.ADVICE}


class TestScenario2DocsPageTopToBottom:
    def test_flagging_answers_200_five_times(self):
        shop = sent_from_the_page(*page.EXAMPLES)
        assert shop.statuses == [200] * 5

    def test_the_page_contradicts_itself_from_its_fourth_example_on(self):
        shop = sent_from_the_page(*page.EXAMPLES)
        beyond_advice = [
            sorted(set(rules_of(verdict)) - set(PAGE_ADVICE)) for verdict in shop.verdicts
        ]
        assert beyond_advice == [
            PLACEMENT_ADVICE,
            [],
            [],
            ["cancel-quantity-missing", "cancel-timestamp-alias", "over-cancellation"],
            ["order-cancel-after-fulfillment", "timestamp-regression"],
        ]
        assert rules_of(shop.verdicts[3]).count("over-cancellation") == 2

    def test_rejecting_declines_the_fifth_example_only(self):
        shop = sent_from_the_page(*page.EXAMPLES, policy=REJECT)
        assert shop.statuses == [200, 200, 200, 200, 400]
        assert code(shop.last) == "cancel_decline"
