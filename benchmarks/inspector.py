"""How fast the inspector's pages are in Chromium, and how much they weigh.

    python benchmarks/inspector.py [--events 10000] [--lines 200]

Measured, never asserted: from a POST to the row that a person sees (median of 20), each page with
many events (the server's answer, and until it is painted), the bytes of scripts and styles.
"""

import argparse
import gzip
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from contracts.shorthand import bodies
from hakuna_mock import running

BROWSERS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
STATIC = Path(__file__).parents[1] / "mock_server" / "inspector" / "static"
ARRIVALS = 20
TIMES = 5
PAINTED = (
    "() => ({answer: performance.getEntriesByType('navigation')[0].responseEnd,"
    " painted: performance.getEntriesByName('first-contentful-paint')[0]?.startTime})"
)
WATCH = """() => new Promise(resolve => {
  const rows = document.querySelector('#rows tbody');
  new MutationObserver((_, me) => { me.disconnect(); requestAnimationFrame(() => resolve(0)); })
    .observe(rows, {childList: true});
})"""


def main() -> None:
    """Measure and print."""
    told = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    told.add_argument("--events", type=int, default=10_000)
    told.add_argument("--lines", type=int, default=200)
    asked = told.parse_args()
    _weigh()
    with running(log_format="quiet", journal_limit=2 * asked.events) as hakuna:
        pairs = asked.lines // 2
        lines = ", ".join(f"d{n}:2, p{n}:2>d{n}" for n in range(pairs))
        half = ", ".join(f"d{n}:1" for n in range(pairs))
        hakuna.play(f"P#long{{{lines}}} F#long{{{half}}} R#long{{{half}}}")
        for number in range(asked.events // 4):
            for body in bodies(
                f"P#{number}{{d:1, p:1>d}} F#{number}{{d:1}} R#{number}{{d:1, p:1}}@5 X#{number}"
            ):
                hakuna.send(body)
        with sync_playwright() as playwright:
            path = next(item for item in BROWSERS if Path(item).exists())
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            print(f"{'page':44} {'answer':>9} {'painted':>9} {'kB':>6}")
            for name, address in {
                f"events, {asked.events} of them": "/",
                "events, one order": "/events?order_id=ord-7",
                "orders": "/orders",
                "findings": "/findings",
                "coverage": "/coverage",
                f"order with {asked.lines} lines": "/orders/ord-long",
                "its refund": "/events?order_id=ord-long",
                "playground": "/playground",
            }.items():
                _page(page, name, f"{hakuna.url}/_mock{address}")
            _arrivals(page, hakuna.url, hakuna.send)
            browser.close()


def _weigh() -> None:
    for kind in ("js", "css"):
        files = [item.read_bytes() for item in sorted(STATIC.glob(f"*.{kind}"))]
        packed = sum(len(gzip.compress(file)) for file in files)
        print(f"{kind}: {len(files)} files, {sum(map(len, files))} bytes ({packed} gzipped)")


def _page(page: Page, name: str, url: str) -> None:
    answers, paints, size = [], [], 0
    for _ in range(TIMES):
        reply = page.goto(url)
        page.wait_for_load_state("load")
        size = len(reply.body()) if reply else 0
        page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
        found = page.evaluate(PAINTED)
        answers.append(found["answer"])
        paints.append(found["painted"])
    answer, painted = statistics.median(answers), statistics.median(paints)
    print(f"{name:44} {answer:6.0f} ms {painted:6.0f} ms {size / 1024:6.0f}")


def _arrivals(page: Page, url: str, send: Callable[[Any], Any]) -> None:
    """From the moment before the POST to the frame in which the row is there."""
    page.goto(f"{url}/_mock/")
    page.wait_for_selector("#live.on")
    took = []
    for number in range(ARRIVALS):
        page.wait_for_timeout(400)  # beyond the pause that the page makes after each look
        page.evaluate(f"void (window.seen = ({WATCH})())")
        began = time.perf_counter()
        send(bodies(f"P#new{number}{{d:1}}")[0])
        page.evaluate("window.seen")
        took.append(1000 * (time.perf_counter() - began))
    middle, worst = statistics.median(took), max(took)
    print(f"POST to visible row: median {middle:.0f} ms, worst {worst:.0f} ms of {ARRIVALS}")


if __name__ == "__main__":
    main()
