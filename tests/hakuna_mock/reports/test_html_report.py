"""The HTML report as a reader meets it: the file, opened in a browser."""

import json
import re

import pytest
from browser import OF_A_THEME

from contracts import Policy
from contracts.shorthand import bodies
from hakuna_mock.inputs.reader import read_events
from hakuna_mock.inputs.reading import Reading
from hakuna_mock.reports.formats import render
from hakuna_mock.reports.model import Rendering
from hakuna_mock.runs.check import judge_offline

pytestmark = pytest.mark.asyncio(loop_scope="session")

STORY = (
    "P{d:3, p:3>d, a:1} F{d:2, a:1} R{d:1}@5 R{p:1}@6 C{a:1}@7 R{d:1}@8"
    " P#2{k:1, q:1>k} X#2 F#2{k:1}"
)
COVERAGE = {
    "event_types": {"index": 2, "score": 1, "items": {"order_placed": 12, "order_cancelled": 0}},
    "rules_passed": {"index": 0, "score": 0, "items": {}},
}
HOSTILE = (
    "\x00\x1b[31m\u202e</title></style><script>document.title='owned'</script>"
    "<img src=x onerror=\"document.title='owned'\">{{ 7 * 7 }}{% raw %}]]>&amp;'\" onclick=alert(1)"
)


def jsonl(folder, events) -> str:
    path = folder / "events.jsonl"
    path.write_text("\n".join(json.dumps(event) for event in events), "utf-8")
    return str(path)


@pytest.fixture
def written(tmp_path):
    """The address of the report on some events, and its text."""

    def write(events, *, fail_on="warning", coverage=None) -> tuple[str, str]:
        path = jsonl(tmp_path, bodies(events) if isinstance(events, str) else events)
        report = judge_offline(read_events(path, Reading()), Policy())
        report.coverage = coverage
        text = render(report, "html", Rendering(fail_on))
        page = tmp_path / "report.html"
        page.write_text(text, "utf-8")
        return page.as_uri(), text

    return write


