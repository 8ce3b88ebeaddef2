import pytest
from server_mock import KEY, LIVE_KEY, OTHER_KEY, event

PLACED = event("P{d:1}")


async def test_the_journal_holds_what_was_asked_and_answered_refusals_too(mock):
    first = await mock.send(PLACED)
    second = await mock.send(b'{"type": ')
    third = await mock.send(PLACED, path="/events")
    rows = await mock.get("/requests")
    assert [row["status"] for row in rows] == [200, 400, 404]
    assert [row["path"] for row in rows] == ["/sandbox/events"] * 2 + ["/events"]
    assert rows[1]["body"] == '{"type": '
    assert [row["reply"]["body"].encode() for row in rows] == [first.body, second.body, third.body]
    assert [row["event_id"] for row in rows] == [first.event_id, None, None]


async def test_an_entry_has_all_that_is_needed_to_send_it_again(mock):
    reply = await mock.send(PLACED, changes={"X-Trace": "t-1"})
    (row,) = await mock.get("/requests")
    assert row["id"] == reply.headers["Hakuna-Mock-Request"]
    assert row["method"] == "POST"
    assert ["X-Trace", "t-1"] in row["headers"]
    assert ["Hakuna-Version", "v2.0"] in row["headers"]
    replied = dict(map(tuple, row["reply"]["headers"]))
    assert replied["Hakuna-Mock-Request"] == row["id"]
    assert {"seq", "received_at", "findings", "replayed"} <= set(row)


@pytest.mark.parametrize("connection", ["keep-alive", "close"])
async def test_header_names_are_shown_as_the_client_spelled_them(mock, connection):
    await mock.send(PLACED, changes={"Connection": connection, "accept": "*/*", "ORIGIN": "a"})
    (row,) = await mock.get("/requests")
    assert ["accept", "*/*"] in row["headers"]
    assert ["ORIGIN", "a"] in row["headers"]


async def test_keys_are_masked_in_headers_path_and_body(mock):
    body = {**PLACED, "note": f"my key is {KEY}, the other {LIVE_KEY}"}
    await mock.send(body, changes={"X-Also": KEY, "Bearer": KEY, "Cookie": f"a={KEY}; b=1"})
    await mock.send(PLACED, path=f"/{KEY}/{LIVE_KEY}")
    shown = (await mock.control("/requests")).body.decode()
    for key in (KEY, LIVE_KEY):
        assert key not in shown
    assert "sk_test_…shop" in shown


async def test_one_entry_is_found_by_the_id_in_the_reply_s_header(mock):
    replies = [await mock.send(PLACED), await mock.send(b"")]
    rows = await mock.get("/requests")
    for reply, row in zip(replies, rows, strict=True):
        assert await mock.get(f"/requests/{reply.headers['Hakuna-Mock-Request']}") == row


async def test_an_entry_that_is_not_there_is_404(mock):
    for name in ("req-999", "req-", "latest", "%00"):
        assert (await mock.control(f"/requests/{name}")).status == 404


async def test_it_can_be_filtered_by_status(mock):
    await mock.send(PLACED)
    await mock.send(b"")
    await mock.send(b"", path="/")
    await mock.send(b"", changes={"Authorization": None})
    for status in (200, 400, 401, 404):
        rows = await mock.get(f"/requests?status={status}")
        assert [row["status"] for row in rows] == [status]
    assert await mock.get("/requests?status=500") == []


@pytest.mark.parametrize("query", ["status=x", "status=20", "status=600", "status=", "state=200"])
async def test_a_bad_filter_is_refused_in_words(mock, query):
    reply = await mock.control(f"/requests?{query}")
    assert reply.status == 400
    assert reply.said


async def test_requests_without_a_good_key_appear_un_narrowed_only(mock):
    await mock.send(PLACED)
    await mock.send(PLACED, key=LIVE_KEY)
    world = await mock.world_id(KEY)
    assert [row["status"] for row in await mock.get("/requests")] == [200, 401]
    assert [row["status"] for row in await mock.get("/requests", key=KEY)] == [200]
    assert [row["status"] for row in await mock.get(f"/requests?world={world}")] == [200]
    assert [row["world"] for row in await mock.get("/requests")] == [world, None]


async def test_all_worlds_together_are_in_the_order_of_arrival(mock):
    for key in (KEY, OTHER_KEY, KEY, "nonsense", OTHER_KEY):
        await mock.send(PLACED, key=key)
    seqs = [row["seq"] for row in await mock.get("/requests")]
    assert seqs == sorted(seqs)
    assert len(seqs) == 5


async def test_the_oldest_go_first_and_are_counted(start_mock):
    mock = await start_mock(journal_limit=3)
    replies = [await mock.send(event(f"X#{number}")) for number in range(5)]
    listed = await mock.control("/requests")
    assert [row["event_id"] for row in listed.json] == [reply.event_id for reply in replies[2:]]
    assert listed.counts == (3, 2)
    gone = await mock.control(f"/requests/{replies[0].headers['Hakuna-Mock-Request']}")
    assert gone.status == 404
    assert "2 older ones are gone" in gone.said


async def test_the_bound_is_each_world_s_own_and_the_counts_add_up(start_mock):
    mock = await start_mock(journal_limit=2)
    for key in (KEY, OTHER_KEY, "nonsense"):
        for number in range(5):
            await mock.send(event(f"X#{number}"), key=key)
    assert (await mock.control("/requests", key=KEY)).counts == (2, 3)
    assert (await mock.control("/requests")).counts == (6, 9)


async def test_events_and_orders_outlive_their_journal_entries(start_mock):
    mock = await start_mock(journal_limit=1)
    await mock.play("P{d:1, p:1>d} F{d:1} R{d:1}@5")
    assert len(await mock.get("/events")) == 3
    assert (await mock.get("/orders/ord-1"))["findings"]
    assert (await mock.control("/verdict")).status == 409


async def test_a_reset_sets_the_counter_back(start_mock):
    mock = await start_mock(journal_limit=1)
    await mock.play("P{d:1} F{d:1}")
    await mock.reset()
    assert (await mock.control("/requests")).counts == (0, 0)


async def test_bodies_that_are_no_text_are_shown_escaped(mock):
    await mock.send(b'\xff\xfe{"a"\x00')
    (row,) = await mock.get("/requests")
    assert row["body"] == '\\xff\\xfe{"a"\x00'


async def test_control_calls_are_not_journalled(mock):
    await mock.get("/events")
    await mock.control("/nothing")
    assert await mock.get("/requests") == []
