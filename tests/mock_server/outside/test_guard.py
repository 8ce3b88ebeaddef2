import pytest
from asked_mock import Shop
from running_mock import running_mock

from fuzz.client.http_client import Target
from mock_server import Settings
from mock_server.serving import with_admin_token

TOKEN = "a-token-of-this-test"


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "", "127.0.0.1@evil", "10.0.0.1"]
)
def test_a_foreign_host_is_refused_under_mock_and_fine_on_the_endpoint(shop, host):
    assert shop.ask("/events", Host=host).status == 403
    assert shop.target.ask("POST", "/sandbox/events", b"{}", {"Host": host or "x"}).status == 401


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "127.0.0.1:4258", "[::1]:4258", "127.9.9.9"]
)
def test_names_of_this_machine_are_allowed(shop, host):
    assert shop.ask("/events", Host=host).status == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:1", "http://["]
)
def test_another_origin_is_refused(shop, origin):
    assert shop.ask("/events", Origin=origin).status == 403


def test_the_same_origin_is_allowed(shop, mock):
    assert shop.ask("/events", Origin=mock.url).status == 200


@pytest.mark.parametrize(
    ("site", "status"),
    [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)],
)
def test_the_browsers_own_word_about_the_site_is_heard(shop, site, status):
    assert shop.ask("/events", **{"Sec-Fetch-Site": site}).status == status


def test_no_reply_invites_other_origins_and_every_one_is_locked_down(shop):
    reply = shop.ask("/events", "OPTIONS", Origin="https://evil.example")
    for header in (*reply.headers, *shop.ask("/events").headers):
        assert not header.startswith("access-control-")
    assert "default-src 'none'" in shop.ask("/events").headers["content-security-policy"]


def test_further_names_are_allowed_where_they_are_told():
    with running_mock(Settings(port=0, allow_host=("mock.internal",))) as here:
        target = Target(here.url)
        assert (
            target.ask("GET", "/_mock/v1/events", headers={"Host": "mock.internal"}).status == 200
        )
        target.close()


def test_with_a_token_everything_but_the_health_check_wants_it():
    with running_mock(Settings(port=0, host="0.0.0.0", admin_token=TOKEN)) as here:
        shop = Shop(Target(here.url), "sk_test_guarded")
        assert shop.ask("/verdict").status == 403
        assert shop.ask("/verdict", **{"Hakuna-Mock-Admin": "wrong"}).status == 403
        assert [reply.status for reply in shop.play("P{d:1}")] == [200]
        assert shop.ask("/verdict", **{"Hakuna-Mock-Admin": TOKEN}).status == 200
        assert shop.target.ask("GET", "/_mock/v1/health").status == 200
        shop.target.close()


@pytest.mark.parametrize(
    ("host", "needed"),
    [
        ("0.0.0.0", True),
        ("::", True),
        ("192.0.2.1", True),
        ("example.org", True),
        ("localhost", False),
        ("127.0.0.1", False),
        ("::1", False),
    ],
)
def test_a_token_is_made_exactly_off_loopback(host, needed):
    assert (with_admin_token(Settings(host=host)).admin_token is not None) is needed
    assert with_admin_token(Settings(host=host, admin_token=TOKEN)).admin_token == TOKEN