class TestWhatItSays:
    async def test_the_head_says_the_verdict_the_counts_and_what_was_judged(self, visit, written):
        address, _ = written(STORY)
        async with visit(address) as seen:
            head = await seen.page.locator("header").inner_text()
            assert await seen.page.title() == "Failed: hakuna-mock report"
        assert "9 events of 2 orders judged" in head
        assert re.search(r"violations open\s+2\s+warnings open\s+1\s+advice open\s+1\s", head)
        assert re.search(r"resolved\s+1\s", head)
        assert "warning or worse" in head
        assert "events.jsonl" in head

    async def test_fail_on_decides_the_verdict(self, visit, written):
        address, _ = written(STORY, fail_on="never")
        async with visit(address) as seen:
            assert await seen.page.title() == "Passed: hakuna-mock report"

    async def test_a_rule_tells_why_what_to_do_who_says_so_and_where(self, visit, written):
        address, _ = written(STORY)
        async with visit(address) as seen:
            rule = seen.page.locator("section.rule", has=seen.page.locator("h3 >> nth=0")).first
            message = await rule.inner_text()
            links = await rule.locator("a[href^=https]").all_inner_texts()
            marked = await rule.locator("mark").first.inner_text()
        assert message.startswith("refund-missing-protection")
        assert "Refund a product together with its protection" in message
        assert "Fix: add line-p, quantity 1" in message
        assert "documented" in message
        assert re.search(r"events\.jsonl:6:\d+", message)
        assert links == ["Sharing order events with the Events API"]
        assert marked.startswith('{"line_item_id": "line-d"')

    async def test_open_and_resolved_findings_are_told_apart_in_the_orders_story(
        self, visit, written
    ):
        address, _ = written(STORY)
        async with visit(address) as seen:
            order = seen.page.locator("details.order").first
            story = await order.locator(".timeline > li").all_inner_texts()
        assert [item.split("\n")[0] for item in story] == [
            "1. order_placed",
            "2. order_fulfillment_added",
            "3. order_refund_added",
            "4. order_refund_added",
            "5. order_line_items_cancelled",
            "6. order_refund_added",
        ]
        assert "HTTP 200 evt-" in story[0]
        assert "violation, resolved" in story[2]
        assert "(4. order_refund_added)" in story[2]
        assert re.search(r"^violation refund-missing-protection", story[5], re.MULTILINE)

    async def test_an_order_shows_what_was_delivered_and_given_back_of_each_line(
        self, visit, written
    ):
        address, _ = written(STORY)
        async with visit(address) as seen:
            order = seen.page.locator("details.order").first
            assert "partially fulfilled" in await order.locator("summary").inner_text()
            rows = await order.locator("tbody tr").all()
            counts = [await row.locator("td.number").all_inner_texts() for row in rows]
            names = [await row.locator("th").inner_text() for row in rows]
        assert counts == [
            ["3", "2", "2", "0", "1"],
            ["3", "0", "1", "0", "2"],
            ["1", "1", "0", "1", "0"],
        ]
        assert "protected by line-p" in names[0]
        assert "protects line-d" in names[1]

    async def test_refused_requests_say_what_the_server_said(self, visit, written):
        address, _ = written([{"type": "order_paid", "payload": {}}, []])
        async with visit(address) as seen:
            message = await seen.page.locator("#orders ~ details").inner_text()
        assert "Requests that name no order" in message
        assert "HTTP 400 refused" in message
        assert "order_paid" in message

    async def test_coverage_names_what_was_never_exercised(self, visit, written):
        address, _ = written("P{d:1}", coverage=COVERAGE)
        async with visit(address) as seen:
            kind = seen.page.locator("details.covered").first
            assert "1 of 2" in await kind.locator("summary").inner_text()
            await kind.locator("summary").click()
            rows = await kind.locator("tbody tr").all_inner_texts()
            assert await seen.page.locator("details.covered").count() == 2
        assert [" ".join(row.split()) for row in rows] == [
            "order_cancelled never",
            "order_placed 12",
        ]

    async def test_a_run_without_coverage_has_no_section_for_it(self, visit, written):
        address, _ = written("P{d:1}")
        async with visit(address) as seen:
            assert await seen.page.locator("#coverage").count() == 0
            assert "No rule has anything to say" in await seen.page.locator("main").inner_text()

    async def test_every_link_within_the_page_leads_somewhere(self, visit, written):
        address, _ = written(STORY, coverage=COVERAGE)
        async with visit(address) as seen:
            lost = await seen.page.evaluate(
                "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.hash.slice(1))"
                ".filter(id => !document.getElementById(id))"
            )
            ids = await seen.page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
        assert lost == []
        assert len(ids) == len(set(ids))


class TestForEverybody:
    async def test_axe_finds_no_barrier_narrow_or_wide_light_or_dark(self, visit, written):
        address, _ = written(STORY, coverage=COVERAGE)
        async with visit(address) as seen:
            for width in (360, 1200):
                await seen.resize(width)
                assert await seen.barriers() == [], width
                await seen.page.emulate_media(color_scheme="dark")
                assert await seen.barriers(*OF_A_THEME) == [], f"{width}, dark"
                await seen.page.emulate_media(color_scheme="light")

    async def test_nothing_scrolls_sideways_at_any_width(self, visit, written):
        address, _ = written(STORY, coverage=COVERAGE)
        async with visit(address) as seen:
            await seen.unfold()
            for width in (320, 360, 641, 769, 1025, 1200, 2560):
                await seen.resize(width)
                assert not await seen.overflows(), width

    async def test_light_and_dark_follow_the_reader(self, visit, written):
        address, _ = written(STORY)
        colours = []
        async with visit(address) as seen:
            for scheme in ("light", "dark"):
                await seen.page.emulate_media(color_scheme=scheme)
                colours.append(
                    await seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
                )
        light, dark = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours)
        assert light > 600
        assert dark < 150

    async def test_the_keyboard_reaches_and_opens_what_is_folded(self, visit, written):
        address, _ = written(" ".join(f"P#{n}{{d:1}}" for n in range(5)))
        async with visit(address) as seen:
            await seen.page.keyboard.press("Tab")
            assert await seen.page.evaluate("document.activeElement.className") == "skip"
            while await seen.page.evaluate("document.activeElement.tagName") != "SUMMARY":
                await seen.page.keyboard.press("Tab")
            await seen.page.keyboard.press("Enter")
            assert await seen.page.locator("details[open]").count() == 1

    async def test_on_paper_everything_is_unfolded(self, visit, written):
        address, _ = written(" ".join(f"P#{n}{{d:1}}" for n in range(5)))
        async with visit(address) as seen:
            await seen.page.emulate_media(media="print")
            assert await seen.page.locator(".timeline").last.is_visible()
            assert not await seen.page.locator("nav").is_visible()


