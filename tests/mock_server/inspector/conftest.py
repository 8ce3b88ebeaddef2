"""A mock in a thread, and Debian's Chromium to look at it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from browser import FLAGS
from browser import chromium as path_of_chromium
from running_mock import running_mock

from mock_server import Settings


@pytest.fixture(scope="session")
def _browsers_thread():
    """Where the browser is driven from, and so where tests that open pages run.

    While Playwright is open, its event loop counts as running in its thread: in the main one no
    asynchronous test of another file could run, and each file would need a browser of its own.
    """
    with ThreadPoolExecutor(1, "browser") as thread:
        yield thread


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Run a test that opens pages in the browser's thread."""
    if "_browsers_thread" not in pyfuncitem.funcargs:
        return None
    asked = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    pyfuncitem.funcargs["_browsers_thread"].submit(pyfuncitem.obj, **asked).result()
    return True


@pytest.fixture(scope="session")
def chromium(_browsers_thread):
    """The browser; where there is none, CI fails and a laptop skips."""
    path = path_of_chromium()
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    def start():
        playwright = sync_playwright().start()
        return playwright, playwright.chromium.launch(executable_path=path, args=FLAGS)

    playwright, browser = _browsers_thread.submit(start).result()
    yield browser
    _browsers_thread.submit(browser.close).result()
    _browsers_thread.submit(playwright.stop).result()


@pytest.fixture
def mock():
    """A fresh mock on any free port."""
    with running_mock(Settings(port=0)) as here:
        yield here


@pytest.fixture
def open_page(chromium, _browsers_thread):
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
        _browsers_thread.submit(context.close).result()
    assert heard == []
