"""Live updates in a real browser: rows that come by themselves, tabs, and the end of the server."""

import signal
import time
from types import SimpleNamespace

import pytest
from inspected import KEY, OTHER_KEY, ask, play, refuse, send
from playwright.sync_api import expect
from running_mock import running_mock
from server_processes import STARTS, running

from contracts.shorthand import bodies
from mock_server import Settings

HIDE = """state => {
  Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}"""
ROWS = "#rows tbody tr"
LIVE = "#live.on"


def rows(page) -> int:
    return page.locator(ROWS).count()


def wait_for_rows(page, number: int) -> None:
    expect(page.locator(ROWS)).to_have_count(number, timeout=10_000)


def turn_the_wheel(page, pixels: int) -> None:
    """Scroll by hand, and wait until the page is there."""
    goal = page.evaluate("window.scrollY") + pixels
    page.mouse.wheel(0, pixels)
    page.wait_for_function("goal => Math.abs(window.scrollY - goal) < 1", arg=goal)


def test_the_first_event_replaces_the_empty_page(mock, open_page):
    page = open_page(mock.url + "/_mock/")
    page.wait_for_selector(LIVE)
    play(mock, "P{d:1}")
    wait_for_rows(page, 1)


def test_a_posted_event_appears_at_the_top(mock, open_page):
    play(mock, "P{d:1, p:1>d} F{d:1}")
    page = open_page(mock.url + "/_mock/")
    page.wait_for_selector(LIVE)
    play(mock, "R{d:1}@5")
    wait_for_rows(page, 3)
    top = page.inner_text(f"{ROWS}:first-child")
    assert "order_refund_added" in top
    assert "refund-missing-protection" in top
    assert page.inner_text("#counts .violation b") == "1"
    assert page.get_attribute("link[rel=icon]", "href").endswith("violations=1")


def test_what_is_being_read_does_not_move(mock, open_page):
    for number in range(60):
        play(mock, f"P#{number}{{d:1}}")
    page = open_page(mock.url + "/_mock/", height=400)
    page.wait_for_selector(LIVE)
    row = page.locator(ROWS).nth(40)
    row.scroll_into_view_if_needed()
    turn_the_wheel(page, 200)
    expect(page.locator("#news")).to_have_count(0)
    before = row.bounding_box()
    play(mock, "X#1 X#2 X#3")
    page.wait_for_selector("#news >> text=3 new")
    assert row.bounding_box() == before
    assert rows(page) == 60
    page.click("#news")
    wait_for_rows(page, 63)
    assert page.inner_text("#tally") == "63 of 63 requests"
    assert page.evaluate("window.scrollY") == 0


def test_a_focused_row_is_not_pushed_away_either(mock, open_page):
    play(mock, "P{d:1}")
    page = open_page(mock.url + "/_mock/")
    page.wait_for_selector(LIVE)
    page.keyboard.press("j")
    play(mock, "F{d:1}")
    page.wait_for_selector("#news >> text=1 new")
    assert rows(page) == 1
    page.keyboard.press("n")
    wait_for_rows(page, 2)


def test_what_settles_an_earlier_finding_is_seen_in_its_row(mock, open_page):
    play(mock, "P{d:1, p:1>d} F{d:1} R{d:1}@5")
    page = open_page(mock.url + "/_mock/")
    page.wait_for_selector(LIVE)
    assert page.get_attribute("#req-3", "class") == "violation"
    play(mock, "R{p:1}@6")
    page.wait_for_selector("#req-3.resolved .said.resolved")
    wait_for_rows(page, 4)


def test_filters_and_worlds_hold_for_what_arrives(mock, open_page):
    play(mock, "P{d:1}")
    world = ask(f"{mock.url}/_mock/v1/worlds").json[0]["id"]
    page = open_page(f"{mock.url}/_mock/events?world={world}&type=order_fulfillment_added")
    page.wait_for_selector(LIVE)
    play(mock, "P{d:1} F{d:1}", key=OTHER_KEY)
    play(mock, "X#5 F{d:1}", key=KEY)
    wait_for_rows(page, 1)
    assert "order_fulfillment_added" in page.inner_text(ROWS)