class TestHostileInput:
    @pytest.fixture
    def hostile(self):
        events = bodies(STORY)
        placed = events[0]["payload"]
        placed["line_items"][0] |= {"product_title": HOSTILE, "product_brand": HOSTILE}
        for event in events[:6]:
            event["payload"]["order_id"] = HOSTILE
            event["payload"][HOSTILE] = "x"
        events.append({"type": HOSTILE, "payload": {"order_id": "x" * 100_000}})
        return events

    async def test_is_shown_as_text_and_nothing_leaves_the_file(self, visit, written, hostile):
        address, text = written(hostile)
        async with visit(address, width=360) as seen:
            shown = await seen.page.locator("body").inner_text()
            title = await seen.page.title()
            foreign = await seen.page.locator("script, img, iframe, object, [onclick]").count()
            assert not await seen.overflows()
            assert seen.said == []
            assert seen.asked == [address]
        assert title == "Failed: hakuna-mock report"
        assert foreign == 0
        assert "<script>document.title='owned'</script>" in shown
        assert "{{ 7 * 7 }}" in shown
        assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", text)
        assert "x" * 200 not in text

    async def test_a_script_that_got_in_would_not_run(self, visit, written, tmp_path):
        _, text = written(STORY)
        page = tmp_path / "pierced.html"
        script = "<script>document.title='owned'</script><img src=http://127.0.0.1:9/x>"
        page.write_text(text.replace("<main>", f"<main>{script}"), "utf-8")
        async with visit(page.as_uri()) as seen:
            assert await seen.page.title() == "Failed: hakuna-mock report"
            assert any("Content Security Policy" in item for item in seen.said)


class TestBigRuns:
    async def test_two_thousand_findings_of_five_hundred_orders_stay_a_page(self, visit, written):
        orders = [f"P#{n}{{d:1, p:1>d}} F#{n}{{d:1}} R#{n}{{d:1}}" for n in range(500)]
        orders += [f"R#{n}{{y:1}} R#{n}{{z:1}} R#{n}{{q:1}}" for n in range(500)]
        address, text = written(" ".join(orders))
        assert len(text) < 3_000_000
        async with visit(address) as seen:
            message = await seen.page.locator("body").inner_text()
            assert await seen.page.locator("details.order").count() == 200
        assert "475 findings of this rule are left out here" in message
        assert "1475 findings of this rule are left out here" in message
        assert "300 orders are left out here; --report json:report.json writes all" in message

    async def test_an_order_of_a_thousand_events_keeps_those_with_findings(self, visit, written):
        many = " ".join(f"F{{d:1}}@{n % 9 + 1}" for n in range(1, 200))
        address, _ = written(f"P{{d:500}} {many} R{{zz:1}}@9")
        async with visit(address) as seen:
            story = await seen.page.locator(".timeline > li").all_inner_texts()
            message = await seen.page.locator("details.order").inner_text()
        assert len(story) == 50
        assert "unknown-line-item" in message
        assert "151 events of this order are left out here" in message

    async def test_a_reply_with_many_messages_is_cut_and_says_so(self, visit, written):
        (placed,) = bodies("P{d:1}")
        placed["payload"]["line_items"] = [{"id": f"line-{n}"} for n in range(30)]
        address, _ = written([placed])
        async with visit(address) as seen:
            assert await seen.page.locator(".said").count() == 20
            assert "messages of this reply are left out" in await seen.page.inner_text("main")

    async def test_a_long_runs_clean_events_are_counted(self, visit, written, monkeypatch):
        monkeypatch.setattr("hakuna_mock.runs.check.MAX_CLEAN", 3)
        address, _ = written(" ".join(f"P#{n}{{d:1}}" for n in range(5)))
        async with visit(address) as seen:
            message = await seen.page.locator("main").inner_text()
        assert "2 events without findings were judged and not kept" in message


async def test_the_command_line_writes_it_to_a_file_and_to_stdout(run, tmp_path):
    ran = run("play", STORY, "--output-format", "html", "--report", "html:report.html")
    assert ran.code == 1
    assert ran.out.startswith("<!doctype html>")
    assert ran.out == (tmp_path / "report.html").read_text("utf-8")
