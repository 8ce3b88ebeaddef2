"""The fix tried on the spot: sent beside expected, the story judged again, the correction sent."""

import json

from inspected import ask, look, play, send
from playwright.sync_api import expect

from contracts.shorthand import bodies

PARTIAL = "P{d:3,p:3>d} F{d:3} R{d:2,p:1}"


def test_the_corrected_quantity_makes_the_story_clean(mock, open_page):
    *_, refund = play(mock, PARTIAL)
    page = open_page(f"{mock.url}/_mock/events/{refund}")
    gone, new = page.inner_text(".diff .gone"), page.inner_text(".diff .new")
    assert '"quantity": 1' in gone
    assert '"quantity": 2' in new
    page.click("text=Replace this event")
    expect(page.locator(".done h2")).to_contain_text("the order's story is clean")
    expect(page.locator(".done h2")).to_contain_text("€84.99 before, nothing after")
    cells = page.locator(".done tbody td").all_inner_texts()
    assert "refund-missing-protection" in cells[7]
    assert [cells[place] for place in (1, 2, 4, 5, 8)] == ["clean"] * 5
    assert len(ask(f"{mock.url}/_mock/v1/events").json) == 3


def test_the_correction_can_be_sent_and_settles_the_finding(mock, open_page):
    *_, refund = play(mock, PARTIAL)
    page = open_page(f"{mock.url}/_mock/events/{refund}", javascript=False)
    assert "order_refund_added with line-p, quantity 1" in page.inner_text("#fix-it")
    page.click("text=Send the correction")
    assert "The correction was sent" in page.inner_text(".done")
    (event,) = ask(f"{mock.url}/_mock/v1/events?after=3").json
    items = event["body"]["payload"]["refund_items"]
    assert [(item["line_item_id"], item["quantity"]) for item in items] == [("line-p", 1)]
    assert event["world"] == ask(f"{mock.url}/_mock/v1/events/{refund}").json["world"]
    verdict = ask(f"{mock.url}/_mock/v1/verdict").json
    assert (verdict["passed"], verdict["at_stake"]) == (True, [])
    page.goto(f"{mock.url}/_mock/events/{refund}")
    card = page.inner_text(".finding")
    assert "How it was resolved: the rest of the pair ended" in card
    assert "Fix" not in card
    assert page.locator("#fix-it").count() == 0


def test_a_correction_that_would_break_something_by_now_is_not_sent(mock, open_page):
    *_, refund = play(mock, "P{d:3,p:3>d} F{d:3} R{d:3}")
    page = open_page(f"{mock.url}/_mock/events/{refund}", javascript=False, errors=False)
    play(mock, "R{p:2}@7")
    page.click("text=Send the correction")
    assert "nothing was sent" in page.inner_text("main")
    assert len(ask(f"{mock.url}/_mock/v1/events").json) == 4


def test_the_corrected_body_is_copied_whole(mock, open_page):
    *_, refund = play(mock, PARTIAL)
    page = open_page(f"{mock.url}/_mock/events/{refund}")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("text=Copy the corrected body")
    page.wait_for_selector("#fix-it >> text=Copied")
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert copied == bodies("P{d:3,p:3>d} F{d:3} R{d:2,p:2}")[2]


def test_any_body_can_take_the_events_place(mock, open_page):
    _, _, refund, _ = play(mock, "P{d:1,p:1>d} F{d:1} R{zz:1}@3 R{d:1,p:1}@5")
    page = open_page(f"{mock.url}/_mock/events/{refund}/fix", javascript=False, errors=False)
    page.fill("#fix-body", json.dumps(bodies("R{d:1,p:1}@3")[0]))
    page.click("text=Replace this event")
    assert "something is still wrong" in page.inner_text(".done")
    assert "over-refund" in page.inner_text(".done tbody tr:nth-child(4)")
    page.fill("#fix-body", "{")
    page.click("text=Replace this event")
    assert "refused with 400" in page.inner_text(".done")
    page.fill("#fix-body", json.dumps(bodies("R#other{d:1}")[0]))
    page.click("text=Replace this event")
    assert "only an event of the same order" in page.inner_text("main")


def test_an_event_that_should_not_have_been_sent_says_so(mock):
    *_, second = play(mock, "P{d:1} F{d:1} R{d:1}@5 R{d:1}@6")
    assert "Do not send this event" in look(mock, f"/events/{second}").text


def test_a_finding_of_the_order_page_leads_to_its_fix(mock, open_page):
    play(mock, PARTIAL)
    page = open_page(mock.url + "/_mock/orders/ord-1")
    page.click(".finding >> text=Try it")
    expect(page.locator("#fix-it")).to_be_in_viewport()


def test_of_a_wrong_placement_the_right_lines_are_shown(mock, open_page):
    (order,) = play(mock, "P{d:1,p:3>d}")
    page = open_page(f"{mock.url}/_mock/events/{order}")
    assert '"quantity": 1' in page.inner_text(".diff .new")
    assert page.locator("text=Send the correction").count() == 0
    send(mock, bodies("X")[0])
    page.click("text=Replace this event")
    expect(page.locator(".done h2")).to_contain_text("clean")
