"""The keyboard, the clipboard and the playground's live verdict, in a real browser."""

import json

from inspected import KEY, play, send
from playwright.sync_api import expect

from contracts.shorthand import bodies
from mock_server.store.memory import world_id_of

FOCUSED = "document.activeElement.getAttribute('href')"


def hrefs(page) -> list[str]:
    return page.eval_on_selector_all(
        "main a.open", "all => all.map(one => one.getAttribute('href'))"
    )


def test_j_and_k_walk_enter_opens_and_back_returns_to_the_row(mock, open_page):
    play(mock, "P{d:1, p:1>d} F{d:1} R{d:1}@5")
    page = open_page(mock.url + "/_mock/")
    rows = hrefs(page)
    for key, place in [("j", 0), ("j", 1), ("j", 2), ("j", 2), ("k", 1)]:
        page.keyboard.press(key)
        assert page.evaluate(FOCUSED) == rows[place]
    page.keyboard.press("Enter")
    page.wait_for_selector(".body")
    page.go_back()
    page.wait_for_selector("#rows")
    expect(page.locator(f'a.open[href="{rows[1]}"]')).to_be_focused()


def test_slash_goes_to_the_search_box_and_typing_there_is_typing(mock, open_page):
    play(mock, "P{d:1}")
    page = open_page(mock.url + "/_mock/")
    page.keyboard.press("/")
    page.keyboard.type("jk/?ord")
    assert page.input_value("#search") == "jk/?ord"
    assert not page.is_visible("#help")


def test_the_question_mark_helps_and_single_keys_can_be_switched_off(mock, open_page):
    play(mock, "P{d:1}")
    page = open_page(mock.url + "/_mock/")
    page.keyboard.press("?")
    page.wait_for_selector("#help[open]")
    page.uncheck("#keys-on")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.tagName") != "A"
    page.reload()
    page.keyboard.press("?")
    assert not page.is_visible("#help")
    page.click("#help-button")
    page.check("#keys-on")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.className") == "open"


def test_no_single_key_sends_or_deletes_anything(mock, open_page):
    play(mock, "P{d:1, p:1>d} F{d:1}")
    page = open_page(mock.url + "/_mock/")
    asked = []
    page.on("request", lambda item: asked.append(item.method))
    for path in ("/", "/orders/ord-1", "/findings", "/scenarios/forgotten-plan", "/playground"):
        page.goto(mock.url + "/_mock" + path)
        asked.clear()
        for key in "abcdefghilmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789":
            page.keyboard.press(key)
        assert "DELETE" not in asked
        assert "POST" not in asked or path == "/playground"  # its first dry run stores nothing
    assert page.request.get(mock.url + "/_mock/v1/health").json()["events"] == 2


def test_everything_can_be_reached_with_the_tab_key_and_shows_its_focus(mock, open_page):
    play(mock, "P{d:1, p:1>d}")
    page = open_page(mock.url + "/_mock/")
    seen = []
    for _ in range(30):
        page.keyboard.press("Tab")
        shown = page.evaluate(
            "(() => { const one = document.activeElement; const style = getComputedStyle(one);"
            "return [one.tagName + ' ' + (one.textContent || one.name).trim().slice(0, 20),"
            "style.outlineStyle]; })()"
        )
        seen.append(shown)
    names = [name for name, _ in seen]
    assert names[0] == "A Skip to content"
    for expected in ("A Events", "A Playground", "INPUT order_id", "A order_placed", "A ord-1"):
        assert expected in names
    assert [
        name for name, outline in seen if outline == "none" and not name.startswith("BODY")
    ] == []


