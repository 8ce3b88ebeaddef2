"""What is printed when the server listens: where, and one command to try."""

import json
import shlex
import sys

from contracts.http.credentials import mask
from contracts.version import __version__
from mock_server.log_lines import write_line
from mock_server.option_values import split_named_key
from mock_server.quickstart import curl
from mock_server.serving import Listening
from mock_server.store.state_target import shown


def announce(here: Listening, made_token: str | None = None, drift_file: str = "") -> None:
    """Print where the server listens, for people or as one JSON line, and a token made for it.

    `drift_file` is where a proxy keeps what it finds.
    """
    if made_token is not None:
        _announce_token(made_token)
    settings = here.settings
    if settings.log_format == "json":
        row = {"listening": here.url, "events_url": here.events_url, "version": __version__}
        _print(json.dumps(row | ({"upstream": here.sends_on_to} if here.sends_on_to else {})))
    elif settings.log_format == "pretty":
        _print(f"hakuna-mock {__version__} (unofficial) · post events to {here.events_url}")
        if not settings.no_ui:
            _print(f"look at what arrives: {here.inspector_url}")
        if here.sends_on_to:
            _announce_proxy(here, drift_file)
        else:
            _print(f"control API: {here.url}/_mock/v1/ · enforcement: {settings.enforcement}")
        if settings.state is not None:
            _print(f"state: kept in {shown(settings.state)}")
        if here.sends_on_to:
            return
        if settings.keys:
            _print(f"accepted keys: {', '.join(map(_shown_key, settings.api_key))}")
        _print("try it:\n" + curl(here.events_url, settings.keys[0] if settings.keys else ""))


def _shown_key(named_key: str) -> str:
    name, key = split_named_key(named_key)
    return f"{name} ({mask(key)})" if name else mask(key)


def _announce_proxy(here: Listening, drift_file: str) -> None:
    """Where events go from here, and where to see what came of them."""
    _print(f"each event is sent on to {here.sends_on_to}, and its reply comes back as it was")
    page = "" if here.settings.no_ui else f"{here.inspector_url}drift · "
    _print(f"what the provider did otherwise than assumed: {page}{here.url}/_mock/v1/drift")
    if drift_file:
        _print(f"kept in {drift_file}: hakuna-mock drift {shlex.quote(drift_file)}")


def _announce_token(token: str) -> None:
    """Print an admin token that was made for this run; it is the only way to learn it."""
    sys.stderr.write(
        f"admin token for /_mock (send it as Hakuna-Mock-Admin): {token}\n"
        "set --admin-token or HAKUNA_MOCK_ADMIN_TOKEN to choose your own\n"
    )
    sys.stderr.flush()


def _print(text: str) -> None:
    write_line(sys.stdout, text)
