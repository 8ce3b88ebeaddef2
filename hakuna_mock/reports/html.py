"""The run as one HTML file that needs nothing else: no script, no network, no font.

What a page shows is bounded, so that a browser opens the report of any run; what was left out is
counted, and the page says where to find it.
"""

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from contracts.findings import State
from contracts.printable import printable
from contracts.version import __version__
from hakuna_mock.reports.html_sections import (
    coverage_sections,
    orders_shown,
    rules_shown,
)
from hakuna_mock.reports.model import Report
from hakuna_mock.reports.words import counted

MOST_TEXT = 2_000
"""So many characters of one text from outside are shown."""
MOST_NAMES = 12


def html_report(report: Report, *, fail_on: str) -> str:
    """Verdict, findings by rule, orders with their timelines, coverage where it is known."""
    from jinja2 import Environment, StrictUndefined  # only this format needs it
    from markupsafe import Markup

    def from_outside(value: Any) -> Any:
        """Every value of the page but its own markup: printable, and not endless."""
        return printable(value, MOST_TEXT) if type(value) is str else value

    environment = Environment(
        autoescape=True,
        finalize=from_outside,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["counted"] = counted
    style = _beside("report.css")
    orders, orders_left_out = orders_shown(report)
    events = {event.number for order in orders for event in order.events}
    return environment.from_string(_beside("report.html.jinja")).render(
        report=report,
        version=__version__,
        fail_on=fail_on,
        passed=not report.failing(fail_on),
        resolved=sum(one.state is State.RESOLVED for one in report.findings),
        names=_names(report),
        style=Markup(style),  # noqa: S704 - our own file
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        rules=rules_shown(report, events),
        orders=orders,
        orders_left_out=orders_left_out,
        worlds=len({order.key for order in orders}),
        coverage=coverage_sections(report.coverage),
        unlisted=report.events - len(report.judged),
    )


def _beside(name: str) -> str:
    return files("hakuna_mock.reports").joinpath(name).read_text("utf-8")


def _names(report: Report) -> tuple[Sequence[str], int]:
    """What was judged, and how many further names there are."""
    names = list(dict.fromkeys(one.source.name for one in report.judged))
    return names[:MOST_NAMES], max(0, len(names) - MOST_NAMES)
