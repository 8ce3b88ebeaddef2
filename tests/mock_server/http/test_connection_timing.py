"""Connections that take their time, are reused, or go away: answered, never hanging."""

import asyncio
import gc
import json

import pytest
from server_mock import event
from server_sockets import chunks, replies_in, request

EVENT = json.dumps(event("P{d:1}")).encode()
GOOD = request(EVENT)
HEAD = request(framing=b"")
LENGTH = b"Content-Length: %d\r\n\r\n"
LAST = {"Connection": "close"}
SOON = 20.0
"""Seconds: an answer within one is promised, more is only a guard against a busy machine."""


async def test_100_continue_comes_before_the_body_and_the_reply_after_it(line):
    reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
    head, _, body = request(EVENT, changes={"Expect": "100-continue"}).partition(b"\r\n\r\n")
    writer.write(head + b"\r\n\r\n")
    async with asyncio.timeout(SOON):
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(body)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
    writer.close()
    await writer.wait_closed()


async def test_a_client_of_http_1_0_gets_no_interim_reply(line):
    """It would take the 100 for the answer (RFC 9110 section 10.1.1)."""
    heard = await line.say(request(EVENT, version="1.0", changes={"Expect": "100-continue"}))
    assert heard.data.startswith(b"HTTP/1.0 200 ")


async def test_the_body_may_come_along_with_the_expectation(line):
    heard = await line.say(request(EVENT, changes={"Expect": "100-Continue"}))
    assert heard.status == 200


async def test_one_connection_serves_many_requests(line):
    heard = await line.say(*[GOOD] * 20, gap=0.01, expect=20)
    assert heard.statuses == [200] * 20
    assert len({reply.body for reply in heard.replies}) == 20


async def test_pipelined_requests_are_answered_in_their_order(line):
    wrong = request(EVENT, path="/nothing")
    heard = await line.say(GOOD + wrong + GOOD + request(b"{}") + GOOD, expect=5)
    assert heard.statuses == [200, 404, 200, 400, 200]


async def test_more_pipelined_requests_than_anybody_sends_are_answered_all(line):
    heard = await line.say(GOOD * 500, expect=500)
    assert heard.statuses == [200] * 500


@pytest.mark.parametrize(
    "behind",
    [b"\x00\x00\r\n\r\n", b"}", request(EVENT, version="9.9"), HEAD + LENGTH % -1],
    ids=["garbage", "a body longer than announced", "an unknown version", "a negative length"],
)
async def test_what_cannot_be_read_behind_a_good_request_is_refused_after_its_answer(line, behind):
    heard = await line.say(GOOD + behind, eof=True, expect=99)
    assert heard.statuses == [200, 400]
    assert len(await line.get("/events")) == 1


CHUNKED = request(framing=chunks(EVENT))


@pytest.mark.parametrize("good", [GOOD, CHUNKED, GOOD + CHUNKED + GOOD], ids=len)
@pytest.mark.parametrize("half", [HEAD, HEAD[:30], b"P", b"\r\n\r\nPOST "], ids=len)
async def test_half_a_head_behind_good_requests_is_refused_soon_and_alone(line, good, half):
    heard = await line.say(good + half, expect=99)
    assert heard.statuses == [200] * good.count(b"POST") + [400]
    assert heard.closed


@pytest.mark.parametrize("cut", range(1, 12))
@pytest.mark.parametrize("good", [GOOD, CHUNKED], ids=["length", "chunked"])
async def test_a_request_may_be_cut_anywhere_near_its_seams(line, good, cut):
    """The end of a head or of a chunked body, spread over two packets, is still an end."""
    seam = good.index(b"\r\n\r\n") + 6 - cut
    stream = good + good
    heard = await line.say(
        stream[:seam],
        stream[seam : len(good) + 6 - cut],
        stream[len(good) + 6 - cut :],
        gap=0.02,
        expect=2,
    )
    assert heard.statuses == [200, 200]
    again = await line.say(stream, gap=0.02, expect=2)
    assert (again.statuses, again.closed) == ([200, 200], False)


async def test_a_refusal_of_the_body_s_content_keeps_the_connection(line):
    heard = await line.say(request(b"{}"), GOOD, gap=0.05, expect=2)
    assert heard.statuses == [400, 200]


@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_the_connection_ends_where_the_client_says_so(line, version):
    heard = await line.say(request(EVENT, version=version, changes=LAST), expect=99)
    assert (heard.status, heard.closed) == (200, True)


@pytest.mark.parametrize("path", ["/sandbox/events", "/nothing", "/_mock/v1/health"])
async def test_head_is_answered_without_a_body(line, path):
    asked = f"HEAD {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    heard = await line.say(asked, expect=99, to_head=True)
    assert heard.closed
    assert heard.data.endswith(b"\r\n\r\n")
    assert heard.data.count(b"\r\n\r\n") == 1


async def test_a_half_sent_head_is_answered_within_a_second(line):
    async with asyncio.timeout(SOON):
        heard = await line.say(HEAD)
    assert heard.status == 400
    assert "never finished" in heard.errors[0]


async def test_a_half_sent_head_on_a_used_connection_is_answered_within_a_second_too(line):
    async with asyncio.timeout(SOON):
        heard = await line.say(GOOD, HEAD, gap=0.2, expect=2)
    assert heard.statuses == [200, 400]


async def test_a_half_sent_body_is_answered_within_a_second(line):
    async with asyncio.timeout(SOON):
        heard = await line.say(HEAD + LENGTH % 1000 + EVENT[:10])
    assert heard.status == 400
    assert "stopped after 10 of 1000 bytes" in heard.errors[0]


