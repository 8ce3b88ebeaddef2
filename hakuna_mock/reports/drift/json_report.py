"""Drift as JSON, which can be merged again."""

from contracts.drift.document import to_json
from contracts.drift.drift import Drift
from hakuna_mock.reports.model import Rendering
from hakuna_mock.reports.safe_text import dumps


def render(drift: Drift, how: Rendering) -> str:
    """The document."""
    del how
    return dumps(to_json(drift), indent=2)
