"""The application: its clock, its ids, its routes, its limits."""

import re

import pytest
from server_mock import EVENT_ID, KEY, event

from contracts.timing.rfc3339 import parse_instant
from mock_server import Settings, create_app
from mock_server.app import event_ids
from mock_server.control import ROUTES
from mock_server.server_state import SERVER

NEW_YEAR = parse_instant("2026-01-01T00:00:00Z")


def test_the_same_seed_gives_the_same_ids():
    first, again, other = event_ids(1), event_ids(1), event_ids(2)
    ids = [first() for _ in range(100)]
    assert ids == [again() for _ in range(100)]
    assert ids != [other() for _ in range(100)]
    assert len(set(ids)) == 100
    assert all(EVENT_ID.fullmatch(item) for item in ids)


def test_without_a_seed_ids_are_random():
    item, other = event_ids(None), event_ids(None)
    assert EVENT_ID.fullmatch(item())
    assert item() != other()


async def test_a_stopped_clock_is_the_time_of_every_arrival_and_of_the_rules(start_mock):
    mock = await start_mock(clock=None, seed=None, no_ui=False)
    assert (await mock.play("P{d:1}"))[0].rules == []
    early = parse_instant("2020-01-01T00:00:00Z")
    mock = await start_mock(clock=lambda: early)
    (reply,) = await mock.play("P{d:1}")
    assert reply.rules == ["timestamp-future"]
    for path in ("/events", "/requests"):
        (row,) = await mock.get(path)
        assert row["received_at"] == "2020-01-01T00:00:00.000Z"


async def test_ids_can_be_given(start_mock):
    ids = iter([f"evt-00000000-0000-4000-8000-{number:012}" for number in range(9)])
    mock = await start_mock(new_event_id=lambda: next(ids))
    assert (await mock.send(event("P{d:1}"))).event_id == "evt-00000000-0000-4000-8000-000000000000"


async def test_a_seed_gives_the_same_replies_to_the_same_story_twice(start_mock):
    story = "P{d:2, p:2>d} F{d:2} R{d:1}@5 R{p:1}@6 X#2"
    runs = []
    for _ in range(2):
        mock = await start_mock(seed=42)
        runs.append([(reply.status, reply.body, reply.rules) for reply in await mock.play(story)])
    assert runs[0] == runs[1]


async def test_refused_requests_and_seeded_ids_do_not_depend_on_the_wall_clock(start_mock):
    mock = await start_mock(seed=1)
    await mock.send(b"{")
    first = await mock.send(event("X"))
    again = await start_mock(seed=1)
    await again.send(b"{")
    assert (await again.send(event("X"))).event_id == first.event_id


@pytest.mark.parametrize(("size", "status"), [(0, 200), (1, 400)])
async def test_a_body_may_be_exactly_as_long_as_the_limit(start_mock, size, status):
    mock = await start_mock(max_body=2_000)
    body = event("X")
    body["padding"] = "x" * (2_000 - len(str(body)) - len(', "padding": ""') + size)
    reply = await mock.send(body)
    assert reply.status == status
    if status == 400:
        assert "2000 are the limit" in reply.errors[0]


async def test_only_told_keys_exist_where_any_were_told(start_mock):
    mock = await start_mock(api_key=(KEY,))
    assert (await mock.send(event("X"), key=KEY)).status == 200
    reply = await mock.send(event("X"), key="sk_test_" + "somebodyelse")
    assert reply.status == 401
    assert "--api-key" in reply.errors[0]
    assert (await mock.control("/events", key="sk_test_" + "somebodyelse")).status == 401
    assert len(await mock.get("/worlds")) == 1


@pytest.mark.parametrize(
    ("auth", "authorization", "bearer"),
    [("both", 200, 200), ("authorization", 200, 401), ("bearer-header", 401, 200)],
)
async def test_auth_says_which_header_carries_the_key(start_mock, auth, authorization, bearer):
    mock = await start_mock(auth=auth)
    by_bearer = {"Authorization": None, "Bearer": KEY}
    assert (await mock.send(event("X"))).status == authorization
    assert (await mock.send(event("X#2"), changes=by_bearer)).status == bearer


async def test_two_apps_share_nothing(start_mock):
    item, other = await start_mock(), await start_mock()
    await item.play("P{d:1}")
    await item.put_settings({"enforcement": "reject"})
    assert await other.get("/events") == []
    assert (await other.get("/settings"))["enforcement"] == "flag"


def test_every_control_route_is_registered_once():
    app = create_app(Settings())
    registered = [
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None
    ]
    for method, path, _ in ROUTES:
        plain = re.sub(r":[^}]*\}", "}", path)
        assert registered.count((method, f"/_mock/v1{plain}")) == 1


def test_the_server_s_state_stands_under_one_typed_key():
    app = create_app(Settings(journal_limit=7))
    assert app[SERVER].settings.journal_limit == 7


@pytest.mark.parametrize("path", ["/check", "/nothing"])
async def test_an_expectation_nobody_can_meet_is_json_under_mock_too(mock, path):
    reply = await mock.control(path, method="POST", headers={"Expect": "magic"}, body={})
    assert reply.headers["Content-Type"].startswith("application/json")
    assert reply.json


class TestTheBareAddress:
    """People type it; what they find leads on, and is nobody's mistake."""

    async def test_a_browser_is_sent_to_the_inspector(self, mock):
        reply = await mock.client.get("/", headers={"Accept": "text/html"}, allow_redirects=False)
        assert (reply.status, reply.headers["Location"]) == (303, "/_mock/")

    async def test_a_program_is_told_where_things_are(self, mock):
        reply = await mock.client.get("/")
        places = await reply.json()
        assert reply.status == 200
        assert places["events"] == "POST /sandbox/events"
        assert places["control_api"] == "/_mock/v1/"

    async def test_it_leaves_no_finding_and_no_request(self, mock):
        await mock.client.get("/")
        assert await mock.get("/findings") == []
        assert await mock.get("/requests") == []
