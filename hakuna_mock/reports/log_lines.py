"""Lines for people as a build's log may hold them: data in them never acts on the log."""

import re

_COMMAND_AT_START = re.compile(r"^(\s*):(?=:)", re.MULTILINE)


def log_safe(text: str) -> str:
    """The text in which no line is a workflow command (`::error::`, `##[group]`)."""
    return _COMMAND_AT_START.sub(r"\1: ", text).replace("##[", "# #[")
