"""The pictures of the README and of the guide are taken here, so that they show what there is.

`HAKUNA_SCREENSHOTS=docs make test ARGS="-k picture"` takes them anew.
"""

import os
from pathlib import Path

import pytest
from inspected import play

DOCS = Path(__file__).parents[3] / "docs"
MAX_BYTES = 200_000
BUSY = "P{d:2, p:2>d, a:3} F{d:2, a:2}@1 C{a:1}@2 R{d:1, p:1}@5 R{d:1}@9"


def order(mock, open_page):
    play(mock, BUSY)
    page = open_page(mock.url + "/_mock/orders/ord-1", width=1200, height=880)
    page.wait_for_selector("#live.on")
    assert "refund-missing-protection" in page.inner_text(".between")
    return page


def findings(mock, open_page):
    play(mock, f"{BUSY} P#7{{d:1,p:1>d}} F#7{{d:1}}@1 R#7{{d:1,p:1}}@5 R#7{{d:1,p:1}}@5")
    page = open_page(mock.url + "/_mock/findings", width=1200, height=620)
    page.wait_for_selector("#live.on")
    assert "€84.99 of insurance goes on" in page.inner_text("main")
    return page


def fix(mock, open_page):
    *_, refund = play(mock, "P{d:3,p:3>d} F{d:3} R{d:2,p:1}")
    page = open_page(f"{mock.url}/_mock/events/{refund}", width=1200, height=760)
    page.click("text=Replace this event")
    page.wait_for_selector("text=the order's story is clean")
    return page


PICTURES = {"inspector.png": order, "findings.png": findings, "fix.png": fix}


@pytest.mark.parametrize("name", PICTURES)
def test_the_picture_can_be_taken(mock, open_page, tmp_path, name):
    page = PICTURES[name](mock, open_page)
    taken = Path(os.environ.get("HAKUNA_SCREENSHOTS") or tmp_path) / name
    page.screenshot(path=taken)
    assert taken.read_bytes().startswith(b"\x89PNG")
    assert taken.stat().st_size < MAX_BYTES


@pytest.mark.parametrize("name", PICTURES)
def test_the_picture_is_there_and_small(name):
    assert (DOCS / name).read_bytes().startswith(b"\x89PNG")
    assert (DOCS / name).stat().st_size < MAX_BYTES
