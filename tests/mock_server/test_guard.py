"""The door of /_mock: which hosts, which origins, and the admin token off loopback."""

import pytest
from server_mock import CONTROL, KEY, event

from mock_server import Settings
from mock_server.serving import with_admin_token

TOKEN = "token-of-this-test"
CALLS = [
    ("GET", "/worlds"),
    ("GET", "/events"),
    ("GET", "/events/latest"),
    ("GET", "/requests"),
    ("GET", "/orders"),
    ("GET", "/findings"),
    ("GET", "/verdict"),
    ("GET", "/settings"),
    ("GET", "/rules"),
    ("GET", "/openapi.json"),
    ("GET", "/nothing"),
    ("PUT", "/settings"),
    ("POST", "/reset"),
    ("POST", "/check"),
    ("DELETE", "/worlds/w-1"),
]
FOREIGN = [
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "evil.example:4258",
    "10.0.0.1",
    "0.0.0.0",
    "[::2]",
    "[::1",
    "localhost evil",
    "",
    "ｌocalhost",
    "①②⑦.0.0.1",
    "evil@localhost",
    "127.0.0.1@evil",
    "evil:pass@127.0.0.1:4258",
    "localhost/evil",
    "localhost?evil",
    "localhost#evil",
]
OURS = ["localhost", "LOCALHOST:4258", "127.0.0.1", "127.0.0.1:1", "127.9.9.9", "[::1]:4258"]


@pytest.mark.parametrize("host", FOREIGN)
async def test_a_foreign_host_is_refused_under_mock(mock, host):
    reply = await mock.control("/worlds", headers={"Host": host})
    assert reply.status == 403
    assert "--allow-host" in reply.said


ADDRESSES = ("10.0.0.1", "10.0.0.1:4258", "[fd00::1]:4258", "0.0.0.0")


@pytest.mark.parametrize("host", FOREIGN)
async def test_the_health_check_is_open_to_probes_that_name_an_address(mock, host):
    """As those of Kubernetes do; a name can be bound to another address, an address cannot."""
    is_address = host in (*ADDRESSES, "[::2]")
    for method in ("GET", "HEAD"):
        reply = await mock.ask(method, "/_mock/v1/health", {"Host": host})
        assert reply.status == (200 if is_address else 403)
    assert (await mock.ask("GET", "/_mock/v1/worlds", {"Host": host})).status == 403


@pytest.mark.parametrize("call", CALLS)
async def test_it_is_refused_at_every_call(mock, call):
    method, path = call
    reply = await mock.control(path, method=method, headers={"Host": "evil.example"})
    assert reply.status == 403


@pytest.mark.parametrize("path", ["/_mock", "/_mock/", "/_mock/events/evt-1", "/%5fmock/v1/worlds"])
async def test_pages_for_people_are_behind_the_same_door(mock, path):
    assert (await mock.ask("GET", path, {"Host": "evil.example"})).status == 403


@pytest.mark.parametrize("host", ["evil.example", "api.hellohakuna.com", "10.0.0.1", "[::1"])
async def test_a_foreign_host_is_fine_on_the_endpoint(mock, host):
    assert (await mock.send(event("P{d:1}"), changes={"Host": host})).status == 200


@pytest.mark.parametrize("host", OURS)
async def test_names_of_this_machine_are_allowed(mock, host):
    assert (await mock.control("/worlds", headers={"Host": host})).status == 200


async def test_further_names_are_allowed_where_they_are_told(start_mock):
    mock = await start_mock(allow_host=("mock.internal", "OTHER.Internal"))
    for host in ("mock.internal", "MOCK.internal:4258", "other.internal"):
        assert (await mock.control("/worlds", headers={"Host": host})).status == 200
    assert (await mock.control("/worlds", headers={"Host": "not.internal"})).status == 403


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://127.0.0.1:1",
        "http://localhost",
        "http://[::1",
        "http://[",
        "://",
        "",
        "file://",
        "http://127.0.0.1:4258.evil.example",
    ],
)
async def test_another_origin_is_refused(mock, origin):
    headers = {"Host": "127.0.0.1:4258", "Origin": origin}
    for method, path in (("GET", "/worlds"), ("POST", "/reset")):
        assert (await mock.control(path, method=method, headers=headers)).status == 403


