"""What is said when the server listens: where, and one command to try."""

import json
import sys

from contracts.http.credentials import mask
from contracts.version import __version__
from mock_server.log_lines import write_line
from mock_server.quickstart import curl
from mock_server.serving import Listening


def announce(here: Listening) -> None:
    """Print the banner: for people on stdout, as one JSON line, or only a made token."""
    settings = here.settings
    if settings.log_format == "json":
        _say(
            json.dumps(
                {"listening": here.url, "events_url": here.events_url, "version": __version__}
            )
        )
    elif settings.log_format == "pretty":
        _say(f"hakuna-mock {__version__} (unofficial) · post events to {here.events_url}")
        if not settings.no_ui:
            _say(f"look at what arrives: {here.inspector_url}")
        _say(f"control API: {here.url}/_mock/v1/ · enforcement: {settings.enforcement}")
        if settings.api_key:
            _say(f"accepted keys: {', '.join(mask(key) for key in settings.api_key)}")
        _say("try it:\n" + curl(here.events_url, settings.api_key[0] if settings.api_key else ""))


def announce_token(token: str) -> None:
    """Print an admin token that was made for this run; it is the only way to learn it."""
    sys.stderr.write(
        f"admin token for /_mock (send it as Hakuna-Mock-Admin): {token}\n"
        "set --admin-token or HAKUNA_MOCK_ADMIN_TOKEN to choose your own\n"
    )
    sys.stderr.flush()


def _say(text: str) -> None:
    write_line(sys.stdout, text)
