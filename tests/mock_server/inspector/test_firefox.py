"""Two pages in another browser: the live list with its detail, and the fix of an event."""

import pytest
from firefox import firefox
from inspected import play


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with firefox(tmp_path_factory.mktemp("firefox")) as window:
        yield window


def test_the_list_is_live_and_walked_with_keys_in_firefox(mock, browser):
    play(mock, "P{d:1, p:1>d} F{d:1}")
    browser.open(mock.url + "/_mock/")
    browser.wait_for("document.querySelector('#live.on')")
    play(mock, "R{d:1}@5")
    browser.wait_for("document.querySelectorAll('#rows tbody tr').length === 3")
    assert "€84.99" in browser.run("return document.querySelector('#rows td.stake').innerText;")
    browser.press("j")
    assert browser.run("return document.activeElement.className;") == "open"
    browser.run("document.activeElement.click();")
    browser.wait_for("document.querySelector('#detail #fix-it')")


def test_the_fix_of_an_event_is_tried_in_firefox(mock, browser):
    *_, refund = play(mock, "P{d:3,p:3>d} F{d:3} R{d:2,p:1}")
    browser.open(f"{mock.url}/_mock/events/{refund}")
    browser.run("document.querySelector('#fix-it button[value=judge]').click();")
    browser.wait_for("document.querySelector('.done h2')")
    assert "story is clean" in browser.run("return document.querySelector('.done h2').innerText;")
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth;")
