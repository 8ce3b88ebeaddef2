from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from server_mock import KEY, OTHER_KEY, event

from contracts.shorthand import bodies

MENDED = "P{d:1, p:1>d} F{d:1} R{d:1}@5 R{p:1}@6"
LINE_FIELDS = {
    "id",
    "product_id",
    "title",
    "is_protection",
    "product_reference",
    "ordered",
    "fulfilled",
    "refunded",
    "cancelled",
    "active",
    "protected_by",
    "protects",
}


def states(order):
    return {item["rule"]: item["state"] for item in order["findings"]}


def counts(order):
    """Ordered, fulfilled, refunded, cancelled, active of each line, by its label."""
    names = ("ordered", "fulfilled", "refunded", "cancelled", "active")
    return {
        line["id"].removeprefix("line-"): tuple(line[name] for name in names)
        for line in order["lines"]
    }


async def test_an_order_shows_its_lines_with_their_counts_and_links(mock):
    await mock.play("P{d:3, p:2>d, a:1} F{d:2, a:1}@1 R{d:1, p:1}@5 C{d:1}@6")
    order = await mock.get("/orders/ord-1")
    assert order["order_id"] == "ord-1"
    assert counts(order) == {"d": (3, 2, 1, 1, 1), "p": (2, 0, 1, 0, 1), "a": (1, 1, 0, 0, 1)}
    phone, plan, pods = order["lines"]
    assert set(phone) == LINE_FIELDS
    assert (phone["is_protection"], phone["product_reference"]) == (False, None)
    assert (plan["is_protection"], plan["product_reference"]) == (True, "prd-d")
    assert (phone["protected_by"], phone["protects"]) == (["line-p"], [])
    assert (plan["protected_by"], plan["protects"]) == ([], ["line-d"])
    assert (pods["protected_by"], pods["protects"]) == ([], [])
    assert phone["title"] == "iPhone 14"


@pytest.mark.parametrize(
    ("shorthand", "status"),
    [
        ("P{d:2, p:2>d}", "placed"),
        ("P{d:2, p:2>d} F{p:2}", "placed"),
        ("P{d:2, p:2>d} F{d:1}", "partially_fulfilled"),
        ("P{d:2, p:2>d} F{d:2}", "fulfilled"),
        ("P{d:2, p:2>d} F{d:1} C{d:1, p:1}", "fulfilled"),
        ("P{d:1, p:1>d} F{d:1} R{d:1, p:1}", "closed"),
        ("P{d:1, p:1>d} C{d:1, p:1}", "closed"),
        ("P{d:1, p:1>d} X", "cancelled"),
        ("P{d:1, p:1>d} C{d:1, p:1} X", "cancelled"),
        ("P{d:1, p:1>d} F{d:1} X", "fulfilled"),
    ],
)
async def test_the_status_says_where_the_order_stands(mock, shorthand, status):
    await mock.play(shorthand)
    assert (await mock.get("/orders/ord-1"))["status"] == status


async def test_the_timeline_tells_each_event_and_what_became_of_it(mock):
    replies = await mock.play("P{d:1} F{d:1} X P{d:2} R{zz:1}@9")
    timeline = (await mock.get("/orders/ord-1"))["timeline"]
    assert [row["event_id"] for row in timeline] == [reply.event_id for reply in replies]
    assert [row["outcome"] for row in timeline] == [
        "applied",
        "applied",
        "declined",
        "ignored",
        "applied",
    ]
    assert timeline[2]["findings"] == ["order-cancel-after-fulfillment"]
    assert timeline[1]["at"] == "2024-03-02T09:00:00.000Z"


async def test_findings_of_an_order_are_whole_objects_of_its_events_only(mock):
    await mock.play("P{d:1, p:1>d} F{d:1} R{d:1} P#2{d:1} F#2{zz:1}")
    order = await mock.get("/orders/ord-1")
    (finding,) = order["findings"]
    (listed,) = await mock.get("/findings?order_id=ord-1")
    assert {**finding, "seq": listed["seq"]} == listed


