"""Faults as a client meets them, on real sockets."""

import asyncio
import json

import pytest
from server_mock import EVENT_ID, KEY, OTHER_KEY, event
from server_sockets import request

from contracts.http.idempotency import KEY_HEADER

PLACED = event("P{d:1}")
SAME_KEY = {KEY_HEADER: "one-key"}
EACH_WAY = pytest.mark.parametrize("where", ["header", "order id", "control API"])


async def send(line, fault=None, body=PLACED, **changes):
    asked = {"Hakuna-Mock-Fault": fault} if fault else {}
    return await line.post(body, **SAME_KEY, **asked, **changes)


async def control(line, method, path, body=None, key=KEY):
    raw = json.dumps(body).encode() if body is not None else b""
    auth = {"Authorization": f"Bearer {key}"}
    heard = await line.say(request(raw, method=method, path=f"/_mock/v1{path}", changes=auth))
    return heard.replies[0]


async def arm(mock, key=KEY, **fault):
    """Arm a fault that must be accepted."""
    reply = await mock.control("/faults", method="POST", key=key, body=fault)
    assert reply.status == 200, reply.body
    return reply.json


async def has_arrived(line):
    """Wait until the server has noted a request, which it need not have answered."""
    while (await line.get("/requests")) == []:  # noqa: ASYNC110 - the server's event, not ours
        await asyncio.sleep(0.01)


async def give_up(asked: asyncio.Future):
    """A client goes away without an answer."""
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)


async def last(line):
    return await line.get("/requests/latest")


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        ("rate_limited", 429, "application/json"),
        ("server_error", 500, "application/json"),
        ("bad_gateway", 502, "text/html"),
        ("unavailable", 503, "application/json"),
    ],
)
async def test_a_status_on_demand(line, fault, status, kind):
    heard = await send(line, fault)
    (reply,) = heard.replies
    assert (reply.status, reply.headers["content-type"]) == (status, kind)
    assert reply.headers["hakuna-mock-fault"] == fault
    assert ("retry-after" in reply.headers) is (status == 429)
    if kind == "application/json":
        assert set(reply.json["error"]) == {"error_code", "validation_errors"}
    else:
        assert reply.body.startswith(b"<html>")
    assert await line.get("/events") == []
    assert (await send(line)).status == 200


async def test_a_reset_is_one_and_nothing_is_stored(line):
    heard = await send(line, "reset")
    assert (heard.data, heard.reset) == (b"", True)
    assert await line.get("/events") == []
    row = await last(line)
    assert (row["status"], row["fault"], row["event_id"]) == (0, "reset", None)
    assert await line.get("/requests?status=0") == [row]
    assert await line.get("/requests?status=200") == []


async def test_a_commit_drop_stores_the_event_and_closes_without_a_word(line):
    heard = await send(line, "commit_drop")
    assert (heard.data, heard.closed) == (b"", True)
    (stored,) = await line.get("/events")
    row = await last(line)
    assert (row["status"], row["fault"], row["event_id"]) == (0, "commit_drop", stored["event_id"])
    (finding,) = await line.get("/findings?severity=warning")
    assert (finding["rule"], finding["state"]) == ("retry-missing", "open")
    again = await send(line)
    assert again.replies[0].json == {"event_id": stored["event_id"]}
    assert again.replies[0].headers["hakuna-mock-replayed"] == "true"
    (finding,) = await line.get("/findings?severity=warning")
    assert finding["state"] == "resolved"


@pytest.mark.parametrize("fault", ["reset", "commit_drop"])
async def test_an_expectation_that_cannot_be_met_gets_no_reply_either_where_none_is_sent(
    line, fault
):
    heard = await send(line, fault, Expect="nonsense")
    assert (heard.data, heard.closed) == (b"", True)


async def test_a_timeout_says_nothing_until_the_client_goes_and_stores_nothing(line):
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await send(line, "timeout")
    assert await line.get("/events") == []
    assert (await last(line))["fault"] == "timeout"
    assert (await send(line)).status == 200


async def test_a_client_that_waits_for_ever_does_not_hold_up_the_end_of_the_server(start_line):
    line = await start_line()
    waiting = asyncio.ensure_future(send(line, "timeout"))
    await has_arrived(line)
    await give_up(waiting)  # the fixture ends the server, which would hang


