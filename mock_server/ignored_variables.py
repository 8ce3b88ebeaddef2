"""Environment variables that look like settings and set nothing."""

import os
import re
from collections.abc import Mapping

from contracts.suggestions import nearest
from mock_server.settings import (
    ENV_PREFIX,
    OPTIONS,
    OTHERS_VARIABLES,
    PORT_VARIABLE,
    env_name,
    is_service_link,
)

_SERVICE_LINK = re.compile(r"SERVICE_(HOST|PORT(_\w+)?)|PORT_[0-9]+_(TCP|UDP|SCTP)(_\w+)?")


def variable_notices(environ: Mapping[str, str] | None = None) -> list[str]:
    """What to tell about variables that look like settings and set nothing."""
    environ = os.environ if environ is None else environ
    notices = []
    if is_service_link(environ.get(PORT_VARIABLE, "")):
        notices.append(
            f"{PORT_VARIABLE} is ignored: it describes a Kubernetes service of the name "
            "hakuna-mock; use --port, or turn enableServiceLinks off"
        )
    for name in sorted(environ):
        option = name.removeprefix(ENV_PREFIX)
        known = option.lower() in OPTIONS or name in OTHERS_VARIABLES
        if option == name or known or _SERVICE_LINK.fullmatch(option):
            continue
        meant = nearest(option, OPTIONS)
        more = f"; did you mean {env_name(meant)}?" if meant else ""
        notices.append(f"{name} is not a setting of the server, so it does nothing{more}")
    return notices
