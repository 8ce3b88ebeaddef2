"""Whether the terminal shows links (OSC 8): then the addresses of sources can be clicked.

There is no way to ask a terminal. Those that are known to show them name themselves in the
environment; `FORCE_HYPERLINK` (`1` or `0`) decides where they do not.
"""

import os
from collections.abc import Mapping

_PROGRAMS = frozenset({"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio"})
_VARIABLES = ("WT_SESSION", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "DOMTERM", "ALACRITTY_WINDOW_ID")
_VTE_SINCE = 5000
"""0.50: the first release of GNOME's terminal library with links."""


def shows_links(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether links may be written; only asked where colours are."""
    forced = environ.get("FORCE_HYPERLINK")
    if forced:
        return forced != "0"
    if environ.get("CI") or environ.get("TERM") in ("dumb", "linux"):
        return False
    vte = environ.get("VTE_VERSION", "")
    return (
        environ.get("TERM_PROGRAM") in _PROGRAMS
        or any(environ.get(name) for name in _VARIABLES)
        or (vte.isdigit() and int(vte) >= _VTE_SINCE)
    )