async def test_orders_are_listed_by_their_placement_and_counted(mock):
    await mock.play("F#2{d:1} P#1{d:1} P#3{d:1} P#2{d:1} X#1")
    listed = await mock.control("/orders")
    assert [order["order_id"] for order in listed.json] == ["ord-1", "ord-3", "ord-2"]
    assert listed.counts == (3, 0)
    assert listed.json[0] == await mock.get("/orders/ord-1")


async def test_orders_are_paged_without_gaps(mock):
    await mock.play(" ".join(f"P#{number}{{d:1}}" for number in range(7)))
    seen, after = [], 0
    while page := await mock.get(f"/orders?limit=2&after={after}"):
        seen += [order["order_id"] for order in page]
        after = page[-1]["timeline"][0]["seq"]
    assert seen == [f"ord-{number}" for number in range(7)]


async def test_at_shows_the_order_as_it_was_after_that_event(mock):
    await mock.play(MENDED)
    seqs = [row["seq"] for row in await mock.get("/events")]
    then = [await mock.get(f"/orders/ord-1?at={seq}") for seq in seqs]
    assert [counts(order)["d"] for order in then] == [
        (1, 0, 0, 0, 1),
        (1, 1, 0, 0, 1),
        (1, 1, 1, 0, 0),
        (1, 1, 1, 0, 0),
    ]
    assert [order["status"] for order in then] == ["placed", "fulfilled", "fulfilled", "closed"]
    assert [len(order["timeline"]) for order in then] == [1, 2, 3, 4]


async def test_at_shows_findings_as_they_stood_then(mock):
    await mock.play(MENDED)
    seqs = [row["seq"] for row in await mock.get("/events")]
    then = [await mock.get(f"/orders/ord-1?at={seq}") for seq in seqs]
    assert [states(order) for order in then] == [
        {},
        {},
        {"refund-missing-protection": "open"},
        {"refund-missing-protection": "resolved", "pairing-split-across-events": "open"},
    ]
    assert then[2]["findings"][0]["related"] == []
    assert then[3]["findings"][0]["related"]


async def test_at_between_two_events_is_the_earlier_one(mock):
    await mock.play("P{d:1}")
    await mock.play("P#2{d:1}")
    await mock.play("F{d:1}")
    between = (await mock.get("/events?order_id=ord-2"))[0]["seq"]
    assert (await mock.get(f"/orders/ord-1?at={between}"))["status"] == "placed"


async def test_at_the_last_event_or_later_is_the_order_as_it_is(mock):
    await mock.play(MENDED)
    now = await mock.get("/orders/ord-1")
    last = (await mock.get("/events/latest"))["seq"]
    for at in (last, last + 1, 2**63 - 1, 2**63):
        assert await mock.get(f"/orders/ord-1?at={at}") == now


async def test_at_before_the_placement_there_is_no_order(mock):
    await mock.play("X#9")
    await mock.play("P{d:1}")
    before = (await mock.get("/events?order_id=ord-9"))[0]["seq"]
    for at in (0, before):
        reply = await mock.control(f"/orders/ord-1?at={at}")
        assert reply.status == 404
        assert "not placed yet" in reply.said


async def test_every_step_of_a_waiting_story_can_be_visited(mock):
    """The findings of a waiting event are told from its placement on, where it was judged."""
    await mock.play("F{d:2}@3 P{d:1}@0 R{d:1}@5")
    _, placed, refunded = [row["seq"] for row in await mock.get("/events")]
    waiting = {"unknown-order": "resolved"}
    late = {"out-of-order-arrival": "open", "over-fulfillment": "open"}
    assert states(await mock.get(f"/orders/ord-1?at={placed}")) == {**waiting, **late}
    assert states(await mock.get(f"/orders/ord-1?at={refunded}")) == {**waiting, **late}
    assert counts(await mock.get(f"/orders/ord-1?at={placed}"))["d"] == (1, 1, 0, 0, 1)
    assert (await mock.control(f"/orders/ord-1?at={placed - 1}")).status == 404


