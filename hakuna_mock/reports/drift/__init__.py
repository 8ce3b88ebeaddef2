"""Reports of drift: what was assumed of the provider, and what it did.

A format is a module here and a line in `FORMATS`; its `render(drift, how)` gives the text.
"""

from collections.abc import Callable
from importlib import import_module

from contracts.drift.drift import Drift
from hakuna_mock.reports.model import Rendering

FORMATS = {"text": "text", "json": "json_report", "html": "html"}
"""Name of the format, and its module."""


def render(drift: Drift, kind: str, how: Rendering) -> str:
    """The drift in one format, without a secret in it."""
    from contracts.http.masking import mask_secrets

    module = import_module(f"{__name__}.{FORMATS[kind]}")
    renderer: Callable[[Drift, Rendering], str] = module.render
    return mask_secrets(renderer(drift, how))
