"""No whole key leaves the mock or stays in it, wherever a client has put one."""

import io
import json
from urllib.parse import quote

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given, settings
from hypothesis import strategies as st
from server_mock import KEY, LISTS, LIVE_KEY, Mock, event
from server_processes import MODULE, running

from mock_server import Settings, create_app
from mock_server.log_lines import make_log

SECRETS = st.text("ABCDEFGHJKMNPQRSTUVWXYZ23456789", min_size=12, max_size=40)
LOOK = (*(f"{path}?limit=1000" for path in LISTS), "/worlds", "/verdict", "/events/latest")


def headers_with(key: str) -> st.SearchStrategy[dict[str, str]]:
    """The key in one header or in several, in good forms and in strange ones."""
    forms = (
        "Bearer {}",
        "{}",
        "bearer {}",
        "{} ",
        "{} x",
        "Basic {}",
        "{0},{0}",
        "k={};j=1",
        "'{}'",
    )
    names = (
        "Authorization",
        "Bearer",
        "X-API-KEY",
        "Cookie",
        "Proxy-Authorization",
        "Hakuna-Idempotency-Key",
        "Hakuna-Version",
        "Content-Type",
        "Content-Encoding",
        "X-Shop",
        "User-Agent",
    )
    values = st.sampled_from(forms).map(lambda form: form.format(key))
    return st.dictionaries(st.sampled_from(names), values, min_size=1, max_size=3)


def paths_with(key: str) -> st.SearchStrategy[str]:
    spots = ("/sandbox/events", "/events", "/{}", "/sandbox/{}", "/a?key={}", "/" + "x" * 60 + "{}")
    return st.sampled_from(spots).map(lambda spot: spot.format(key))


SPOTS = (
    '"order_placed"',
    '"eur"',
    '"iPhone 14"',
    '"2024-03-01T09:00:00.000Z"',
    '"line-d"',
    '"prd-d"',
    '"max.mustermann@example.com"',
    '"de"',
    "89900",
    '"order_currency"',
)


def bodies_with(key: str, *more_spots: str) -> st.SearchStrategy[bytes]:
    """The key as a value, a name, a part of a text, or bare, in good events and in bad ones."""
    text = json.dumps(event("P{d:1, p:1>d}"))
    replaced = st.sampled_from((*SPOTS, *more_spots)).map(
        lambda spot: text.replace(spot, f'"{key}"').encode()
    )
    return replaced | st.sampled_from([text.encode(), key.encode(), f'{{"{key}": 1}}'.encode()])


async def everything_shown(*requests) -> str:
    """All that a mock says and logs of these requests: replies, lists, lines in both formats."""
    logs = [io.StringIO(), io.StringIO()]
    writers = [make_log("pretty", logs[0]), make_log("json", logs[1])]

    def log(*item) -> None:
        for write in writers:
            write(*item)

    async with TestClient(TestServer(create_app(Settings(), log=log))) as client:
        mock = Mock(client)
        replies = [await mock.send(body, **more) for body, more in requests]
        replies += [await mock.control(path) for path in LOOK]
    shown = [f"{reply.headers} {reply.body.decode()}" for reply in replies]
    return "\n".join([*shown, *(out.getvalue() for out in logs)])


@settings(max_examples=60)
@given(data=st.data(), secret=SECRETS)
async def test_a_live_key_in_a_header_or_an_address_is_shown_nowhere(data, secret):
    key = "sk_" + "live_" + secret
    more = {"changes": data.draw(headers_with(key)), "path": data.draw(paths_with(key))}
    assert key not in await everything_shown((event("P{d:1}"), more), (b"{", more))


@settings(max_examples=60)
@given(data=st.data(), secret=SECRETS)
async def test_a_live_key_in_a_body_is_shown_nowhere(data, secret):
    key = "sk_" + "live_" + secret
    body = data.draw(bodies_with(key, '"ord-1"'))
    assert key not in await everything_shown((body, {}), (body, {"path": "/events"}))


@settings(max_examples=60)
@given(data=st.data(), secret=SECRETS)
async def test_the_key_of_a_shop_is_in_no_reply_and_not_in_the_journal(data, secret):
    key = "sk_test_" + secret
    async with TestClient(TestServer(create_app(Settings()))) as client:
        mock = Mock(client)
        changes = data.draw(headers_with(key) | st.just({}))
        path, body = data.draw(paths_with(key)), data.draw(bodies_with(key))
        replies = [await mock.send(body, key=key, changes=changes, path=path)]
        replies += [await mock.control(item) for item in ("/requests?limit=1000", "/worlds")]
    assert key not in "".join(f"{reply.headers} {reply.body.decode()}" for reply in replies)


