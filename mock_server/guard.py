"""Who may see what is under /_mock: hosts, origins, and the admin token off loopback.

A page in a browser must not read or change the mock through DNS rebinding or a form of its own;
the mocked endpoint itself stays as open as the provider's.
"""

import hmac
import ipaddress
from urllib.parse import urlsplit

from aiohttp import web

from mock_server.control.answers import ControlError
from mock_server.settings import Settings

ADMIN_HEADER = "Hakuna-Mock-Admin"
_OPEN = frozenset({"/_mock/v1/health"})
_SAME = frozenset({"same-origin", "none"})


def check_visitor(request: web.Request, settings: Settings) -> None:
    """Raise ControlError where this visitor may not see this path."""
    host = request.headers.get("Host", "")
    if not _host_allowed(host, settings):
        raise ControlError(
            403,
            f"the host name {host[:80]!r} is not allowed under /_mock; "
            "start the server with --allow-host NAME (HAKUNA_MOCK_ALLOW_HOST)",
        )
    origin = request.headers.get("Origin")
    if origin is not None and _authority(origin) != host.lower():
        raise ControlError(403, f"requests from other origins ({origin[:80]}) are refused")
    if request.headers.get("Sec-Fetch-Site", "none").lower() not in _SAME:
        raise ControlError(403, "requests from other sites are refused")
    if request.path in _OPEN or (settings.admin_token is None and settings.on_loopback):
        return
    if settings.admin_token is None:
        raise ControlError(403, "off loopback an admin token is needed, and this server has none")
    sent = request.headers.get(ADMIN_HEADER, "")
    if not hmac.compare_digest(
        sent.encode("utf-8", "surrogateescape"), settings.admin_token.encode()
    ):
        said = "is missing" if not sent else "is wrong"
        raise ControlError(
            403, f"the header {ADMIN_HEADER} {said}; the token was printed at the start"
        )


def _authority(origin: str) -> str | None:
    """Host and port of an origin; None where it has none."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None


def _host_allowed(host: str, settings: Settings) -> bool:
    try:
        parts = urlsplit(f"//{host}")
        name = parts.hostname or ""
    except ValueError:
        return False
    if "@" in parts.netloc or parts.netloc != host:
        return False  # `evil@localhost` and `localhost/x` are no host names
    if name in {"localhost", settings.host.lower(), *(one.lower() for one in settings.allow_host)}:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
