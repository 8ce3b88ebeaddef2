"""Chromium from Debian, driven by Playwright, for tests of what a user sees.

`from browser import browser, visit` in a conftest, and in a test module

    pytestmark = pytest.mark.asyncio(loop_scope="session")

because one browser serves the whole run. Nothing leaves the machine: names other than loopback do
not resolve, but for `rebound.example`, which is pointed at this machine. Without a browser the
tests are skipped, or fail where CI is set.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import Browser, Page, async_playwright

CHROMIUM = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
"""The first one that is installed is used: without its windows a page costs a third."""

RESOLVED = "MAP rebound.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--renderer-process-limit=1",
    f"--host-resolver-rules={RESOLVED}",
]


AXE = AXE_FILE_PATH.read_text("utf-8")
AXE_OPTIONS = {"resultTypes": ["violations"]}
"""Violations are told in full, of all else one element: a third of the time."""
OF_A_THEME = ("color-contrast", "link-in-text-block")
"""What axe-core may find in one theme and not in the other: all that depends on colours."""


def chromium() -> str:
    """The path of the browser; without one the test is skipped, or fails in CI."""
    paths = [os.environ["CHROMIUM"]] if "CHROMIUM" in os.environ else CHROMIUM
    path = next((item for item in paths if Path(item).exists()), None)
    if path is None:
        names = " or ".join(paths)
        message = f"there is no {names}: apt-get install chromium, or name yours in CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        await started.close()


@dataclass
class Visit:
    """A page with what it said on the console and which addresses it asked for."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def overflows(self) -> bool:
        """Whether the page scrolls sideways."""
        return await self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )

    async def unfold(self) -> None:
        """Open everything foldable."""
        await self.page.evaluate(
            "for (const each of document.querySelectorAll('details')) each.open = true"
        )

    async def barriers(self, *rules: str) -> list[str]:
        """What axe-core finds once everything is unfolded; `rules` are all or those named."""
        await self.unfold()
        if not await self.page.evaluate("'axe' in window"):
            # Evaluated, not added as a script element: the page's own policy forbids those.
            await self.page.evaluate(AXE)
        options = AXE_OPTIONS | ({"runOnly": rules} if rules else {})
        found = await self.page.evaluate("options => axe.run(options)", options)
        assert found["passes"]
        return [
            f"{item['id']}: {node['html'][:200]}"
            for item in found["violations"]
            for node in item["nodes"]
        ]

    async def resize(self, width: int) -> None:
        """Make the window wider or narrower."""
        await self.page.set_viewport_size({"width": width, "height": 900})


@pytest.fixture
def visit(browser):
    """`async with visit(address, width=…, scheme="dark") as seen:` opens a page of its own."""

    @asynccontextmanager
    async def visit_it(address: str, *, width: int = 1200, scheme: str = "light"):
        context = await browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme
        )
        page = await context.new_page()
        seen = Visit(page)
        page.on("console", lambda message: seen.said.append(message.text))
        page.on("pageerror", lambda error: seen.said.append(str(error)))
        page.on("request", lambda request: seen.asked.append(request.url))
        try:
            await page.goto(address)
            yield seen
        finally:
            await context.close()

    return visit_it
