"""Text and JSON in which nothing from outside acts on a terminal or on the log of a build."""

import json
import re
from typing import Any

_NOT_PLAIN = re.compile(r"[^\n\x20-\x7e]")
_COMMAND_AT_START = re.compile(r"^(\s*):(?=:)", re.MULTILINE)


def log_safe(text: str) -> str:
    """The text in which no line is a workflow command (`::error::`, `##[group]`)."""
    return _COMMAND_AT_START.sub(r"\1: ", text).replace("##[", "# #[")


def dumps(document: Any, indent: int | None = None) -> str:
    """The document as JSON. Control, direction and other invisible characters are escaped.

    So is `##[`, which starts a command wherever it appears in a log of GitHub Actions.
    """
    text = _NOT_PLAIN.sub(_escaped, json.dumps(document, indent=indent, ensure_ascii=False))
    return text.replace("##[", "#\\u0023[")


def _escaped(found: re.Match[str]) -> str:
    sign = found[0]
    return sign if sign.isprintable() else json.dumps(sign)[1:-1]
