"""The picture in the README is taken here, so that it shows what there is.

`HAKUNA_SCREENSHOT=docs/inspector.png make test ARGS="-k picture"` takes it anew.
"""

import os
from pathlib import Path

from inspected import play

ROOT = Path(__file__).parents[3]
PICTURE = ROOT / "docs" / "inspector.png"
MAX_BYTES = 200_000


def test_the_picture_of_the_readme_can_be_taken(mock, open_page, tmp_path):
    play(mock, "P{d:2, p:2>d, a:3} F{d:2, a:2}@1 C{a:1}@2 R{d:1, p:1}@5 R{d:1}@9")
    page = open_page(mock.url + "/_mock/orders/ord-1", width=1200, height=880)
    page.wait_for_selector("#live.on")
    assert "refund-missing-protection" in page.inner_text(".between")
    taken = Path(os.environ.get("HAKUNA_SCREENSHOT") or tmp_path / "inspector.png")
    page.screenshot(path=taken)
    assert taken.read_bytes().startswith(b"\x89PNG")
    assert taken.stat().st_size < MAX_BYTES


def test_the_picture_is_there_and_small():
    assert PICTURE.read_bytes().startswith(b"\x89PNG")
    assert PICTURE.stat().st_size < MAX_BYTES