async def test_a_client_that_closed_its_side_has_given_up(line):
    asked = request(PLACED, changes={"Hakuna-Mock-Fault": "timeout"})
    heard = await line.say(asked, eof=True)  # which waits for the end of the connection
    assert (heard.data, heard.closed) == (b"", True)


async def test_a_client_that_closed_its_side_may_still_read_a_late_reply(line):
    asked = request(PLACED, changes={"Hakuna-Mock-Fault": "delay_ms=200"})
    assert (await line.say(asked, eof=True)).status == 200


async def test_a_fault_that_is_called_outage_is_none(line):
    await control(line, "POST", "/faults", {"id": "outage", "effect": "timeout"})
    asked = asyncio.ensure_future(send(line))
    await has_arrived(line)
    await line.post(event("P#2{d:1}"))
    await asyncio.sleep(0.2)
    assert not asked.done()
    await give_up(asked)


async def test_a_delay_is_an_answer_that_comes_later(line):
    before = asyncio.get_running_loop().time()
    heard = await send(line, "delay_ms=300")
    assert asyncio.get_running_loop().time() - before >= 0.3
    assert EVENT_ID.fullmatch(heard.replies[0].json["event_id"])


async def test_others_are_answered_while_one_is_kept_waiting(line):
    slow = asyncio.ensure_future(send(line, "delay_ms=3000"))
    await has_arrived(line)
    assert (await line.post(event("P#2{d:1}"))).status == 200
    assert not slow.done()
    await give_up(slow)


async def test_replies_that_cannot_be_read(line):
    (half,) = (await send(line, "bad_json")).replies
    with pytest.raises(ValueError, match="Unterminated"):
        half.json  # noqa: B018 - parsing is the question
    assert half.status == 200
    (empty,) = (await send(line, "empty")).replies
    assert (empty.status, empty.body) == (200, b"")
    (more,) = (await send(line, "extra_fields")).replies
    assert set(more.json) > {"event_id"}
    assert more.json["event_id"] == (await line.get("/events"))[0]["event_id"]


@EACH_WAY
async def test_two_times_and_then_no_more(line, where):
    body = PLACED
    if where == "order id":
        payload = {**PLACED["payload"], "order_id": "ord-1--mock-unavailable-x2"}
        body = {**PLACED, "payload": payload}
    if where == "control API":
        armed = await control(line, "POST", "/faults", {"effect": {"status": 503}, "times": 2})
        assert (armed.status, armed.json["id"]) == (200, "fault-1")
    fault = "unavailable; times=2" if where == "header" else None
    actual = [(await send(line, fault, body)).status for _ in range(4)]
    assert actual == [503, 503, 200, 200]


async def test_a_fault_of_one_world_is_none_of_another(line):
    await control(line, "POST", "/faults", {"effect": "reset", "times": 9})
    other = await line.post(PLACED, Authorization=f"Bearer {OTHER_KEY}")
    assert other.status == 200
    assert (await send(line)).reset


async def test_a_fault_without_a_world_is_one_of_all(mock):
    await arm(mock, None, effect="unavailable", times=2)
    assert [(await mock.send(PLACED, key=key)).status for key in (KEY, OTHER_KEY, KEY)] == [
        503,
        503,
        200,
    ]
    (row,) = await mock.get("/faults")
    assert (row["world"], row["seen"], row["played"]) == (None, 3, 2)


async def test_a_reset_of_all_worlds_disarms_what_was_armed_for_all(mock):
    await mock.send(PLACED)
    await arm(mock, None, effect="unavailable", times=9)
    await mock.control("/reset", method="POST")
    assert await mock.get("/faults") == []
    assert (await mock.send(PLACED)).status == 200
    await arm(mock, None, effect="unavailable")
    assert (await mock.send(PLACED)).status == 503


async def test_whose_name_is_wrong_the_header_s_or_the_order_id_s_is_told(line):
    payload = {**PLACED["payload"], "order_id": "ord-1--mock-nothing"}
    heard = await send(line, "unavailable; times=1", {**PLACED, "payload": payload})
    assert heard.errors[0].startswith("the order id asks for '--mock-nothing': there is no effect")


async def test_a_misspelt_header_is_refused_and_nothing_is_stored(line):
    heard = await send(line, "unavailble")
    assert heard.status == 400
    assert "did you mean unavailable?" in heard.errors[0]
    assert heard.replies[0].headers["hakuna-mock-findings"].startswith("fault-unknown")
    assert await line.get("/events") == []


