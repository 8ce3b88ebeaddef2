"""The coverage page of `pytest --hakuna-coverage=html:PATH`, as a browser shows it."""

import pytest
from browser import OF_A_THEME

from contracts.worlds.coverage import Coverage
from hakuna_mock.reports.coverage_html import coverage_html

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def page(tmp_path):
    """The address of a page of some coverage."""
    document = Coverage({"event_types": {"order_placed": 3}}).to_json()
    (tmp_path / "coverage.html").write_text(coverage_html(document), "utf-8")
    return (tmp_path / "coverage.html").as_uri()


async def test_it_says_the_share_and_names_what_was_never_exercised(page, visit):
    async with visit(page) as seen:
        await seen.unfold()
        text = await seen.page.inner_text("body")
        assert "of the contract exercised" in text
        assert "Event types" in text
        rows = await seen.page.inner_text("details >> nth=0")
        assert "order_placed\t3" in rows
        assert "order_cancelled\tnever" in rows
        assert (seen.said, seen.asked) == ([], [page])


async def test_axe_finds_no_barrier_wide_and_light_or_narrow_and_dark(page, visit):
    async with visit(page, width=1200) as seen:
        assert not await seen.overflows()
        assert await seen.barriers() == []
        await seen.page.emulate_media(color_scheme="dark")
        await seen.resize(360)
        assert not await seen.overflows()
        assert await seen.barriers(*OF_A_THEME) == []