async def test_an_order_that_waits_for_its_placement_is_404_and_says_so(mock):
    await mock.play("F{d:1} R{d:1}")
    reply = await mock.control("/orders/ord-1")
    assert reply.status == 404
    assert "never placed; 2 events wait" in reply.said
    assert await mock.get("/orders") == []
    assert len(await mock.get("/events?order_id=ord-1")) == 2


async def test_an_order_nobody_knows_is_404(mock):
    await mock.play("P{d:1}")
    assert (await mock.control("/orders/ord-2")).status == 404
    assert (await mock.control("/orders/ord-1", key=OTHER_KEY)).status == 404


async def test_an_order_id_of_several_worlds_must_be_narrowed(mock):
    await mock.play("P{d:1}", key=KEY)
    await mock.play("P{d:2}", key=OTHER_KEY)
    reply = await mock.control("/orders/ord-1")
    assert reply.status == 409
    for key, ordered in ((KEY, 1), (OTHER_KEY, 2)):
        world = await mock.world_id(key)
        assert world in reply.said
        order = await mock.get(f"/orders/ord-1?world={world}")
        assert order["lines"][0]["ordered"] == ordered


async def test_a_waiting_order_of_another_world_does_not_hide_the_placed_one(mock):
    await mock.play("F{d:1}", key=OTHER_KEY)
    await mock.play("P{d:1}", key=KEY)
    assert (await mock.get("/orders/ord-1"))["status"] == "placed"


@pytest.mark.parametrize(
    "query", ["at=x", "at=-1", "at=", "at=1.5", "at=99999999999999999999", "att=1", "limit=1"]
)
async def test_a_bad_parameter_is_refused_in_words(mock, query):
    await mock.play("P{d:1}")
    reply = await mock.control(f"/orders/ord-1?{query}")
    assert reply.status == 400
    assert query.split("=")[0] in reply.said


@pytest.mark.parametrize(
    "order_id",
    [
        "with blank",
        "a/b/c",
        "100%",
        "%2F",
        "a+b&c=d?e#f",
        "{order_id}",
        "bär-ß-日本-📦",
        "line\nbreak\x00",
        "\x1b[31m\u202e",
        "'; DROP TABLE orders; --",
        "..",
        ".",
        "x" * 5000,
        "latest",
    ],
)
async def test_any_order_id_can_be_asked_for_by_its_percent_encoded_name(mock, order_id):
    body = event("P{d:1}")
    body["payload"]["order_id"] = order_id
    await mock.send(body)
    name = quote(order_id, safe="").replace(".", "%2E")
    assert (await mock.get(f"/orders/{name}"))["order_id"] == order_id
    assert len(await mock.get(f"/events?order_id={name}")) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(st.characters(codec="utf-8", exclude_characters="{}"), min_size=1, max_size=20))
async def test_order_ids_are_kept_byte_for_byte(mock, order_id):
    body = event("P{d:1}")
    body["payload"]["order_id"] = order_id
    reply = await mock.send(body, key=KEY)
    assert (await mock.get(f"/events/{reply.event_id}"))["order_id"] == order_id
    if order_id not in (".", ".."):
        shown = await mock.get(f"/orders/{quote(order_id, safe='')}")
        assert shown["order_id"] == order_id


async def test_the_ledger_is_the_same_however_often_it_is_read(mock):
    await mock.play("F{d:1}@1 P{d:3, p:3>d}@0 R{d:1}@5 C{d}@6 R{p:9}@7 X@8")
    first = await mock.get("/orders/ord-1")
    last = (await mock.get("/events/latest"))["seq"]
    assert await mock.get(f"/orders/ord-1?at={last}") == first == await mock.get("/orders/ord-1")
    assert len(first["timeline"]) == len(bodies("F{d:1} P{d:1} R{d:1} C{d} R{p:1} X"))