async def test_without_a_good_key_no_fault_plays(line):
    assert (
        await line.post(PLACED, Authorization="Bearer nonsense", **{"Hakuna-Mock-Fault": "reset"})
    ).status == 401


async def test_good_requests_before_a_cut_keep_their_replies(line):
    """Pipelined: what was answered stays answered."""
    first = request(event("P#2{d:1}"))
    heard = await line.say(
        first + request(PLACED, changes={"Hakuna-Mock-Fault": "commit_drop"}), expect=2
    )
    assert heard.statuses == [200]
    assert heard.closed


async def test_reset_disarms_and_deleting_does(mock):
    for undo in ("/reset", "/faults"):
        await arm(mock, effect="empty", times=9)
        method = "POST" if undo == "/reset" else "DELETE"
        assert (await mock.control(undo, method=method, key=KEY)).status == 200
        assert await mock.get("/faults", key=KEY) == []
        assert (await mock.send(PLACED)).event_id


async def test_one_fault_is_deleted_by_its_id_and_a_wrong_id_names_the_nearest(mock):
    assert (await arm(mock, effect="empty", id="mine"))["id"] == "mine"
    wrong = await mock.control("/faults/mime", method="DELETE", key=KEY)
    assert (wrong.status, "did you mean mine?" in wrong.said) == (404, True)
    assert (await mock.control("/faults/mine", method="DELETE", key=KEY)).json == {
        "deleted": "mine"
    }


async def test_what_get_shows_of_a_fault_may_be_posted_again(mock):
    asked = {
        "effect": {"status": 429, "retry_after": 9},
        "rate": 0.5,
        "match": {"type": "order_placed"},
    }
    armed = (await mock.control("/faults", method="POST", key=KEY, body=asked)).json
    again = await mock.control("/faults", method="POST", key=KEY, body=armed)
    assert again.json == armed


@pytest.mark.parametrize("asked", [[], {}, {"effect": "x"}, {"effect": "reset", "times": 0}])
async def test_what_is_no_fault_is_400_in_words(mock, asked):
    refused = await mock.control("/faults", method="POST", key=KEY, body=asked)
    assert refused.status == 400
    assert refused.said


async def test_the_catalogue_names_every_effect(mock):
    names = {item["name"] for item in await mock.get("/catalog")}
    assert {"unavailable", "commit_drop", "timeout", "reset", "delay", "bad_json"} <= names


async def test_the_same_seed_throws_the_same_dice(start_mock):
    played = []
    for seed in (7, 7, 8):
        mock = await start_mock(seed=seed)
        await arm(mock, effect="unavailable", rate=0.5)
        played.append([(await mock.send({"type": n})).status for n in range(40)])
    assert played[0] == played[1] != played[2]
    assert {400, 503} == set(played[0])


@pytest.mark.parametrize(("mode", "status"), [("refuse", 503), ("reset", None), ("hang", None)])
async def test_an_outage_ends_when_the_settings_say_so(line, mode, status):
    told = await control(line, "PUT", "/settings", {"outage": mode})
    assert told.json["outage"]["mode"] == mode
    asked = asyncio.ensure_future(send(line))
    if mode == "hang":
        await has_arrived(line)
        assert not asked.done()
        await control(line, "PUT", "/settings", {"outage": None})
    assert (await asked).status == status
    shown = await control(line, "PUT", "/settings", {"outage": None})
    assert "outage" not in shown.json
    assert (await send(line)).status == 200


async def test_an_outage_is_over_after_its_seconds_by_the_world_s_clock(line):
    await control(line, "PUT", "/settings", {"outage": {"mode": "refuse", "seconds": 3600}})
    assert (await send(line)).status == 503
    await control(line, "POST", "/clock", {"advance": "1h"})
    assert (await send(line)).status == 200


async def test_an_outage_of_one_world_is_none_of_another(line):
    await control(line, "PUT", "/settings", {"outage": "refuse"})
    assert (await line.post(PLACED, Authorization=f"Bearer {OTHER_KEY}")).status == 200


async def test_the_log_names_the_event_that_met_a_fault(start_line):
    message = []
    line = await start_line(
        log=lambda entry, kind, order_id: message.append((entry.fault, kind, order_id))
    )
    await send(line, "unavailable")
    await send(line, "commit_drop")
    assert message == [
        ("unavailable", "order_placed", "ord-1"),
        ("commit_drop", "order_placed", "ord-1"),
    ]
