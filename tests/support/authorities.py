"""Whom processes of the tests trust: nobody, for they talk to loopback.

Whatever imports aiohttp reads the file of this machine's authorities, which takes a tenth of a
server's start, and the tests start hundreds.
"""

import os

VARIABLE = "SSL_CERT_FILE"
_OF_THE_MACHINE = os.environ.get(VARIABLE)


def trust_nobody() -> None:
    """From here on, in this process and in those that it starts."""
    os.environ[VARIABLE] = os.devnull


def with_authorities() -> dict[str, str]:
    """The environment for a process that fetches from a registry."""
    kept = {name: value for name, value in os.environ.items() if name != VARIABLE}
    return kept if _OF_THE_MACHINE is None else {**kept, VARIABLE: _OF_THE_MACHINE}