def test_a_refused_request_appears_in_its_lane(mock, open_page):
    play(mock, "P{d:1}")
    page = open_page(mock.url + "/_mock/")
    page.wait_for_selector(LIVE)
    refuse(mock)
    page.wait_for_selector("#lane >> text=1 request without a world")


@pytest.mark.parametrize("path", ["/orders/ord-1", "/orders", "/findings", "/rules", "/coverage"])
def test_other_pages_change_in_place(mock, open_page, path):
    play(mock, "P{d:1, p:1>d} F{d:1}")
    page = open_page(f"{mock.url}/_mock{path}")
    page.wait_for_selector(LIVE)
    before = page.inner_text("main")
    page.evaluate("window.kept = document.querySelector('main h1')")
    play(mock, "R{d:1}@5")
    page.wait_for_function("text => document.querySelector('main').innerText !== text", arg=before)
    assert page.evaluate("window.kept.isConnected"), "the page was changed, not loaded again"


def test_what_is_read_on_another_page_does_not_move(mock, open_page):
    play(mock, " ".join(f"P#{n}{{d:1}} R#{n}{{zz:1}}" for n in range(30)))
    page = open_page(f"{mock.url}/_mock/findings", height=500)
    page.wait_for_selector(LIVE)
    group = page.locator("section.group").nth(15)
    group.scroll_into_view_if_needed()
    turn_the_wheel(page, 100)
    before = group.bounding_box()["y"]
    name = group.locator("h2").inner_text()
    play(mock, "P#costly{d:1,p:1>d} F#costly{d:1} R#costly{d:1}")
    page.wait_for_selector("text=€84.99 of insurance")
    same = page.locator("section.group", has_text=name.split()[-2])
    assert abs(same.bounding_box()["y"] - before) <= 1


def test_rows_of_a_world_that_was_reset_or_deleted_go_and_it_is_said(mock, open_page):
    play(mock, "P{d:1} F{d:1}")
    play(mock, "P#2{d:1} X#2", key=OTHER_KEY)
    page = open_page(mock.url + "/_mock/")
    page.wait_for_selector(LIVE)
    wait_for_rows(page, 4)
    auth = {"Authorization": f"Bearer {KEY}"}
    ask(f"{mock.url}/_mock/v1/reset", b"", auth, method="POST")
    page.wait_for_selector("#notice >> text=A world was reset or deleted: 2 rows are gone")
    wait_for_rows(page, 2)
    assert page.inner_text("#tally").startswith("2 of 2 requests")
    (_, other) = ask(f"{mock.url}/_mock/v1/worlds").json
    ask(f"{mock.url}/_mock/v1/worlds/{other['id']}", method="DELETE")
    page.wait_for_selector("main >> text=Waiting for the first event")


def test_rows_that_the_journal_lets_go_leave_the_page(open_page):
    with running_mock(Settings(port=0, journal_limit=3)) as mock:
        play(mock, "P{d:1} X#1 X#2")
        page = open_page(mock.url + "/_mock/", errors=False)
        page.wait_for_selector(LIVE)
        play(mock, "X#3 X#4")
        page.wait_for_selector("#notice >> text=2 rows are gone")
        wait_for_rows(page, 3)
        assert page.inner_text("#tally").startswith("3 of 3 requests; 2 older ones are no longer")


def test_the_page_of_an_order_that_is_gone_says_so(mock, open_page):
    play(mock, "P{d:1}")
    page = open_page(mock.url + "/_mock/orders/ord-1", errors=False)
    page.wait_for_selector(LIVE)
    ask(f"{mock.url}/_mock/v1/reset", b"", method="POST")
    page.wait_for_selector("#notice >> text=This is gone")
    assert "There is no order" in page.inner_text("main")


def test_ten_open_tabs_are_all_live(mock, open_page):
    """Browsers open six connections to a host: one tab holds the stream for all of them."""
    play(mock, "P{d:1}")
    first = open_page(mock.url + "/_mock/")
    tabs = [first] + [open_page(mock.url + "/_mock/", context=first.context) for _ in range(9)]
    for tab in tabs:
        tab.wait_for_selector("#live:not([hidden])")
    play(mock, "F{d:1}")
    for tab in tabs:
        wait_for_rows(tab, 2)
    first.close()
    play(mock, "X#9")
    for tab in tabs[1:]:
        wait_for_rows(tab, 3)


