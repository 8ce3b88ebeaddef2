"""Every page in a real browser: both themes, narrow, axe, hostile payloads, without JavaScript."""

from browser import OF_A_THEME
from inspected import (
    BIDI,
    LIVE_KEY,
    SCRIPT,
    ask,
    barriers,
    filled,
    hostile_order,
    play,
    refuse,
    send,
)

PAGES = [
    "events",
    "events of a world",
    "filtered events",
    "an empty filter",
    "the lane",
    "event",
    "refused request",
    "fault on demand",
    "orders",
    "some orders",
    "order",
    "busy order",
    "broken link",
    "order as of then",
    "findings",
    "findings by source",
    "findings by fix",
    "playground",
    "playground again",
    "coverage",
    "coverage, what is missing",
    "rules",
    "rule",
    "scenarios",
    "scenario",
    "waiting order",
    "fix",
    "compare",
    "runs",
    "start",
    "clear",
    "search",
    "login",
    "error",
]


def test_each_page_opens_without_a_word_in_the_console_fits_and_axe_finds_nothing(mock, open_page):
    """In both themes; folded to a small telephone, no page is wider than that."""
    addresses = filled(mock)
    assert list(addresses) == PAGES
    page = open_page(mock.url + "/_mock/")
    for name, path in addresses.items():
        if name == "error":
            continue  # its 404 is an error in the console, by the browser's own word
        page.goto(mock.url + "/_mock" + path)
        assert barriers(page) == [], name
        page.emulate_media(color_scheme="dark")
        assert barriers(page, *OF_A_THEME) == [], f"{name}, dark"
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 360, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
        page.set_viewport_size({"width": 1280, "height": 800})


def test_the_empty_pages_are_as_clean(mock, open_page):
    page = open_page(mock.url + "/_mock/")
    for path in ("/", "/orders", "/findings", "/playground", "/coverage", "/runs", "/compare"):
        page.goto(mock.url + "/_mock" + path)
        assert barriers(page) == [], path


def test_an_error_is_a_page_too(mock, open_page):
    page = open_page(mock.url + "/_mock/events/evt-nothing", errors=False)
    assert "There is no event" in page.inner_text("main")
    assert barriers(page) == []


def test_sixty_findings_of_one_order_are_a_card_a_rule_and_fit_a_telephone(mock, open_page):
    again = " ".join(f"R{{d:1}}@{day} F{{d:1, p:1}}@{day}" for day in range(1, 31))
    play(mock, f"P{{d:3, p:3>d, a:1}} {again}")
    page = open_page(mock.url + "/_mock/orders/ord-1", width=360, height=740)
    assert len(ask(f"{mock.url}/_mock/v1/findings").json) >= 60
    assert page.locator(".between > .finding").count() <= 8
    assert "more of the same rules" in page.inner_text(".between .folded >> nth=0")
    for path in ("/orders/ord-1", "/events/latest", "/findings"):
        page.goto(mock.url + "/_mock" + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_a_body_with_many_findings_fits_a_telephone(mock, open_page):
    lines = ", ".join(f"d{n}:1, p{n}:1>d{n}" for n in range(20))
    gone = ", ".join(f"d{n}:2" for n in range(20))
    play(mock, f"P{{{lines}}} F{{{gone}}} R{{{gone}}}")
    page = open_page(mock.url + "/_mock/events/latest", width=360, height=740)
    assert page.locator(".ln .flag").count() >= 20
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_dark_page_is_printed_dark_on_white_and_fits_the_paper(mock, open_page):
    addresses = filled(mock)
    page = open_page(mock.url + "/_mock/", dark=True, width=794, height=1123, errors=False)
    page.emulate_media(media="print")
    for name in ("events", "busy order", "findings", "coverage", "event"):
        page.goto(mock.url + "/_mock" + addresses[name])
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == WHITE, name
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)", name
        assert page.evaluate("document.documentElement.scrollWidth") <= 794, name
        assert not page.is_visible(".bar"), name


WHITE = "rgb(255, 255, 255)"


def test_an_empty_mock_shows_a_command_with_its_own_port(mock, open_page):
    page = open_page(mock.url + "/_mock/")
    shown = page.inner_text(".empty pre")
    assert shown.startswith(f"curl -i {mock.events_url}")


HOSTILE_IDS = [
    SCRIPT,
    f"ord-{BIDI}",
    "\x00\x1b[31m\x07\x85",
    "a/b?c=d#e&f=%2F",
    "../../etc",
    "'\"`><",
    "x" * 3_000,
    "order.json",
]


