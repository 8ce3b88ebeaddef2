"""What a proxy sends on, what comes back, and what it keeps: over real sockets."""

import gzip
import json

import pytest
from proxied import KEY, proxied
from toy_provider import Provider
from toy_providers import Created
from toy_server import toy_server

from contracts.shorthand import bodies

LIVE = "sk_" + "live_" + "Zx81Kq77Pm20Wv63"


async def test_body_path_and_headers_travel_byte_for_byte():
    body = b' {"payload" : {"order_id":"a\\u00e9"}, "type":"order_paid"}\r\n'
    with toy_server() as toy:
        async with proxied(toy.url) as proxy:
            await proxy.post(
                body,
                {
                    "Content-Type": "application/json; charset=utf-8",
                    "Cookie": "a=b",
                    "X-Own": "1",
                    "Hakuna-Other": "ä",
                    "Hakuna-Mock-Own": "no",
                    "Accept-Encoding": "gzip",
                    "User-Agent": "shop/1",
                },
                "?a=%2F&b",
            )
        (path, headers, received) = toy.received[0]
    assert received == body
    assert path == "/sandbox/events?a=%2F&b"
    names = {name.lower(): value for name, value in headers}
    assert names.pop("host") == toy.url.removeprefix("http://")
    assert names.pop("content-length") == str(len(body))
    assert names == {
        "accept-encoding": "identity",
        "authorization": f"Bearer {KEY}",
        "content-type": "application/json; charset=utf-8",
        "hakuna-idempotency-key": names["hakuna-idempotency-key"],
        "hakuna-other": "ä".encode().decode("latin-1"),
        "hakuna-version": "v2.0",
    }


async def test_a_compressed_body_is_sent_on_as_it_came():
    (placed,) = bodies("P{d:1}")
    body = gzip.compress(json.dumps(placed).encode())
    with toy_server() as toy:
        async with proxied(toy.url) as proxy:
            await proxy.post(body, {"Content-Encoding": "gzip"})
        assert toy.received[0][2] == body
        assert ("Content-Encoding", "gzip") in toy.received[0][1]


async def test_the_reply_comes_back_as_it_was_with_our_headers_beside():
    more = (("X-Request-Id", "abc"), ("Set-Cookie", "a=1"), ("Connection", "x-hop"), ("X-Hop", "1"))
    with toy_server(Created(), more_headers=more) as toy:
        async with proxied(toy.url) as proxy:
            (body,) = bodies("P{d:1}")
            reply = await proxy.post(body)
            latest = await proxy.get("/requests/latest")
    assert reply.status == 201
    assert set(reply.json) == {"event_id"}
    assert reply.headers["X-Request-Id"] == "abc"
    assert reply.headers["Set-Cookie"] == "a=1"
    assert "X-Hop" not in reply.headers
    assert reply.headers["Hakuna-Mock-Request"] == latest["id"]
    upstream = latest["upstream"]
    assert upstream["status"] == 201
    assert json.loads(upstream["body"]) == reply.json
    assert upstream["duration_ms"] > 0
    assert "error" not in upstream
    assert latest["would_reply"]["status"] == 200
    assert ["Set-Cookie", "a=1"] not in upstream["headers"]


async def test_an_event_is_found_under_the_id_of_the_provider_too():
    with toy_server() as toy:
        async with proxied(toy.url) as proxy:
            (body,) = bodies("P{d:1}")
            theirs = (await proxy.post(body)).json["event_id"]
            event = await proxy.get(f"/events/{theirs}")
            ours = await proxy.get(f"/events/{event['event_id']}")
    assert event["provider"] == {"event_id": theirs, "status": 200}
    assert event["event_id"] != theirs
    assert ours == event


async def test_the_provider_decides_what_the_world_holds():
    placed, shipped, refund = bodies("P{d:1,p:1>d} F{d:1} R{d:1}@5")
    with toy_server(Provider("refund-missing-protection")) as toy:
        async with proxied(toy.url) as proxy:
            for body, status in ((placed, 200), (shipped, 200), (refund, 400)):
                assert (await proxy.post(body)).status == status
            (order,) = await proxy.get("/orders")
            latest = await proxy.get("/requests/latest")
            refuted = await proxy.refuted()
    assert [line["refunded"] for line in order["lines"]] == [0, 0]
    assert latest["event_id"] is None
    assert [item["rule"] for item in latest["findings"]] == ["refund-missing-protection"]
    assert latest["would_reply"]["status"] == 200
    assert refuted == {"refund-missing-protection"}


async def test_what_settings_refuse_here_is_applied_where_the_provider_accepts_it():
    placed, shipped, refund = bodies("P{d:1,p:1>d} F{d:1} R{d:1}@5")
    with toy_server() as toy:
        async with proxied(toy.url, enforcement="reject") as proxy:
            for body in (placed, shipped, refund):
                assert (await proxy.post(body)).status == 200
            (order,) = await proxy.get("/orders")
            assert await proxy.refuted() == set()
    assert order["lines"][0]["refunded"] == 1