@pytest.mark.parametrize(
    "path",
    [
        "/events/{}",
        "/orders/{}",
        "/requests/{}",
        "/rules/{}",
        "/schemas/{}.json",
        "/{}",
        "/events?world={}",
        "/events?type={}",
        "/events?{}=1",
        "/findings?rule={}",
        "/verdict?fail_on={}",
        "/requests?status={}",
    ],
)
async def test_the_control_api_does_not_echo_a_live_key(mock, path):
    reply = await mock.control(path.format(LIVE_KEY))
    assert reply.status in (400, 404)
    assert LIVE_KEY not in reply.body.decode()


@pytest.mark.parametrize(
    "body",
    [
        {LIVE_KEY: 1},
        {"enforcement": LIVE_KEY},
        {"rules": {LIVE_KEY: "off"}},
        {"rules": {"zip-format": LIVE_KEY}},
    ],
)
async def test_settings_do_not_echo_one_either(mock, body):
    reply = await mock.control("/settings", method="PUT", body=body)
    assert reply.status == 400
    assert LIVE_KEY not in reply.body.decode()


async def test_a_live_key_written_with_escapes_is_a_live_key(mock):
    """A serializer may write any letter as \\u….; parsed it is the key again."""
    escaped = LIVE_KEY.replace("_", "\\u005f")
    await mock.send(json.dumps(event("P{d:1}")).replace("iPhone 14", escaped))
    for path in LOOK:
        assert LIVE_KEY not in (await mock.control(path)).body.decode(), path


@pytest.mark.parametrize("letters", ["_", "s", "sklive_", "0123456789"])
async def test_the_journal_does_not_keep_a_live_key_that_json_escapes(mock, letters):
    """What is stored is the text, and a reader of JSON would get the key out of it."""
    escaped = "".join(f"\\u{ord(x):04x}" if x in letters else x for x in LIVE_KEY)
    raw = json.dumps(event("P{d:1}")).replace("iPhone 14", escaped)
    for body in (raw, f'{{"note": "{escaped}", '):
        await mock.send(body)
    for row in await mock.get("/requests"):
        kept = (await mock.get(f"/requests/{row['id']}"))["body"]
        assert escaped not in kept
        assert LIVE_KEY not in kept.encode().decode("unicode_escape")


async def test_a_sandbox_key_as_the_id_of_an_order_is_an_id_as_any(mock):
    """SECURITY.md says so: what has an id must be found by it, in lists and in findings alike."""
    order_id = "sk_test_" + "anorderofitsown"
    body = json.loads(json.dumps(event("P{d:1}")).replace("ord-1", order_id))
    await mock.send(body, changes={"Hakuna-Version": "v1.0"})
    assert [row["order_id"] for row in await mock.get("/orders")] == [order_id]
    assert (await mock.get(f"/orders/{order_id}"))["order_id"] == order_id
    assert {row["order_id"] for row in await mock.get("/findings")} == {order_id}
    assert order_id not in (await mock.get("/requests/latest"))["body"]


async def test_an_order_whose_id_is_a_live_key_can_still_be_followed(mock):
    body = json.loads(json.dumps(event("P{d:1}")).replace("ord-1", LIVE_KEY))
    assert (await mock.send(body)).status == 200
    listed = await mock.control("/orders")
    assert len(listed.json) == 1
    assert LIVE_KEY not in listed.body.decode()
    reply = await mock.control(f"/orders/{quote(LIVE_KEY)}")
    assert LIVE_KEY not in reply.body.decode()


@pytest.mark.parametrize("log_format", ["pretty", "json"])
def test_the_banner_of_a_server_with_keys_shows_none(tmp_path, log_format):
    told = {"api_key": f"{KEY}, sk_test_short", "admin_token": "a-secret-token"}
    with running(MODULE, tmp_path, log_format=log_format, **told) as server:
        server.process.terminate()
        server.process.wait(10)
        message = server.printed + server.ready.parent.joinpath("out.txt").read_text()
    assert "sandbox/events" in message
    for secret in (KEY, "sk_test_short", "a-secret-token"):
        assert secret not in message


def test_the_settings_do_not_show_their_secrets():
    shown = repr(Settings(api_key=(KEY,), admin_token="a-secret-token"))
    assert KEY not in shown
    assert "a-secret-token" not in shown
