"""A mock in a thread, and Debian's Chromium to look at it."""

import pytest
from browser import FLAGS
from browser import chromium as path_of_chromium
from running_mock import running_mock

from mock_server import Settings


@pytest.fixture(scope="module")
def chromium():
    """The browser; where there is none, CI fails and a laptop skips.

    Once a module, not once a session: while it is open its event loop counts as running, and no
    asynchronous test of another file could run in the same process.
    """
    path = path_of_chromium()
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def mock():
    """A fresh mock on any free port."""
    with running_mock(Settings(port=0)) as here:
        yield here


@pytest.fixture
def open_page(chromium):
    """Opens pages in a window of their own; errors in the console fail the test.

    `open_page(url, dark=True, width=360, javascript=False)`; `errors=False` for a test that
    stops the server under an open page.
    """
    contexts = []
    heard = []

    def opened(
        url, *, dark=False, width=1280, height=800, javascript=True, errors=True, context=None
    ):
        if context is None:
            context = chromium.new_context(
                color_scheme="dark" if dark else "light",
                viewport={"width": width, "height": height},
                java_script_enabled=javascript,
            )
            contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        if errors:
            page.on(
                "console",
                lambda message: heard.append(message.text) if message.type == "error" else 0,
            )
            page.on("pageerror", lambda error: heard.append(str(error)))
        page.goto(url)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert heard == []