def test_hostile_payloads_are_shown_as_text(mock, open_page):
    """Nothing runs, nothing is reordered, no address breaks."""
    for order_id in HOSTILE_IDS:
        assert send(mock, hostile_order(order_id)).status == 200
    send(mock, f'{{"type": "{SCRIPT}", "payload": '.encode())
    send(mock, b"\xff\xfe" + BIDI.encode())
    page = open_page(mock.url + "/_mock/")
    for path in ("/", "/orders", "/findings", "/playground", "/requests/latest"):
        page.goto(mock.url + "/_mock" + path)
        assert_harmless(page, path)
    page.goto(mock.url + "/_mock/orders")
    links = page.eval_on_selector_all("a.open", "all => all.map(one => one.href)")
    assert len(links) == len(HOSTILE_IDS)
    for link in links:
        page.goto(link)
        assert_harmless(page, link)
        assert page.inner_text("h1").startswith("Order"), link
        page.click(".timeline a.open")
        page.wait_for_selector(".body")
        assert_harmless(page, link)


def assert_harmless(page, where):
    assert page.evaluate("document.title") != "owned", where
    assert page.locator("main img").count() == 0, where
    assert page.locator("main script").count() == 0, where
    text = page.inner_text("body")
    assert not set("\u202e\u2066\u200f\x00\x1b\x07\x85\u2028") & set(text), where


def test_invisible_characters_are_named(mock, open_page):
    send(mock, hostile_order(f"ord-{BIDI}"))
    page = open_page(mock.url + "/_mock/orders")
    assert page.inner_text("a.open") == "ord-[U+202E]evil[U+2066][U+200F]"


def test_no_key_is_shown_whole(mock, open_page):
    send(mock, b"{}", key=LIVE_KEY)
    send(mock, hostile_order(LIVE_KEY))
    secret = "sk_test_" + "alice0000secret"
    play(mock, "P{d:1}", key=secret)
    page = open_page(mock.url + "/_mock/")
    for path in ("/", "/orders", "/findings", "/events/latest", "/requests/req-1"):
        page.goto(mock.url + "/_mock" + path)
        assert LIVE_KEY not in page.content(), path
        assert secret not in page.content(), path
    assert "sk_test_…cret" in page.goto(mock.url + "/_mock/").text()


def test_everything_can_be_read_and_done_without_javascript(mock, open_page):
    addresses = filled(mock)
    page = open_page(mock.url + "/_mock/", javascript=False, errors=False)
    for name, path in addresses.items():
        page.goto(mock.url + "/_mock" + path)
        assert page.inner_text("h1"), name
    page.goto(mock.url + "/_mock/")
    page.select_option("select[name=severity]", "violation")
    page.click("text=Filter")
    assert {row.inner_text() for row in page.locator("#rows td:nth-child(4)").all()} >= {"400"}
    page.click("#rows a.open >> nth=0")
    assert page.inner_text("#rules-said").startswith("Rules said")
    page.click("text=curl")
    assert page.inner_text("body").startswith("curl -i")


def test_the_playground_works_without_javascript(mock, open_page):
    play(mock, "P{d:1, p:1>d} F{d:1}")
    page = open_page(
        mock.url + "/_mock/playground?type=order_refund_added&order_id=ord-1", javascript=False
    )
    page.click("text=forget the protection")
    assert "refund-missing-protection" in page.inner_text("#verdict")
    assert "nothing is stored" in page.inner_text("#verdict")
    page.click("text=Send it")
    page.click("#verdict a.id")
    assert "refund-missing-protection" in page.inner_text("main")


def test_a_scenario_can_be_played_from_its_page(mock, open_page):
    page = open_page(mock.url + "/_mock/scenarios/forgotten-plan", javascript=False)
    page.click("text=Play it here")
    assert "3 requests sent" in page.inner_text(".done")
    page.click("text=Look at the world")
    assert page.locator("#rows tbody tr").count() == 3


def test_requests_of_no_world_have_a_lane_of_their_own(mock, open_page):
    play(mock, "P{d:1}")
    refuse(mock, 5)
    page = open_page(mock.url + "/_mock/")
    assert page.locator("#rows tbody tr").count() == 1
    assert "5 requests without a world" in page.inner_text("#lane")
    assert page.locator("#lane li").count() == 3
    page.click("text=show all")
    assert page.locator("#rows tbody tr").count() == 5