async def test_other_paths_and_methods_stay_here():
    with toy_server() as toy:
        async with proxied(toy.url) as proxy:
            async with proxy.session.get(f"{proxy.url}/sandbox/events") as reply:
                assert reply.status == 404
            async with proxy.session.post(f"{proxy.url}/events", data=b"{}") as reply:
                assert reply.status == 404
        assert toy.received == []


@pytest.mark.parametrize(
    ("changes", "body", "status"),
    [
        ({"Authorization": f"Bearer {LIVE}"}, b"{}", 401),
        ({"Bearer": LIVE}, b"{}", 401),
        ({"Hakuna-Note": LIVE}, b"{}", 400),
        ({}, json.dumps({"note": LIVE}).encode(), 400),
        ({}, b'{"note": "sk_live\\u005fabcdefgh12345678"}', 400),
    ],
)
async def test_a_live_key_never_leaves_wherever_it_stands(changes, body, status):
    with toy_server() as toy:
        async with proxied(toy.url) as proxy:
            reply = await proxy.post(body, changes)
            assert reply.status == status
            assert LIVE not in reply.body.decode()
            assert "auth-environment-mismatch" in reply.headers["Hakuna-Mock-Findings"]
            async with proxy.session.get(f"{proxy.url}/_mock/v1/requests") as shown:
                text = await shown.text()
            assert LIVE not in text
            assert "abcdefgh12345678" not in text
        assert toy.received == []


async def test_the_key_of_the_environment_takes_the_place_of_the_clients():
    theirs = "sk_test_" + "from0the0environment"
    (body,) = bodies("P{d:1}")
    with toy_server() as toy:
        async with proxied(toy.url, key=theirs) as proxy:
            await proxy.post(body)
            await proxy.post(body, {"Authorization": None, "Bearer": KEY})
            refused = await proxy.post(body, {"Authorization": None})
            document = json.dumps(await proxy.get("/requests"))
        sent = [dict(headers) for _, headers, _ in toy.received]
    assert sent[0]["Authorization"] == f"Bearer {theirs}"
    assert sent[1]["Bearer"] == theirs
    assert "Authorization" not in sent[1]
    assert refused.status == 401
    assert len(sent) == 2
    assert theirs not in document


async def test_a_fault_on_demand_plays_before_or_after_the_provider():
    (body,) = bodies("P{d:1}")
    with toy_server() as toy:
        async with proxied(toy.url) as proxy:
            reply = await proxy.post(body, {"Hakuna-Mock-Fault": "unavailable"})
            assert reply.status == 503
            assert toy.received == []
            reply = await proxy.post(body, {"Hakuna-Mock-Fault": "empty"})
            assert (reply.status, reply.body) == (200, b"")
            assert len(toy.received) == 1
            assert len(await proxy.get("/events")) == 1


async def test_a_scenario_is_not_loaded_behind_a_proxy():
    with toy_server() as toy:
        async with proxied(toy.url) as proxy:
            for path in ("/_mock/v1/scenarios/happy-return/load", "/_mock/scenarios/happy-return"):
                async with proxy.session.post(proxy.url + path) as reply:
                    assert reply.status == 409
                    assert "verify --polite" in await reply.text()
        assert toy.received == []


async def test_what_the_playground_sends_goes_to_the_provider():
    (body,) = bodies("P{d:1}")
    form = {"do": "send", "key": KEY, "headers": "Authorization: Bearer {key}"}
    with toy_server(Created()) as toy:
        async with (
            proxied(toy.url) as proxy,
            proxy.session.post(
                f"{proxy.url}/_mock/playground",
                data={**form, "body": json.dumps(body)},
                headers={"Accept": "text/html"},
            ) as page,
        ):
            text = await page.text()
        assert len(toy.received) == 1
    assert "201" in text


async def test_a_compressed_reply_comes_back_compressed_and_is_read_all_the_same():
    plain = b'{"event_id": "evt-7c1784a1-d96b-4ec6-b515-8dc4a5433cbe", "more": 1}'

    def behave(handler):
        packed = gzip.compress(plain)
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(packed)))
        handler.end_headers()
        handler.wfile.write(packed)

    (body,) = bodies("P{d:1}")
    with toy_server(behaviour=behave) as toy:
        async with proxied(toy.url) as proxy:
            reply = await proxy.post(body)
            refuted = await proxy.refuted()
    assert reply.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(reply.body) == plain
    assert refuted == {"accepted-body"}


async def test_connections_to_the_provider_are_kept_and_used_again():
    ports = set()

    def behave(handler):
        ports.add(handler.client_address[1])
        handler.send_response(200)
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"{}")

    with toy_server(behaviour=behave) as toy:
        async with proxied(toy.url) as proxy:
            for body in bodies("P{d:1} F{d:1} R{d:1}"):
                await proxy.post(body)
    assert len(ports) == 1


async def test_a_body_that_is_too_long_is_refused_here():
    with toy_server() as toy:
        async with proxied(toy.url, max_body=1000) as proxy:
            assert (await proxy.post(b"x" * 2000)).status == 400
        assert toy.received == []