def test_copy_as_puts_the_text_into_the_clipboard(mock, open_page):
    play(mock, "P{d:1}")
    page = open_page(mock.url + "/_mock/events/latest")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click(".copies >> text=curl")
    page.wait_for_selector(".copies >> text=Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"curl -i {mock.events_url}")


def test_without_a_clipboard_the_text_is_shown_selected(mock, open_page):
    """As in pages over plain http off localhost, where browsers give no clipboard."""
    play(mock, "P{d:1}")
    page = open_page(mock.url + "/_mock/events/latest")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.click(".copies >> text=Scenario")
    page.wait_for_selector("#copy-box[open]")
    text = page.input_value("#copy-text")
    assert json.loads(text)["steps"]
    assert page.evaluate("getSelection().toString() || document.activeElement.value") == text


def test_the_dry_run_follows_what_is_typed_and_stores_nothing(mock, open_page):
    play(mock, "P{d:1, p:1>d} F{d:1}")
    address = mock.url + "/_mock/playground?type=order_refund_added&order_id=ord-1"
    page = open_page(address, errors=False)  # a form that cannot be read is a 400
    expect(page.locator("#verdict")).to_contain_text("Dry run")
    body = bodies("P{d:1} R{d:1}@5")[1]
    page.fill("textarea[name=body]", json.dumps(body))
    expect(page.locator("#verdict")).to_contain_text("refund-missing-protection")
    page.fill("textarea[name=body]", "{")
    expect(page.locator("#verdict .status")).to_have_text("400")
    page.fill("textarea[name=headers]", "no header")
    expect(page.locator("#verdict")).to_contain_text("Header line 1")
    assert page.request.get(mock.url + "/_mock/v1/health").json()["events"] == 2


def test_sending_from_the_playground_keeps_the_form_and_shows_what_was_said(mock, open_page):
    page = open_page(mock.url + "/_mock/playground")
    page.fill("input[name=key]", "sk_test_" + "alice0000shop")
    page.click("text=Send it")
    expect(page.locator("#verdict")).to_contain_text("It was sent")
    assert page.input_value("input[name=key]") == "sk_test_" + "alice0000shop"
    assert page.request.get(mock.url + "/_mock/v1/health").json()["events"] == 1


def test_a_mistake_is_one_click_in_what_was_typed_and_undone_by_another(mock, open_page):
    play(mock, "P{d:1, p:1>d} F{d:1}")
    page = open_page(mock.url + "/_mock/playground?type=order_refund_added&order_id=ord-1")
    typed = json.loads(page.input_value("textarea[name=body]"))
    typed["payload"]["mine"] = "stays"
    page.fill("textarea[name=body]", json.dumps(typed))
    page.fill("input[name=key]", "sk_test_" + "alice0000shop")
    page.click("text=forget the protection")
    expect(page.locator("#undo")).to_be_visible()
    made = json.loads(page.input_value("textarea[name=body]"))
    assert made["payload"]["mine"] == "stays"
    assert len(made["payload"]["refund_items"]) == 1
    assert page.input_value("input[name=key]") == "sk_test_" + "alice0000shop"
    expect(page.locator("#mistakes button[value=drop-protection]")).to_be_disabled()
    expect(page.locator("#mistakes button[value=wrong-currency]")).to_contain_text(
        "only order_placed has a currency"
    )
    page.click("#undo")
    assert json.loads(page.input_value("textarea[name=body]")) == typed


def test_the_world_picker_narrows_and_shows_masked_keys(mock, open_page):
    secret = "sk_test_" + "alice0000secret"
    play(mock, "P{d:1}", key=secret)
    send(mock, bodies("X#9")[0], key=KEY)
    page = open_page(mock.url + "/_mock/")
    assert page.locator("#rows tbody tr").count() == 2
    page.select_option("#world", label="sk_test_…cret (1)")
    page.wait_for_url(f"**world={world_id_of(secret)}")
    assert page.locator("#rows tbody tr").count() == 1
    page.click("nav >> text=Orders")
    assert page.locator("tbody tr").count() == 1
    assert "world=" in page.url


def test_time_travel_shows_the_order_as_it_was(mock, open_page):
    play(mock, "P{d:1, p:1>d} F{d:1} R{d:1}@5")
    page = open_page(mock.url + "/_mock/orders/ord-1")
    assert page.locator("text=refund-missing-protection").count() > 0
    assert page.get_by_role("img", name="Given back: 1 refunded").count() == 1
    page.click(".timeline tbody tr:nth-child(2) td:last-child a")
    expect(page.locator(".past")).to_contain_text("As of event number")
    assert page.get_by_role("img", name="Given back: 1 refunded").count() == 0
    assert page.locator(".between .finding").count() == 0
    page.click("text=Back to now")
    assert page.get_by_role("img", name="Given back: 1 refunded").count() == 1
    assert page.inner_text(".between .finding .rule") == "refund-missing-protection"
    assert "still active although no product is left" in page.inner_text(".ties.broken >> nth=1")


def test_the_print_style_leaves_only_what_is_read(mock, open_page):
    play(mock, "P{d:1, p:1>d} F{d:1} R{d:1}@5")
    page = open_page(mock.url + "/_mock/orders/ord-1")
    page.emulate_media(media="print")
    assert not page.is_visible("header.bar")
    assert not page.is_visible("footer")
    assert page.is_visible(".lines")
