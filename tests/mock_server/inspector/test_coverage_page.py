"""The coverage page: rules against event types, each cell true and leading to what is behind it."""

import re
from html import unescape
from html.parser import HTMLParser

from inspected import KEY, OTHER_KEY, ask, filled, look, play, refuse, send

from contracts.rules import RULES, Stage
from contracts.worlds.coverage import COLUMNS, UNREAD


class Table(HTMLParser):
    """The rows of the table by rule: per column the class of its cell, its links and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: dict[str, list[dict]] = {}
        self._rule = ""
        self._in_cell = False
        self.feed(re.search(r'<div class="wide matrix".*?</div>', text, re.DOTALL)[0])

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "tr":
            self._rule = given.get("id", "")
        elif tag == "td" and self._rule:
            self._in_cell = True
            cell = {"kind": given["class"], "links": {}, "text": ""}
            self.rows.setdefault(self._rule, []).append(cell)
        elif tag == "a" and self._in_cell:
            self.rows[self._rule][-1]["links"][given["class"]] = given["href"]

    def handle_endtag(self, tag):
        self._in_cell = self._in_cell and tag != "td"

    def handle_data(self, data):
        if self._in_cell:
            self.rows[self._rule][-1]["text"] += data

    def cell(self, rule: str, kind: str) -> dict:
        return self.rows[rule][COLUMNS.index(kind)]


def table(here, query: str = "") -> Table:
    return Table(look(here, f"/coverage{query}").text)


def times(cell: dict) -> tuple[int, int]:
    """How often passed, how often fired, as the cell says."""
    fired = re.search(r"fired (\d+)×", cell["text"])
    passed = re.search(r"passed (\d+)×", cell["text"])
    return (int(passed[1]) if passed else 0, int(fired[1]) if fired else 0)


def test_a_cell_stands_for_each_rule_and_event_type_and_applies_as_the_rule_says(mock):
    rows = table(mock).rows
    assert list(rows) == list(RULES)
    for rule, cells in rows.items():
        for kind, cell in zip(COLUMNS, cells, strict=True):
            applies = RULES[rule].untyped if kind == UNREAD else kind in RULES[rule].events
            assert cell["kind"] == ("missing" if applies else "na"), (rule, kind)
            assert ("not reached" in cell["text"]) == applies
            assert ("not applicable" in cell["text"]) != applies


def test_the_cells_say_what_the_control_api_counts(mock):
    filled(mock)
    part = ask(f"{mock.url}/_mock/v1/coverage").json["rules_by_type"]
    shown = table(mock)
    for item, count in part["items"].items():
        kind, rule = item.split()
        fired = part["fired"].get(item, 0)
        assert times(shown.cell(rule, kind)) == (count - fired, fired), item
    assert f"{part['score']} of {part['index']} pairs" in look(mock, "/coverage").text


def test_where_a_rule_fired_the_cell_leads_to_just_those_requests(mock):
    filled(mock)
    found = 0
    for rule, cells in table(mock).rows.items():
        for kind, cell in zip(COLUMNS, cells, strict=True):
            _, fired = times(cell)
            if not fired:
                continue
            behind = look(mock, unescape(cell["links"]["fired"]).removeprefix("/_mock")).text
            if kind == UNREAD:
                assert f'href="/_mock/rules/{rule}"' in behind
            else:
                assert len(re.findall(r'<tr id="req-', behind)) == fired, (rule, kind)
            found += 1
    assert found >= 5


def test_where_it_passed_the_cell_leads_to_events_of_that_type_and_a_gap_to_the_rule(mock):
    play(mock, "P{d:1, p:1>d} F{d:1}")
    shown = table(mock)
    passed = shown.cell("unknown-order", "order_fulfillment_added")
    assert passed["links"] == {"passed": "/_mock/events?type=order_fulfillment_added"}
    gap = shown.cell("unknown-order", "order_cancelled")
    assert gap["links"] == {"gap": "/_mock/rules/unknown-order"}


def test_requests_refused_before_a_type_was_read_have_a_column_of_their_own(mock):
    refuse(mock, 2)
    send(mock, b"{")
    shown = table(mock)
    assert times(shown.cell("auth-invalid", UNREAD)) == (1, 2)
    assert times(shown.cell("body-invalid", UNREAD)) == (0, 1)
    assert times(shown.cell("body-invalid", "order_placed")) == (0, 0)


def test_each_world_has_its_own_coverage(mock):
    play(mock, "P{d:1}", key=KEY)
    play(mock, "P{d:1} X", key=OTHER_KEY)
    for world in ask(f"{mock.url}/_mock/v1/worlds").json:
        cell = table(mock, f"?world={world['id']}").cell("unknown-order", "order_cancelled")
        assert times(cell) == (world["events"] - 1, 0)
        if cell["links"].get("passed"):
            assert f"world={world['id']}" in cell["links"]["passed"]
    assert times(table(mock).cell("zip-format", "order_placed")) == (2, 0)


def test_only_what_was_not_reached_can_be_asked_for(mock):
    play(mock, "P{d:1, p:1>d} F{d:1}")
    rows = table(mock, "?show=missing").rows
    assert "zip-format" not in rows
    assert "unknown-order" in rows
    assert all(any(cell["kind"] == "missing" for cell in cells) for cells in rows.values())
    text = look(mock, "/coverage?show=missing").text
    assert "order_placed /payload/cart_id" in text
    assert "order_placed /payload/order_id" not in text
    whole = ask(f"{mock.url}/_mock/v1/coverage").json
    assert look(mock, "/coverage.json?show=missing").json == whole


def test_families_and_event_types_are_summed_up(mock):
    play(mock, "P{d:1}")
    text = look(mock, "/coverage").text
    family = sum(rule.family == "placement" for rule in RULES.values())
    assert re.search(rf"Placement\s+<span class=\"share\">{family} of {family}<", text)
    placed = [rule for rule in RULES.values() if "order_placed" in rule.events]
    reached = sum(rule.stage is not Stage.RETRY for rule in placed)
    assert f'<span class="share">{reached} of {len(placed)}</span>' in text


def test_on_a_telephone_the_table_scrolls_in_its_box_and_its_headers_stay(mock, open_page):
    filled(mock)
    page = open_page(f"{mock.url}/_mock/coverage", width=360, height=740)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    box = page.locator(".matrix").bounding_box()
    page.evaluate("document.querySelector('.matrix').scrollTo(400, 600)")
    corner = page.locator(".matrix .corner").bounding_box()
    assert abs(corner["x"] - box["x"]) < 2
    assert abs(corner["y"] - box["y"]) < 2
    row = page.locator("#zip-format th").bounding_box()
    assert abs(row["x"] - box["x"]) < 2
    assert page.evaluate("document.querySelector('.matrix').scrollLeft") > 100


def test_on_a_desk_the_headers_stay_below_the_bar(mock, open_page):
    page = open_page(f"{mock.url}/_mock/coverage", width=1280, height=800)
    page.locator("#over-refund").scroll_into_view_if_needed()
    page.mouse.wheel(0, 400)
    page.wait_for_timeout(100)
    bar = page.locator(".bar").bounding_box()
    head = page.locator(".matrix thead th").nth(1).bounding_box()
    assert abs(head["y"] - (bar["y"] + bar["height"])) <= 1
    assert page.evaluate("window.scrollY") > 100
