"""Whom processes of the tests trust: one authority, for they talk to loopback.

Whatever imports aiohttp reads the file of this machine's authorities, which takes a tenth of a
server's start, and the tests start hundreds.
"""

import os
import ssl
import tempfile
from pathlib import Path

VARIABLE = "SSL_CERT_FILE"
_OF_THE_MACHINE = os.environ.get(VARIABLE)
_END = "-----END CERTIFICATE-----\n"
_FIRST = tempfile.NamedTemporaryFile("w", suffix=".pem", encoding="utf-8")  # noqa: SIM115


def trust_one() -> None:
    """From here on, in this process and in those that it starts; httpx wants a file with one."""
    file = ssl.get_default_verify_paths().cafile
    first, end, _ = Path(file).read_text("utf-8").partition(_END) if file else ("", "", "")
    if end:
        _FIRST.write(first + end)
        _FIRST.flush()
        os.environ[VARIABLE] = _FIRST.name


def with_authorities() -> dict[str, str]:
    """The environment for a process that fetches from a registry."""
    kept = {name: value for name, value in os.environ.items() if name != VARIABLE}
    return kept if _OF_THE_MACHINE is None else {**kept, VARIABLE: _OF_THE_MACHINE}
