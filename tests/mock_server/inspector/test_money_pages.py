"""Money first: what is at stake is a column, a sum, a sentence, and on the first screen."""

import json

from inspected import OTHER_KEY, ask, look, play, send
from playwright.sync_api import expect

from contracts.shorthand import bodies

FORGOTTEN = "P{d:1, p:1>d} F{d:1} R{d:1}@5"


def test_the_lists_have_a_column_and_a_sum(mock, open_page):
    play(mock, f"{FORGOTTEN} P#2{{d:1}} F#2{{d:1}} R#2{{d:1}}@5 R#2{{d:1}}@5")
    page = open_page(mock.url + "/_mock/")
    assert page.locator("#rows td.stake").all_inner_texts() == [
        "€899.00",  # of a refund that two rules call excessive each unit counts once
        "",
        "",
        "",
        "€84.99",
        "",
        "",
    ]
    for path in ("/", "/orders", "/findings"):
        page.goto(mock.url + "/_mock" + path)
        assert page.inner_text("#sum") == "€983.99 at stake"
        assert page.inner_text("#counts .stake b") == "€983.99"
    page.goto(mock.url + "/_mock/orders")
    assert page.locator("td.stake").all_inner_texts() == ["€899.00", "€84.99"]


def test_sums_are_per_currency(mock):
    play(mock, FORGOTTEN)
    (body,) = bodies("P#sek{p:1>x}")
    body["payload"]["order_currency"] = "sek"
    body["payload"]["customer_billing_address"]["country"] = "se"
    send(mock, body, key=OTHER_KEY)
    assert "€84.99 and SEK 84.99 at stake" in look(mock, "/findings").text


def test_findings_are_grouped_by_order_the_dearest_first_with_links_times_and_words(
    mock, open_page
):
    play(mock, f"P#9{{p:2>x}} {FORGOTTEN}")
    send(mock, b"{}")
    page = open_page(mock.url + "/_mock/findings")
    groups = page.locator("section.group")
    orders = groups.locator("h2 a.id").all_inner_texts()
    assert orders == ["ord-9", "ord-1"]
    second = groups.nth(1)
    assert "€84.99 of insurance goes on for the iPhone 14 that was returned." in second.inner_text()
    assert second.locator("time").count() == 1
    second.locator("a.open").click()
    assert "refund-missing-protection" in page.inner_text("#rules-said + article")
    page.go_back()
    page.click("section.group h2 a.id >> nth=0")
    assert page.inner_text("h1").startswith("Order ord-9")
    assert "€169.98 at stake" in page.inner_text("h1")


def test_a_first_screen_leads_to_the_costly_mistake_in_one_click(mock, open_page):
    page = open_page(mock.url, javascript=False)
    assert page.url.endswith("/_mock/")
    page.click("text=Play it")
    assert "€84.99 of insurance goes on for the iPhone 14 that was returned" in page.inner_text(
        "main"
    )


def test_a_first_screen_checks_a_pasted_event(mock, open_page):
    page = open_page(mock.url, javascript=False)
    broken = bodies("P{d:1}")[0]
    broken["payload"]["order_currency"] = "EUR"
    page.fill("#way-body", json.dumps(broken))
    page.click("text=Check it")
    assert "currency-format" in page.inner_text("#verdict")
    assert ask(f"{mock.url}/_mock/v1/requests").json == []


def test_a_first_screen_says_how_to_connect_a_shop(mock, open_page):
    page = open_page(mock.url)
    connect = page.locator(".way", has_text="Connect my shop")
    assert mock.url in connect.inner_text()
    assert "sk_test_" in connect.inner_text()
    for language in ("Python", "Node", "PHP"):
        connect.locator(f"summary:text-is('{language}')").click()
        expect(connect.locator("details[open] pre")).to_contain_text(mock.events_url)
    play(mock, "P{d:1}")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    page.click("footer >> text=Start")
    assert "Three ways to begin" in page.inner_text("main")
