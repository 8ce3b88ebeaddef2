"""Coverage as one HTML file that needs nothing else."""

from collections.abc import Mapping
from typing import Any

from contracts.version import __version__
from hakuna_mock.reports.coverage import percent
from hakuna_mock.reports.html import environment, styled
from hakuna_mock.reports.html_sections import coverage_sections


def coverage_html(document: Mapping[str, Any]) -> str:
    """The share of each kind, and how often each item was exercised, what never was first."""
    page = environment().get_template("coverage.html.jinja")
    return page.render(
        version=__version__,
        percent=f"{percent(document):.1f}",
        coverage=coverage_sections(document),
        **styled(),
    )
