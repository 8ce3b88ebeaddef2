"""The control API as a client sees it: worlds, pages, refusals, and servers that are not ours."""

import json
from contextlib import closing

import pytest
from bad_server import always, bad_server, ok
from running_mock import running_mock

from fuzz.client.control_client import ControlClient, ControlError, refusal
from fuzz.client.http_client import Reply, Target
from mock_server import Settings

KEY, OTHER_KEY = "sk_test_control_a", "sk_test_control_b"
EVENT = {
    "type": "order_cancelled",
    "payload": {"order_id": "ord-1", "cancelled_at": "2024-03-01T09:00:00.000Z"},
}


def headers(key):
    return {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}


@pytest.fixture
def target():
    with running_mock() as here, closing(Target(here.url)) as opened:
        yield opened


@pytest.fixture
def control(target):
    return ControlClient(target.base_url, target.ask)


def test_a_call_is_about_the_world_of_its_key_and_without_one_about_all(target, control):
    for key in (KEY, OTHER_KEY):
        target.post_event(json.dumps(EVENT).encode(), headers(key))
    assert len(control.rows("/events", KEY)) == 1
    assert len(control.rows("/events")) == 2


def test_rows_are_read_page_by_page_beyond_a_row(target, control):
    for number in range(7):
        body = json.dumps({**EVENT, "payload": {**EVENT["payload"], "order_id": f"ord-{number}"}})
        target.post_event(body.encode(), headers(KEY))
    rows = control.rows("/events", KEY)
    assert [row["order_id"] for row in rows] == [f"ord-{number}" for number in range(7)]
    sizes = [len(page) for _, page in control.pages("/events", KEY, size=3)]
    assert sizes == [3, 3, 1]
    assert control.rows("/events?type=order_cancelled", KEY, after=rows[4]["seq"]) == rows[5:]


def test_what_does_not_exist_is_none(control):
    assert control.find("/orders/ord-1", KEY) is None


def test_settings_are_read_and_changed_by_name(control):
    changed = control.change_settings(KEY, {"rules": {"zip-format": "off"}})
    assert changed["rules"] == {"zip-format": "off"}
    assert control.settings(KEY) == changed
    assert control.settings(OTHER_KEY)["rules"] == {}


def test_a_reset_clears_one_world_and_keeps_its_settings(target, control):
    for key in (KEY, OTHER_KEY):
        target.post_event(json.dumps(EVENT).encode(), headers(key))
    control.change_settings(KEY, {"enforcement": "reject"})
    control.reset(KEY)
    assert control.rows("/events", KEY) == []
    assert len(control.rows("/events", OTHER_KEY)) == 1
    assert control.settings(KEY)["enforcement"] == "reject"


def test_a_refusal_names_the_server_the_call_and_the_servers_words(target, control):
    with pytest.raises(ControlError) as refused:
        control.change_settings(KEY, {"rules": {"zip-formt": "off"}})
    message = str(refused.value)
    assert f"{target.base_url} refused PUT /_mock/v1/settings: 400" in message
    assert "zip-format" in message
    assert refused.value.reply.status == 400
    assert KEY not in message


def test_a_hakuna_mock_is_recognised_with_the_settings_of_its_world(control):
    control.change_settings(KEY, {"enforcement": "reject"})
    found = control.identify(KEY)
    assert (found.is_mock, found.enforcement, found.status) == (True, "reject", 200)


def test_a_hakuna_mock_that_does_not_know_the_key_is_one_without_settings():
    with (
        running_mock(Settings(port=0, api_key=(OTHER_KEY,))) as here,
        closing(Target(here.url)) as target,
    ):
        found = ControlClient(here.url, target.ask).identify(KEY)
    assert (found.is_mock, found.settings, found.status) == (True, None, 401)


@pytest.mark.parametrize("body", ["{}", "[]", "null", "<html>", '{"enforcement": "flag"}'])
def test_another_server_is_not_a_hakuna_mock_whatever_it_answers(body):
    with bad_server(always(ok(body))) as url, closing(Target(url)) as target:
        found = ControlClient(url, target.ask).identify(KEY)
    assert not found.is_mock
    assert found.settings is None


@pytest.mark.parametrize("body", ["[]", "null", '{"enforcement": "strict"}', '{"enforcement": []}'])
def test_settings_that_cannot_be_understood_are_not_taken_for_settings(body):
    reply = ok(body, "Hakuna-Mock: 9.9.9")
    with bad_server(always(reply)) as url, closing(Target(url)) as target:
        assert ControlClient(url, target.ask).identify(KEY).settings is None


@pytest.mark.parametrize("position", ["zz", "-1", "5", "4", "9" * 30, "²"])
def test_a_list_that_never_ends_is_an_error(position):
    def send(_method, _path, _body, _headers):
        return Reply(200, {"hakuna-mock-next": position}, b"[]")

    with pytest.raises(ControlError, match="never ends the list GET /_mock/v1/events: after row 5"):
        ControlClient("http://127.0.0.1:1", send).rows("/events", KEY, after=5)


@pytest.mark.parametrize("body", [b"{}", b"null", b"7", b"[1]", b"<html>"])
def test_something_else_than_a_list_is_an_error(body):
    def send(_method, _path, _body, _headers):
        return Reply(200, {}, body)

    with pytest.raises(ControlError, match="something else than a list"):
        ControlClient("http://127.0.0.1:1", send).rows("/events")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"error": {"message": "no such rule"}}', "400 no such rule"),
        (b'{"error": {"error_code": "x", "validation_errors": ["a", "b"]}}', "400 a; b"),
        (b"plain \x1b[31mred", "400 plain ?[31mred"),
        (b"", "400"),
    ],
)
def test_the_words_of_a_refusal_are_safe_to_print(body, text):
    assert refusal(Reply(400, {}, body)) == text
