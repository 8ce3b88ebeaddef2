"""Every link in a document of this repository leads somewhere."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    if (ROOT / name).is_file()
)
FENCED = re.compile(r"^(`{3,})[^\n]*\n(?:.*\n)*?\1$", re.MULTILINE)
INLINE = re.compile(r"``[^\n]+?``|`[^`\n]+`")
LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]*(?:\([^()]*\)[^()\s]*)*)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)


def without_code(text: str) -> str:
    return INLINE.sub("", FENCED.sub("", text))


def anchors(text: str) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    found: set[str] = set()
    for heading in HEADING.findall(FENCED.sub("", text)):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        kept = "".join(item for item in shown if item.isalnum() or item in " -_")
        plain = name = kept.strip().replace(" ", "-")
        number = 0
        while name in found:
            number += 1
            name = f"{plain}-{number}"
        found.add(name)
    return found


def broken(document: Path, root: Path = ROOT) -> list[str]:
    """The links of a document that lead nowhere, or out of the repository."""
    text = document.read_text("utf-8")
    wrong = []
    for link in LINK.findall(without_code(text)):
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        path, _, anchor = link.partition("#")
        goal = (document.parent / path).resolve() if path else document
        outside = root not in [goal, *goal.parents]
        heading = not anchor or (
            goal.suffix == ".md" and anchor in anchors(goal.read_text("utf-8"))
        )
        if not goal.exists() or outside or not heading:
            wrong.append(link)
    return wrong


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document):
    assert broken(document) == []


def test_every_page_of_the_documentation_is_reached_from_its_index():
    index = ROOT / "docs" / "README.md"
    reached = {
        (index.parent / link.partition("#")[0]).resolve()
        for link in LINK.findall(without_code(index.read_text("utf-8")))
    }
    pages = {path for path in DOCUMENTS if path.parent.is_relative_to(ROOT / "docs")} - {index}
    assert pages - reached == set()


def test_a_broken_link_is_found(tmp_path):
    page = tmp_path / "a.md"
    (tmp_path / "b.md").write_text(
        "# A `b` & c\n\n```sh\n# no heading\n```\n# A `b` & c\n", "utf-8"
    )
    good = "[x](b.md) [x](b.md#a-b--c) [x](b.md#a-b--c-1) [`x`](https://x.invalid/y) `[x](code.md)`"
    page.write_text(good, "utf-8")
    assert broken(page, tmp_path) == []
    page.write_text("[x](c.md) [x](b.md#no-heading) [x](#here) [`x`](../..)", "utf-8")
    assert broken(page, tmp_path) == ["c.md", "b.md#no-heading", "#here", "../.."]


PATH = re.compile(
    r"`((?:contracts|mock_server|fuzz|hakuna_mock|tests|benchmarks|docs|examples)/[\w./-]+)`"
)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_of_the_repository_that_a_document_names_is_there(path):
    text = FENCED.sub("", path.read_text("utf-8"))
    missing = [named for named in PATH.findall(text) if not (ROOT / named).exists()]
    assert missing == []
