"""The page that we mock, as published: its examples alone, and read from top to bottom.

The scenarios docs-examples-alone and docs-page-top-to-bottom say the same as data.
"""

import page
import pytest

PAGE_ADVICE = {"auth-bearer-header", "idempotency-key-missing", "version-header-missing"}
PLACEMENT_ADVICE = {"protection-brand-case", "zip-format"}


def as_printed(endpoint):
    """Headers of the page's curl lines, as changes of a good client's."""
    return {
        "Authorization": None,
        "Bearer": endpoint.key,
        "Hakuna-Version": None,
        "Hakuna-Idempotency-Key": None,
    }


@pytest.mark.parametrize("header", ["Bearer", "Authorization"])
@pytest.mark.parametrize("text", page.EXAMPLES)
def test_each_example_is_accepted_as_printed_whichever_header_has_the_key(endpoint, text, header):
    changes = {"Authorization": None, "Bearer": endpoint.key} if header == "Bearer" else {}
    if text != page.PLACEMENT:
        endpoint.send(page.PLACEMENT, changes)
    assert endpoint.send(text, changes).status == 200


@pytest.mark.parametrize("mode", ["flag", "reject"])
@pytest.mark.parametrize(
    ("text", "more"),
    [
        pytest.param(page.PLACEMENT, PLACEMENT_ADVICE, id="placement"),
        pytest.param(page.FULFILMENT, set(), id="fulfilment"),
        pytest.param(page.REFUND, {"refund-before-fulfillment"}, id="refund"),
        pytest.param(
            page.LINE_CANCELLATION,
            {"cancel-quantity-missing", "cancel-timestamp-alias"},
            id="line-cancellation",
        ),
        pytest.param(page.ORDER_CANCELLATION, set(), id="order-cancellation"),
    ],
)
def test_each_of_the_page_s_curl_lines_yields_advice_only(endpoint, text, more, mode):
    endpoint.settings(enforcement=mode)
    if text != page.PLACEMENT:
        endpoint.send(page.PLACEMENT, as_printed(endpoint))
    reply = endpoint.send(text, as_printed(endpoint))
    assert reply.status == 200
    assert set(reply.rules) == PAGE_ADVICE | more
    assert {finding["severity"] for finding in endpoint.findings()} == {"advice"}


def test_each_unshipped_refund_of_the_page_is_named(endpoint):
    for text in (page.PLACEMENT, page.REFUND):
        endpoint.send(text, as_printed(endpoint))
    assert endpoint.told().count("refund-before-fulfillment") == 2


class TestFromTopToBottom:
    def test_flagging_accepts_all_of_it_and_tells_its_contradictions(self, endpoint):
        replies = [endpoint.send(text, as_printed(endpoint)) for text in page.EXAMPLES]
        assert [reply.status for reply in replies] == [200] * 5
        assert [set(reply.rules) - PAGE_ADVICE for reply in replies] == [
            PLACEMENT_ADVICE,
            set(),
            set(),
            {"cancel-quantity-missing", "cancel-timestamp-alias", "over-cancellation"},
            {"order-cancel-after-fulfillment", "timestamp-regression"},
        ]
        assert endpoint.told().count("over-cancellation") == 2

    def test_rejecting_declines_the_fifth_example_only(self, strict):
        replies = [strict.send(text, as_printed(strict)) for text in page.EXAMPLES]
        assert [reply.status for reply in replies] == [200, 200, 200, 200, 400]
        assert replies[-1].code == "cancel_decline"
