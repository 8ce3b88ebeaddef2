"""The table of report formats: a new format is one module here and one line in the table.

Importing it is cheap; a format's module is imported when it is used.
"""

from collections.abc import Callable
from importlib import import_module

from hakuna_mock.reports.model import Rendering, Report

FORMATS = {
    "text": "text",
    "json": "json_report",
    "jsonl": "jsonl_report",
    "junit": "junit",
    "sarif": "sarif",
    "github": "github",
    "html": "html",
}
"""Name of the format, and the module beside this one that has its `render(report, how)`."""


def render(report: Report, kind: str, how: Rendering) -> str:
    """The report in one format. No secret is in it, wherever it stood in the input."""
    from contracts.http.masking import mask_secrets

    module = import_module(f"{__package__}.{FORMATS[kind]}")
    renderer: Callable[[Report, Rendering], str] = module.render
    return mask_secrets(renderer(report, how))
