"""The run as one HTML file that needs nothing else: no script, no network, no font.

What a page shows is bounded, so that a browser opens the report of any run; what was left out is
counted, and the page says where to find it.
"""

import base64
import hashlib
from collections.abc import Sequence
from functools import partial
from importlib.resources import files
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from contracts.findings.finding import State
from contracts.http.masking import mask_secrets
from contracts.money import sums
from contracts.printable import printable
from contracts.version import __version__
from hakuna_mock.reports.html_sections import (
    coverage_sections,
    orders_shown,
    rules_shown,
)
from hakuna_mock.reports.model import Rendering, Report, counted

if TYPE_CHECKING:
    from jinja2 import Environment

MAX_TEXT = 2_000
MAX_NAME = 120
"""So many characters of one text, and of one name or id, from outside are shown."""
NAMES_WIDTH = 240


def render(report: Report, how: Rendering) -> str:
    """Verdict, findings by rule, orders with their timelines, coverage where it is known."""
    orders, orders_left_out = orders_shown(report)
    shown = [event.judged for order in orders for event in order.events]
    rules = rules_shown(report, {item.number for item in shown})
    return (
        environment()
        .get_template("report.html.jinja")
        .render(
            report=report,
            version=__version__,
            fail_on=how.fail_on,
            passed=not report.failing(how.fail_on),
            resolved=sum(finding.state is State.RESOLVED for finding in report.findings),
            names=_names(report),
            **styled(),
            rules=rules,
            anchors={rule.id: rule.anchor for rule in rules},
            orders=orders,
            orders_left_out=orders_left_out,
            worlds=len({order.key for order in orders}),
            shown={item.event_id: item for item in shown if item.event_id},
            coverage=coverage_sections(report.coverage),
            unlisted=report.unlisted,
        )
    )


def environment() -> "Environment":
    """What our pages are made with: all that comes from outside is text, and printable."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # only pages need it

    def from_outside(value: Any) -> Any:
        """Every value of the page but its own markup: printable, and not endless."""
        return _shown(value, MAX_TEXT) if type(value) is str else value

    made = Environment(
        autoescape=True,
        finalize=from_outside,
        loader=FunctionLoader(_beside),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "counted": counted,
        "money_sums": sums,
        "short": partial(_shown, most=MAX_NAME),
    }
    return made


def _shown(text: str, most: int) -> str:
    """A text from outside: its secrets are masked before it is cut."""
    return printable(mask_secrets(text), most)


def styled() -> dict[str, Any]:
    """`style`, and `style_hash` for the page's own policy."""
    from markupsafe import Markup

    style = _beside("report.css")
    return {
        "style": Markup(style),  # noqa: S704 - our own file
        "style_hash": base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    }


def _beside(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _names(report: Report) -> tuple[Sequence[str], int]:
    """What was judged, as many names as fit into a few lines, and how many more there are."""
    names = list(dict.fromkeys(item.source.name for item in report.judged))
    room = accumulate(len(name) + 1 for name in names)
    shown = names[: max(1, sum(used <= NAMES_WIDTH for used in room))]
    return shown, len(names) - len(shown)
