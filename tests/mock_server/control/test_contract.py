import json

import pytest
from server_mock import CONTROL

from contracts import schemas
from contracts.reference.openapi import openapi
from contracts.reference.rule_docs import describe
from contracts.rules import RULES

GETS = ("/health", "/worlds", "/events", "/requests", "/orders", "/findings", "/verdict", "/rules")


async def test_every_rule_is_listed_with_its_evidence(mock):
    rows = await mock.get("/rules")
    assert [row["id"] for row in rows] == list(RULES)
    assert rows == json.loads(json.dumps([describe(rule) for rule in RULES.values()]))
    assert all(row["title"] and row["source"] and row["why"] for row in rows)


@pytest.mark.parametrize("rule", RULES)
async def test_each_rule_has_its_own_address(mock, rule):
    assert (await mock.get(f"/rules/{rule}"))["id"] == rule


@pytest.mark.parametrize("name", schemas.NAMES)
async def test_each_schema_is_served_as_it_is_shipped(mock, name):
    assert await mock.get(f"/schemas/{name}.json") == schemas.schema(name)


async def test_the_openapi_document_names_the_address_that_serves_it(mock):
    served = await mock.get("/openapi.json")
    url = str(mock.client.make_url("/").origin())
    assert served == json.loads(json.dumps(openapi(url)))


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/rules/zip-formatt", "zip-format"),
        ("/rules/refund-missing-protecton", "refund-missing-protection"),
        ("/schemas/enveloppe.json", "envelope"),
        ("/schemas/order_place.json", "order_placed"),
    ],
)
async def test_a_misspelt_name_gets_a_hint(mock, path, meant):
    reply = await mock.control(path)
    assert reply.status == 404
    assert f"did you mean {meant}?" in reply.said


@pytest.mark.parametrize(
    "path",
    ["/schemas/..%2f..%2fversion.json", "/schemas/%2fetc%2fpasswd.json", "/schemas/__init__.json"],
)
async def test_no_other_file_is_served(mock, path):
    assert (await mock.control(path)).status == 404


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/evnts", "/events"),
        ("/order", "/orders"),
        ("/findigns", "/findings"),
        ("/verdikt", "/verdict"),
        ("/helth", "/health"),
    ],
)
async def test_an_unknown_path_is_404_with_the_nearest_name(mock, path, meant):
    reply = await mock.control(path)
    assert reply.status == 404
    assert reply.json["error"]["nearest"] == [CONTROL + meant]
    assert f"did you mean {CONTROL + meant}?" in reply.said


@pytest.mark.parametrize("path", ["/_mock/v2/events", "/_mock/nothing", "/_mock/v1//events"])
async def test_other_paths_under_mock_are_json_404s_too(mock, path):
    reply = await mock.ask("GET", path, {})
    assert reply.status == 404
    assert reply.said


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/events", "GET, HEAD"),
        ("DELETE", "/orders/ord-1", "GET, HEAD"),
        ("GET", "/reset", "POST"),
        ("GET", "/check", "POST"),
        ("POST", "/settings", "GET, HEAD, PUT"),
        ("GET", "/worlds/w-1", "DELETE"),
    ],
)
async def test_a_wrong_method_is_405_and_names_the_right_ones(mock, method, path, allowed):
    reply = await mock.control(path, method=method)
    assert (reply.status, reply.headers["Allow"]) == (405, allowed)
    assert reply.said


@pytest.mark.parametrize("path", ["/_mock", "/_mock/", "/_mock/v1", "/_mock/v1/"])
async def test_the_index_lists_every_call(mock, path):
    reply = await mock.ask("GET", path, {})
    assert reply.status == 200
    assert {f"GET {CONTROL}{get}" for get in GETS} <= set(reply.json["calls"])


async def test_what_the_index_lists_exists(mock):
    calls = [call.split(" ") for call in (await mock.ask("GET", "/_mock/", {})).json["calls"]]
    assert ["GET", f"{CONTROL}/stream"] in calls
    for method, path in calls:
        if path.endswith("/stream"):
            continue  # it never ends; see test_control_stream
        reply = await mock.ask(method, path.replace("{", "").replace("}", ""), {})
        assert reply.status != 405
        assert b"there is nothing at" not in reply.body


async def test_without_pages_for_people_the_control_api_is_the_same(start_mock):
    mock = await start_mock(no_ui=True)
    assert (await mock.ask("GET", "/_mock/", {})).status == 404
    assert (await mock.control("/health")).status == 200


@pytest.mark.parametrize("name", ["%0d%0aSet-Cookie:%20a=b", "%00", "%C3%A4", "%1b%5b31m", "a%2Fb"])
async def test_no_name_in_an_address_can_write_a_header_of_the_reply(mock, name):
    reply = await mock.ask("GET", f"/_mock/events/{name}", {})
    assert reply.status in (303, 404)
    assert "Set-Cookie" not in reply.headers


async def test_a_key_in_an_unknown_address_is_masked_in_the_answer(mock):
    key = "sk_" + "live_" + "Zx81Kq77Pm20Wv63"
    for path in (f"/_mock/v1/{key}", f"/_mock/v1/orders/{key}", f"/_mock/v1/events?{key}=1"):
        reply = await mock.ask("GET", path, {})
        assert reply.status in (400, 404)
        assert key not in reply.body.decode()