async def test_a_head_that_drips_is_refused_before_it_is_finished(line):
    drops = [bytes([item]) for item in GOOD]
    async with asyncio.timeout(SOON):
        heard = await line.say(*drops, gap=0.1)
    assert heard.status == 400


async def test_a_head_in_a_few_pieces_is_a_good_one(line):
    pieces = [GOOD[start : start + 40] for start in range(0, len(GOOD), 40)]
    assert (await line.say(*pieces, gap=0.005)).status == 200


async def test_a_body_that_drips_is_ended_at_some_time(start_line):
    """A pause is allowed, and the next one; all of them together are not endless."""
    line = await start_line()
    drops = [HEAD + LENGTH % 1000, *[b" "] * 999]
    async with asyncio.timeout(8):
        heard = await line.say(*drops, gap=0.3)
    assert heard.status == 400


async def test_a_client_that_closed_its_side_is_answered_and_the_connection_ends(line):
    """As `nc -N` does it: nothing more can come, so nothing is to be waited for."""
    async with asyncio.timeout(SOON):
        heard = await line.say(GOOD, eof=True, expect=99)
    assert (heard.status, heard.closed) == (200, True)


async def test_a_chunked_body_that_stops_is_answered_within_a_second(line):
    framing = chunks(EVENT[:20], end=b"")
    async with asyncio.timeout(SOON):
        heard = await line.say(HEAD + framing)
    assert heard.status == 400


async def test_a_silent_connection_is_left_alone_and_still_good(line):
    heard = await line.say(b"", GOOD, gap=1.5)
    assert heard.status == 200


async def test_blank_lines_are_no_beginning_of_a_request(line):
    heard = await line.say(b"\r\n", GOOD, gap=1.2)
    assert heard.status == 200


@pytest.mark.parametrize(
    ("framing", "message"),
    [
        (LENGTH % 1000 + EVENT[:10], "stopped after 10 of 1000 bytes"),
        (LENGTH % 1000, "stopped after 0 of 1000 bytes"),
        (chunks(EVENT[:20], end=b""), "stopped after 20 bytes"),
        (chunks(end=b"5\r\nab"), "stopped after 2 bytes"),
        (chunks(EVENT, end=b""), f"stopped after {len(EVENT)} bytes"),
    ],
    ids=["half", "nothing", "chunk", "half a chunk", "no last chunk"],
)
@pytest.mark.parametrize("before", [b"", GOOD * 3], ids=["first", "behind good ones"])
async def test_a_body_whose_client_closed_its_side_is_not_waited_for(
    line, monkeypatch, framing, message, before
):
    monkeypatch.setattr("mock_server.http.request_body.STALL_SECONDS", 60)
    monkeypatch.setattr("mock_server.http.request_body.MAX_SECONDS", 60)
    async with asyncio.timeout(SOON):
        heard = await line.say(before + HEAD + framing, eof=True, expect=99)
    assert heard.statuses == [200] * before.count(b"POST") + [400]
    assert message in heard.replies[-1].json["error"]["validation_errors"][0]
    assert heard.closed


async def test_clients_that_go_away_inside_a_request_are_forgotten(line):
    for data in (HEAD, HEAD + LENGTH % 1000 + b"{", HEAD + chunks(b"{", end=b""), GOOD[:50]):
        for _ in range(10):
            _, writer = await asyncio.open_connection("127.0.0.1", line.port)
            writer.write(data)
            await writer.drain()
            writer.transport.abort()
    await asyncio.sleep(1.2)
    assert await line.get("/orders") == []
    assert (await line.say(GOOD)).status == 200


async def test_clients_that_go_away_before_their_reply_do_no_harm(line):
    for _ in range(50):
        _, writer = await asyncio.open_connection("127.0.0.1", line.port)
        writer.write(GOOD)
        await writer.drain()
        writer.transport.abort()
    await asyncio.sleep(0.2)
    (order,) = await line.get("/orders")
    assert len(order["timeline"]) == len(await line.get("/events"))
    assert (await line.say(GOOD)).status == 200


async def test_a_client_that_never_reads_its_replies_slows_nobody_else(line):
    _, writer = await asyncio.open_connection("127.0.0.1", line.port)
    writer.write(GOOD * 2000)
    async with asyncio.timeout(SOON):
        for _ in range(5):
            assert (await line.say(GOOD)).status == 200
    writer.transport.abort()


async def test_hundreds_of_half_sent_requests_hinder_nobody(line):
    held = [await asyncio.open_connection("127.0.0.1", line.port) for _ in range(200)]
    for _, writer in held:
        writer.write(HEAD)
    async with asyncio.timeout(SOON):
        assert (await line.say(GOOD)).status == 200
    for reader, writer in held:
        async with asyncio.timeout(SOON):
            assert [item.status for item in replies_in(await reader.read())] == [400]
        writer.close()
        await writer.wait_closed()


async def test_connections_leave_nothing_behind(line):
    async def objects() -> int:
        gc.collect()
        return sum(type(get_object).__name__ == "Connection" for get_object in gc.get_objects())

    for data in (GOOD, b"garbage\r\n\r\n", request(b"{}")):
        await line.say(data)
    before = await objects()
    for _ in range(30):
        for data in (GOOD, b"garbage\r\n\r\n", request(b"{}")):
            await line.say(data)
    await asyncio.sleep(0.2)
    assert await objects() <= before + 3
