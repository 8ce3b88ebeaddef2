"""Orders with thousands of lines or events: answered soon, kept exactly."""

import asyncio

import pytest
from depth import DEEP
from server_mock import event

LINES = 5_000 if DEEP else 2_000
SOON = 20.0
"""Seconds: an event within one is promised, more is only a guard against a busy machine."""


def line(number: int, product: str, reference: str | None = None) -> dict:
    """A line item, as short as it may be, so that thousands of them are below 1 MiB."""
    item = {
        "id": f"l{number}",
        "quantity": 1,
        "price_amount": 1,
        "product_id": product,
        "product_title": "",
        "product_brand": "",
    }
    return (
        item
        if reference is None
        else {**item, "custom_properties": {"product_reference": reference}}
    )


def placed(lines: list[dict]) -> dict:
    body = event("P{d:1}")
    return {**body, "payload": {**body["payload"], "line_items": lines}}


def items(kind: str, field: str, stamp: str, numbers) -> dict:
    when = "2024-03-05T09:00:00.000Z"
    entries = [{"line_item_id": f"l{number}", "quantity": 1, stamp: when} for number in numbers]
    return {"type": kind, "payload": {"order_id": "ord-1", field: entries}}


def refunded(numbers) -> dict:
    return items("order_refund_added", "refund_items", "refunded_at", numbers)


def shipped(numbers) -> dict:
    return items("order_fulfillment_added", "fulfillment_items", "fulfilled_at", numbers)


HALF = range(LINES // 2)
PLACEMENTS = {
    "each a product of its own": [line(n, f"p{n}") for n in range(LINES)],
    "pairs": [line(n, f"p{n}") for n in HALF] + [line(LINES + n, f"x{n}", f"p{n}") for n in HALF],
    "plans for nothing": [line(n, f"x{n}", f"y{n}") for n in range(LINES)],
    "all with one id": [line(1, f"p{n}") for n in range(LINES)],
    "all of one product": [line(n, "p") for n in range(LINES)],
    "one product and its plans": [line(n, "p") for n in HALF]
    + [line(LINES + n, "x", "p") for n in HALF],
}


@pytest.fixture
async def roomy(start_mock):
    return await start_mock(max_body=4 * 1024**2)


@pytest.mark.parametrize("name", PLACEMENTS)
async def test_thousands_of_lines_are_placed_shipped_and_refunded_soon(roomy, name):
    for body in (placed(PLACEMENTS[name]), shipped(HALF), refunded(HALF)):
        async with asyncio.timeout(SOON):
            assert (await roomy.send(body)).status == 200


async def test_the_ledger_of_thousands_of_lines_is_exact(roomy):
    for body in (placed(PLACEMENTS["pairs"]), shipped(HALF), refunded(range(1_000))):
        await roomy.send(body)
    lines = (await roomy.get("/orders/ord-1"))["lines"]
    assert len(lines) == LINES
    assert sum(item["fulfilled"] for item in lines) == len(HALF)
    assert sum(item["refunded"] for item in lines) == 1_000


async def test_a_body_with_thousands_of_faults_is_refused_soon_and_in_few_words(roomy):
    async with asyncio.timeout(SOON):
        reply = await roomy.send(placed([{} for _ in range(LINES)]))
    assert reply.status == 400
    assert len(reply.errors) < 150


async def test_one_rule_does_not_flood_the_lists(roomy):
    await roomy.send(placed([line(1, "p")]))
    await roomy.send(refunded(range(10, LINES)))
    found = await roomy.control("/findings?rule=unknown-line-item&limit=1000")
    listed = found.counts[0]
    assert listed == 101
    assert sum(item.get("count", 1) for item in found.json) == LINES - 10


async def test_thousands_of_waiting_events_are_released_at_once(mock):
    for number in range(1_000):
        body = refunded([number])
        body["payload"]["refund_items"][0]["refunded_at"] = f"2024-03-05T09:00:00.{number:03}Z"
        await mock.send(body)
    async with asyncio.timeout(SOON):
        assert (await mock.send(placed([line(n, f"p{n}") for n in range(1_000)]))).status == 200
    (order,) = await mock.get("/orders")
    assert order["status"] == "closed"
    assert order["timeline_total"] == 1_001


async def test_hundreds_of_lines_that_protect_hundreds_of_others_can_still_be_looked_at(mock):
    """One unit a line, as some shops send it; a line names 100 of the other side, and how many
    more there are: 2,500 + 2,500 lines made a page of 110 MB otherwise."""
    count, named = 500, 100
    lines = [line(n, "p") for n in range(count)]
    lines += [line(count + n, "x", "p") for n in range(count)]
    await mock.send(placed(lines))
    async with asyncio.timeout(SOON):
        order = await mock.get("/orders/ord-1")
    assert [len(item["protected_by"]) for item in order["lines"]] == [named] * count + [0] * count
    assert [len(item["protects"]) for item in order["lines"]] == [0] * count + [named] * count
    assert {item["more_links"] for item in order["lines"]} == {count - named}


async def test_a_page_of_large_events_ends_early_and_says_where_the_next_one_begins(roomy):
    bulky = placed([{**line(n, "p"), "product_title": "x" * 100_000} for n in range(9)])
    for number in range(20):
        bulky["payload"]["order_id"] = f"ord-{number}"
        assert (await roomy.send(bulky)).status == 200
    seen, after, pages = [], "0", 0
    while after:
        page = await roomy.control(f"/events?after={after}")
        assert page.counts == (20, 0)
        assert len(page.body) < 10_000_000
        seen += [row["order_id"] for row in page.json]
        after, pages = page.headers.get("Hakuna-Mock-Next"), pages + 1
    assert seen == [f"ord-{number}" for number in range(20)]
    assert pages == 3