def test_a_hidden_tab_closes_its_stream_and_catches_up(mock, open_page):
    play(mock, "P{d:1}")
    page = open_page(mock.url + "/_mock/")
    page.wait_for_selector(LIVE)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    closed = []
    page.on("requestfailed", lambda request: closed.append(request.url))
    page.evaluate(HIDE, "hidden")
    page.wait_for_timeout(300)
    assert any("/v1/stream" in url for url in closed)
    play(mock, "F{d:1} X#7")
    page.wait_for_timeout(500)
    assert asked == []
    assert rows(page) == 1
    page.evaluate(HIDE, "visible")
    wait_for_rows(page, 3)
    play(mock, "X#8")
    wait_for_rows(page, 4)


@pytest.mark.parametrize("start", STARTS)
def test_an_open_tab_does_not_delay_the_end_of_the_server(tmp_path, open_page, start):
    with running(STARTS[start], tmp_path) as server:
        page = open_page(server.here["inspector_url"], errors=False)
        page.wait_for_selector(LIVE)
        began = time.monotonic()
        assert server.end(signal.SIGTERM) == 0
        took = time.monotonic() - began
    page.wait_for_selector("#live.off")
    assert took < 3, "a guard against hanging, which took over 25 s without the hook"


def test_the_log_of_serve_leads_to_the_page(tmp_path, open_page):
    told = {"log_format": "pretty"}
    with running(STARTS["hakuna-mock serve"], tmp_path, **told) as server:
        here = SimpleNamespace(**server.here)
        send(here, bodies("X")[0])
        (line,) = [text for text in server.printed.splitlines() if "unknown-order" in text]
        assert f"look at what arrives: {here.inspector_url}" in server.printed
        page = open_page(line.rsplit(" ", 1)[1], errors=False)
        assert "unknown-order" in page.inner_text("main")


def test_two_tabs_show_what_a_restarted_server_holds(tmp_path, open_page):
    """Also where more events came than the server before ever had."""
    with running(STARTS["python -m mock_server"], tmp_path) as server:
        play(SimpleNamespace(**server.here), "P{d:1} F{d:1} X#2")
        page = open_page(server.here["inspector_url"], errors=False)
        page.wait_for_selector(LIVE)
        orders = open_page(
            server.here["inspector_url"] + "orders", errors=False, context=page.context
        )
        orders.wait_for_selector(LIVE)
        port = server.port
        server.end(signal.SIGTERM)
    page.wait_for_selector("#live.off")
    with running(STARTS["python -m mock_server"], tmp_path, port=str(port)) as server:
        here = SimpleNamespace(**server.here)
        play(here, " ".join(f"P#{n}{{d:1}}" for n in range(27)))
        for tab in (page, orders):
            tab.bring_to_front()
            tab.wait_for_selector(LIVE, timeout=15_000)
            expect(tab.locator("tbody tr")).to_have_count(27, timeout=15_000)
        expect(page.locator("#notice")).to_contain_text("The server was restarted")
        assert page.inner_text("#tally").startswith("27 of 27 requests")
        play(here, "P#more{d:1}")
        expect(page.locator("tbody tr")).to_have_count(28)


def test_a_tab_finds_the_server_again(tmp_path, open_page):
    with running(STARTS["python -m mock_server"], tmp_path) as server:
        play(SimpleNamespace(**server.here), "P{d:1} F{d:1} X#2")
        page = open_page(server.here["inspector_url"], errors=False)
        page.wait_for_selector(LIVE)
        port = server.port
        server.end(signal.SIGTERM)
    page.wait_for_selector("#live.off")
    with running(STARTS["python -m mock_server"], tmp_path, port=str(port)) as server:
        page.wait_for_selector(".empty")
        page.wait_for_selector(LIVE)
        assert send(SimpleNamespace(**server.here), bodies("P{d:1}")[0]).status == 200
        wait_for_rows(page, 1)
