"""Drift as one HTML file that needs nothing else: no script, no network, no font."""

from contracts.drift.attribution import State, standings
from contracts.drift.document import summary
from contracts.drift.drift import Drift
from contracts.timing.rfc3339 import show
from contracts.version import __version__
from hakuna_mock.reports.html import environment, styled
from hakuna_mock.reports.model import Rendering


def render(drift: Drift, how: Rendering) -> str:
    """What we assumed beside what the provider did, refuted first."""
    del how
    found = standings(drift)
    page = environment()
    page.filters["when"] = show
    return page.get_template("drift.html.jinja").render(
        version=__version__,
        drift=drift,
        counts=summary(found),
        refuted=found.refuted,
        confirmed=found.of(State.CONFIRMED),
        untested=found.of(State.NOT_EXERCISED),
        unclear=found.unclear,
        unexplained=found.unexplained,
        **styled(),
    )
