"""The pages never lie: what is not as usual is seen and ended, nothing old looks like an answer."""

import json
import re
from urllib.parse import urlencode

from inspected import HTML, KEY, OTHER_KEY, ask, look, play, send
from playwright.sync_api import expect
from running_mock import running_mock

from contracts.scenarios.catalogue import shipped
from contracts.shorthand import bodies
from mock_server import Settings

FORM = {**HTML, "Content-Type": "application/x-www-form-urlencoded"}


def control(here, method: str, path: str, body: object, key: str = KEY) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    reply = ask(f"{here.url}/_mock/v1{path}", json.dumps(body).encode(), headers, method=method)
    assert reply.status in (200, 201), reply.text


UNUSUAL = {
    "The clock is stopped at": ("POST", "/clock", {"freeze": True}, "Let it run"),
    "Outage (refuse)": ("PUT", "/settings", {"outage": "refuse"}, "End the outage"),
    "Reject mode": ("PUT", "/settings", {"enforcement": "reject"}, "Back to flag mode"),
    "1 fault armed": ("POST", "/faults", {"effect": "unavailable"}, "Disarm"),
}


def test_what_is_not_as_usual_is_on_every_page_and_ends_there(mock, open_page):
    play(mock, "P{d:1}")
    page = open_page(mock.url + "/_mock/orders/ord-1")
    page.wait_for_selector("#live.on")
    for words, (method, path, body, button) in UNUSUAL.items():
        expect(page.locator("#conditions")).to_be_hidden()
        control(mock, method, path, body)
        expect(page.locator("#conditions")).to_contain_text(words)
        for other in ("/", "/findings", "/playground", "/rules", "/scenarios", "/events/latest"):
            assert words in look(mock, other).text, other
        page.click(f"#conditions >> text={button}")
        page.wait_for_url("**/orders/ord-1")
    expect(page.locator("#conditions")).to_be_hidden()
    assert send(mock, bodies("P#after{d:1}")[0]).status == 200


def test_what_is_so_in_some_worlds_only_says_in_how_many(mock):
    play(mock, "P{d:1}")
    play(mock, "P{d:1}", key=OTHER_KEY)
    control(mock, "PUT", "/settings", {"enforcement": "reject"})
    assert "Reject mode in 1 of 2 worlds: violations are refused" in look(mock, "/").text


def test_where_the_server_is_down_no_old_verdict_is_left(open_page):
    with running_mock(Settings(port=0)) as mock:
        page = open_page(mock.url + "/_mock/playground", errors=False)
        page.click("text=Send it")
        expect(page.locator("#verdict .status")).to_have_text("200")
        typed = page.input_value("textarea[name=body]")
    page.wait_for_timeout(700)  # else it is the second click of a double click
    page.click("text=Send it")
    expect(page.locator("#verdict")).to_contain_text("The server does not answer")
    expect(page.locator("#verdict .status")).to_have_count(0)
    assert page.input_value("textarea[name=body]") == typed
    page.fill("textarea[name=body]", "{}")
    expect(page.locator("#verdict")).to_contain_text("there is no verdict")


def test_a_double_click_sends_once_and_says_so_and_a_later_send_is_replayed(mock, open_page):
    page = open_page(mock.url + "/_mock/playground")
    page.dblclick("text=Send it")
    expect(page.locator("#verdict")).to_contain_text("It was sent once")
    assert len(ask(f"{mock.url}/_mock/v1/requests").json) == 1
    page.wait_for_timeout(700)
    page.click("text=Send it")
    expect(page.locator("#verdict .replayed")).to_contain_text("recognised")
    page.click("text=New idempotency key")
    page.wait_for_timeout(700)
    page.click("text=Send it")
    expect(page.locator("#verdict")).to_contain_text("duplicate-event")
    expect(page.locator("#verdict .replayed")).to_have_count(0)


def test_a_request_to_a_wrong_address_is_not_clean(mock):
    headers = {"Authorization": f"Bearer {KEY}"}
    assert ask(f"{mock.url}/sandbox/events/", b"{}", headers).status == 404
    row = look(mock, "/").text.partition('id="req-1"')[2]
    assert "wrong-endpoint" in row
    assert "clean" not in row.partition("</tr>")[0]


def test_each_play_of_a_scenario_has_a_world_of_its_own_and_matches(mock, open_page):
    page = open_page(mock.url + "/_mock/scenarios/forgotten-plan", javascript=False)
    for worlds in (1, 2):
        page.click("text=Play it here")
        assert "everything is as expected" in page.inner_text(".done")
        assert page.locator(".done tbody tr").count() >= 3
        assert len(ask(f"{mock.url}/_mock/v1/worlds").json) == worlds
    page.click("text=Look at the world")
    assert page.locator("#rows tbody tr").count() == 3


def test_every_shipped_scenario_is_as_expected_where_it_is_played(mock):
    differing = []
    for name in shipped():
        text = ask(f"{mock.url}/_mock/scenarios/{name}", b"key=", FORM).text
        if "everything is as expected" not in text:
            differing.append((name, re.findall(r'<b class="wrong">no</b>: ([^<]+)', text)))
    assert differing == []


def test_a_scenario_that_turns_out_otherwise_says_where(mock):
    control(mock, "PUT", "/settings", {"enforcement": "reject"})
    form = urlencode({"key": KEY}).encode()
    text = ask(f"{mock.url}/_mock/scenarios/forgotten-plan", form, FORM).text
    assert "not everything is as expected" in text
    assert '<b class="wrong">no</b>: status' in text


def test_an_order_that_was_never_placed_has_a_page(mock, open_page):
    play(mock, "F{d:1} R{d:1}@5")
    page = open_page(mock.url + "/_mock/")
    page.click("#rows td:nth-child(3) a >> nth=0")
    assert "never placed" in page.inner_text("h1")
    assert "2 events wait for an order_placed" in page.inner_text(".lead")
    assert page.locator(".timeline tbody tr").count() == 2
    assert "ord-1" in look(mock, "/orders").text
    play(mock, "P{d:1}@0")
    expect(page.locator("h1")).to_contain_text("closed")


def test_refusals_are_part_of_an_orders_story(mock):
    play(mock, "P{d:1, p:1>d} F{d:1}")
    control(mock, "PUT", "/settings", {"enforcement": "reject"})
    assert send(mock, bodies("R{d:1}@5")[0]).status == 400
    story = look(mock, "/orders/ord-1").text.partition('id="time-title"')[2]
    assert "refused with 400" in story
    assert 'href="/_mock/requests/req-3' in story
    assert send(mock, bodies("F#lost{d:1}")[0]).status == 404
    assert "each one that arrived was refused" in look(mock, "/orders/ord-lost").text


def test_orders_whose_ids_browsers_take_for_folders_have_pages(mock, open_page):
    for order_id in (".", ".."):
        (body,) = bodies("P{d:1}")
        body["payload"]["order_id"] = order_id
        send(mock, body)
    page = open_page(mock.url + "/_mock/orders")
    for order_id in ("..", "."):
        page.click(f"a.open:text-is('{order_id}')")
        assert page.inner_text("h1").startswith(f"Order {order_id} ")
        page.go_back()
    twin = look(mock, "/order.json?order_id=..").json
    assert twin["order_id"] == ".."
