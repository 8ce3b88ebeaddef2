"""The page that people keep open: list and detail, neighbours, long orders, names, clearing."""

import json
import re
from datetime import UTC, datetime, timedelta

from inspected import KEY, OTHER_KEY, ask, look, play
from playwright.sync_api import expect
from running_mock import running_mock

from mock_server import Settings


def test_a_row_opens_beside_the_list_and_follows_the_latest(mock, open_page):
    play(mock, "P{d:1, p:1>d} F{d:1}")
    page = open_page(mock.url + "/_mock/", width=1280)
    page.wait_for_selector("#live.on")
    page.click("#req-1 a.open")
    expect(page.locator("#detail h1")).to_contain_text("order_placed")
    expect(page.locator("#req-1")).to_have_attribute("aria-selected", "true")
    page.check("#follow")
    expect(page.locator("#detail h1")).to_contain_text("order_fulfillment_added")
    play(mock, "R{d:1}@5")
    expect(page.locator("#detail h1")).to_contain_text("order_refund_added")
    expect(page.locator("#detail")).to_contain_text("€84.99 of insurance goes on")
    page.keyboard.press("Escape")
    expect(page.locator("#detail")).to_have_count(0)
    assert page.url.endswith("/_mock/")
    page.set_viewport_size({"width": 1000, "height": 800})  # on a narrow screen it is a page
    page.click("#req-1 a.open")
    page.wait_for_url("**/events/evt-*")


def test_events_lead_to_the_next_and_the_previous(mock, open_page):
    _, middle, _, _ = play(mock, "P{d:1} F{d:1} P#2{d:1} R{d:1}@5")
    page = open_page(f"{mock.url}/_mock/events/{middle}")
    page.click("a[rel=next]")
    assert "order_refund_added" in page.inner_text("h1")
    page.click("a.list-prev")
    assert "ord-2" in page.inner_text(".facts")


def test_an_order_of_200_lines_is_folded_to_what_is_wrong(mock, open_page):
    lines = ", ".join(f"d{n}:1, p{n}:1>d{n}" for n in range(100))
    shipped = ", ".join(f"d{n}:1" for n in range(100))
    play(mock, f"P{{{lines}}} F{{{shipped}}} R{{d50:1}}")
    page = open_page(mock.url + "/_mock/orders/ord-1")
    assert page.locator(".lines .who:visible").count() == 2
    assert page.evaluate("document.documentElement.scrollHeight") < 2000
    assert "198 more lines without findings" in page.inner_text("main")
    page.click(".folded-lines summary")
    assert page.locator(".lines .who:visible").count() == 200
    page.click("text=Only what is wrong")
    assert page.locator(".lines .who").count() == 2


def test_worlds_have_names(mock, open_page):
    play(mock, "P{d:1}")
    play(mock, "P{d:1}", key=OTHER_KEY)
    ask(
        f"{mock.url}/_mock/v1/settings",
        b'{"name": "checkout team"}',
        {"Authorization": f"Bearer {KEY}"},
        method="PUT",
    )
    assert ask(f"{mock.url}/_mock/v1/worlds").json[0]["name"] == "checkout team"
    page = open_page(mock.url + "/_mock/")
    assert page.locator("#rows td:nth-child(7)").all_inner_texts() == [
        "sk_test_…shop",
        "checkout team",
    ]
    page.select_option("#world", label="checkout team (1)")
    page.wait_for_url("**world=**")
    page.click("text=This world: name and clear")
    page.fill("input[name=name]", "payments")
    page.click("text=Rename")
    expect(page.locator("#world option:checked")).to_contain_text("payments")
    refused = ask(f"{mock.url}/_mock/v1/settings", b'{"name": "all"}', method="PUT")
    assert refused.status == 400
    ask(f"{mock.url}/_mock/v1/reset", b"", {"Authorization": f"Bearer {KEY}"}, method="POST")
    assert "payments" in look(mock, "/").text, "a name is a setting, and stays"


def test_short_keys_can_be_told_apart(mock):
    for key in ("sk_test_a", "sk_test_b"):
        play(mock, "P{d:1}", key=key)
    options = re.findall(r'<option value="w-[^"]+">([^(]+) \(', look(mock, "/").text)
    assert len(set(options)) == 2


def test_clear_asks_first(mock, open_page):
    play(mock, "P{d:1} F{d:1}")
    page = open_page(mock.url + "/_mock/", javascript=False)
    page.click("text=All worlds: name and clear")
    page.click("text=Clear…")
    assert "1 order, 2 events and 2 requests go" in page.inner_text("main")
    page.click("text=Keep it")
    assert page.locator("#rows tbody tr").count() == 2
    page.goto(mock.url + "/_mock/clear")
    page.click("text=Clear it")
    assert "Waiting for the first event" in page.inner_text("main")
    assert ask(f"{mock.url}/_mock/v1/events").json == []


def test_dates_are_shown_where_days_differ():
    yesterday = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%d")
    with running_mock(Settings(port=0)) as mock:
        auth = {"Authorization": f"Bearer {KEY}"}
        clock = json.dumps({"freeze": f"{yesterday}T10:20:30Z"}).encode()
        play(mock, "P#today{d:1}")
        ask(f"{mock.url}/_mock/v1/clock", clock, auth, method="POST")
        play(mock, "P{d:1}")
        text = look(mock, "/").text
        assert f">{yesterday} 10:20:30</time>" in text
        assert text.count(f">{yesterday}") == 1


def test_the_shorthand_is_explained_where_it_appears(mock):
    for path in ("/rules/refund-missing-protection", "/scenarios/forgotten-plan"):
        assert "a protection of product d" in look(mock, path).text


def test_what_never_shipped_is_not_called_fulfilled(mock):
    play(mock, "P{d:1, a:1} C{d:1}@1 C{a:1}@2 P#2{d:1,p:1>d} R#2{d:1}@1")
    assert "fulfilled" not in look(mock, "/orders").text.partition("<tbody>")[2]


def test_units_beyond_the_end_of_a_bar_are_readable(mock, open_page):
    play(mock, "P{a:40} F{a:40} R{a:40}@5 R{a:1}@6")
    page = open_page(mock.url + "/_mock/orders/ord-1", width=1280)
    over = page.locator("text.over-refunded")
    assert over.text_content() == "+1"
    part = page.locator("rect.part.over-refunded").bounding_box()
    number = over.bounding_box()
    assert part["x"] <= number["x"]
    assert number["x"] + number["width"] <= part["x"] + part["width"]
    assert "1 over refunded" in page.inner_text(".lanes")