async def test_the_page_s_own_origin_is_allowed(mock):
    headers = {"Host": "localhost:4258", "Origin": "http://localhost:4258"}
    assert (await mock.control("/worlds", headers=headers)).status == 200


@pytest.mark.parametrize(
    ("site", "status"),
    [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200), ("new", 403)],
)
async def test_what_the_browser_says_of_the_site_is_heard(mock, site, status):
    assert (await mock.control("/worlds", headers={"Sec-Fetch-Site": site})).status == status


async def test_no_reply_under_mock_invites_other_origins(mock):
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for method in ("GET", "OPTIONS", "POST"):
        reply = await mock.control("/events", method=method, headers=asked)
        assert not [name for name in reply.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize("path", ["/worlds", "/nothing", "/events?limit=x"])
async def test_every_reply_under_mock_is_locked_down(mock, path):
    for headers in ({}, {"Host": "evil.example"}):
        reply = await mock.control(path, headers=headers)
        policy = reply.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert reply.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("call", CALLS)
async def test_off_loopback_every_call_wants_the_token(start_mock, call):
    mock = await start_mock(host="0.0.0.0", admin_token=TOKEN)
    method, path = call
    for sent in ({}, {"Hakuna-Mock-Admin": "wrong"}, {"Hakuna-Mock-Admin": TOKEN + "x"}):
        reply = await mock.control(path, method=method, headers=sent)
        assert reply.status == 403
        assert "Hakuna-Mock-Admin" in reply.said
        assert TOKEN not in reply.said
    good = await mock.control(path, method=method, headers={"Hakuna-Mock-Admin": TOKEN})
    assert good.status != 403


async def test_off_loopback_health_is_open_and_the_endpoint_too(start_mock):
    mock = await start_mock(host="0.0.0.0", admin_token=TOKEN)
    assert (await mock.control("/health")).status == 200
    assert (await mock.send(event("P{d:1}"))).status == 200


@pytest.mark.parametrize("path", ["/health/", "/health/../worlds", "/Health", "/health%2f..%2fx"])
async def test_nothing_else_is_open_by_looking_like_health(start_mock, path):
    mock = await start_mock(host="0.0.0.0", admin_token=TOKEN)
    assert (await mock.control(path)).status == 403


@pytest.mark.parametrize("sent", [b"\xff", b"token\xff", "tökèn".encode(), b'"', b"a, b"])
async def test_a_token_of_any_bytes_is_wrong_like_any_other(start_line, sent):
    line = await start_line(host="0.0.0.0", port=0, admin_token=TOKEN)
    head = b"GET /_mock/v1/worlds HTTP/1.1\r\nHost: localhost\r\nHakuna-Mock-Admin: "
    reply = await line.say(head + sent + b"\r\n\r\n")
    assert reply.status == 403


async def test_an_app_off_loopback_is_never_open_for_lack_of_a_token(start_mock):
    """Whoever makes the app without `serve` has not been through `with_admin_token`."""
    mock = await start_mock(host="0.0.0.0")
    assert (await mock.control("/worlds")).status == 403


async def test_an_api_key_is_no_token(start_mock):
    mock = await start_mock(host="0.0.0.0", admin_token=TOKEN)
    assert (await mock.control("/events", key=KEY)).status == 403
    assert (await mock.control("/events", key=TOKEN)).status == 403


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "mock.example"])
def test_a_token_is_made_off_loopback(host):
    made = with_admin_token(Settings(host=host))
    again = with_admin_token(Settings(host=host))
    assert len(made.admin_token) >= 16
    assert made.admin_token != again.admin_token
    assert made.admin_token not in repr(made)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_none_is_made_on_loopback(host):
    assert with_admin_token(Settings(host=host)).admin_token is None


def test_a_chosen_token_is_kept():
    assert with_admin_token(Settings(host="0.0.0.0", admin_token=TOKEN)).admin_token == TOKEN


async def test_the_door_says_where_it_is(mock):
    reply = await mock.control("/worlds", headers={"Host": "evil.example"})
    assert CONTROL.split("/")[1] in reply.said
