"""The documentation as a site: what needs no build; `make docs-site` is strict about the rest."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from modules import load

ROOT = Path(__file__).parents[2]
CONFIG = (ROOT / "mkdocs.yml").read_text("utf-8")
site_links = load("site_links", ROOT / "docs" / "generate" / "site_links.py")


def test_every_page_has_its_place_in_the_navigation_once():
    named = re.findall(r": ([\w/-]+\.md)$", CONFIG, re.MULTILINE)
    pages = [path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")]
    assert sorted(named) == sorted(pages)


def test_the_navigation_has_the_four_kinds_of_documentation():
    assert re.findall(r"^  - (\w[\w-]*):$", CONFIG, re.MULTILINE)[-3:] == [
        "How-to",
        "Reference",
        "Explanation",
    ]
    assert "  - Tutorial: tutorial.md" in CONFIG


@pytest.mark.parametrize(
    ("page", "link", "known", "unknown"),
    [
        ("tutorial.md", "[s](../SECURITY.md#a)", "[s](https://h/x/blob/main/SECURITY.md)", "s"),
        (
            "how-to/ci.md",
            "[e](../../examples/README.md)",
            "[e](https://h/x/blob/main/examples/README.md)",
            "e",
        ),
        ("how-to/ci.md", "[p](../pytest.md)", "[p](../pytest.md)", "[p](../pytest.md)"),
    ],
)
def test_links_out_of_the_documentation_lead_to_the_repository_or_are_text(
    page, link, known, unknown
):
    where = SimpleNamespace(file=SimpleNamespace(src_uri=page))
    for url, expected in (("https://h/x", known), (None, unknown)):
        config = SimpleNamespace(repo_url=url)
        assert site_links.on_page_markdown(link, page=where, config=config, files=None) == expected


def test_the_guide_to_fuzzing_is_two_pages_long():
    assert len((ROOT / "docs" / "fuzzing.md").read_text("utf-8").split()) < 1000


def test_every_message_of_the_troubleshooting_page_is_one_of_ours():
    """Headings that quote a message quote it as the code has it."""
    text = (ROOT / "docs" / "how-to" / "troubleshooting.md").read_text("utf-8")
    sources = "\n".join(
        path.read_text("utf-8")
        for room in ("contracts", "mock_server", "hakuna_mock", "fuzz")
        for path in (ROOT / room).rglob("*.py")
    )
    for quoted in (
        "does not work here",
        "runs from a checkout here, and names of its packages are taken",
        "is not allowed under /_mock",
        "nothing was received",
        "metrics need prometheus-client",
        "this is a fault of hakuna-mock itself",
    ):
        assert quoted.split(" under ")[0] in text, quoted
        assert quoted in sources, quoted


def test_the_generator_runs_where_the_site_is_not_built():
    assert "mkdocs" not in sys.modules
