"""Who may see what is under /_mock: hosts, origins, and the admin token off loopback.

A page in a browser must not read or change the mock through DNS rebinding or a form of its own;
the mocked endpoint itself stays as open as the provider's.
"""

import hashlib
import hmac
import ipaddress
from urllib.parse import urlsplit

from aiohttp import web

from mock_server.control.responses import ControlError
from mock_server.settings import Settings

ADMIN_HEADER = "Hakuna-Mock-Admin"
ADMIN_COOKIE = "hakuna-mock-admin"
LOGIN = "/_mock/login"
STATIC = "/_mock/static/"
HEALTH = "/_mock/v1/health"
METRICS = "/metrics"
_OPEN = frozenset({HEALTH, LOGIN})
_OF_PROBES = frozenset({HEALTH, METRICS})
"""What programs beside the server ask by its address."""
_SAME = frozenset({"same-origin", "none"})


class TokenNeededError(ControlError):
    """The admin token was not sent, or is another one; a browser is led to the login form."""


def check_visitor(request: web.Request, settings: Settings) -> None:
    """Raise ControlError where this visitor may not see this path."""
    host = request.headers.get("Host", "")
    if not _host_allowed(host, settings, any_address=request.path in _OF_PROBES):
        raise ControlError(
            403,
            f"the host name {host[:80]!r} is not allowed under /_mock; "
            "start the server with --allow-host NAME (HAKUNA_MOCK_ALLOW_HOST)",
        )
    origin = request.headers.get("Origin")
    if origin is not None and _authority(origin) != host.lower():
        raise ControlError(403, f"requests from other origins ({origin[:80]}) are refused")
    site = request.headers.get("Sec-Fetch-Site", "none").lower()
    if site not in _SAME and not _follows_a_link(request):
        raise ControlError(403, "requests from other sites are refused")
    if request.path in _OPEN or request.path.startswith(STATIC):
        return
    if settings.admin_token is None and settings.on_loopback:
        return
    if settings.admin_token is None:
        raise ControlError(403, "off loopback an admin token is needed, and this server has none")
    sent = request.headers.get(ADMIN_HEADER, "")
    if not sent and request.path == METRICS:
        sent = _bearer(request)
    if is_token(sent, settings) or _logged_in(request, settings.admin_token):
        return
    problem = "is missing" if not sent else "is wrong"
    raise TokenNeededError(
        403, f"the header {ADMIN_HEADER} {problem}; the token was printed at the start"
    )


def is_token(sent: str, settings: Settings) -> bool:
    """Whether that is the admin token."""
    token = settings.admin_token
    return token is not None and _same(sent, token)


def _bearer(request: web.Request) -> str:
    """The token of `Authorization: Bearer`: a scraper cannot send a header of its own everywhere.

    Under /_mock that header names a world.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def cookie_of(token: str) -> str:
    """What a browser that logged in carries: made of the token, which cannot be read from it."""
    return hmac.new(token.encode(), b"hakuna-mock inspector", hashlib.sha256).hexdigest()


def _logged_in(request: web.Request, token: str) -> bool:
    return _same(request.cookies.get(ADMIN_COOKIE, ""), cookie_of(token))


def _same(sent: str, expected: str) -> bool:
    return hmac.compare_digest(sent.encode("utf-8", "surrogateescape"), expected.encode())


def _follows_a_link(request: web.Request) -> bool:
    """Whether a person opens a page from elsewhere: the other site cannot read what is shown, and
    reading changes nothing. The control API is never opened like this.
    """
    headers = request.headers
    return (
        request.method in ("GET", "HEAD")
        and not request.path.startswith("/_mock/v1")
        and headers.get("Sec-Fetch-Mode", "").lower() == "navigate"
        and headers.get("Sec-Fetch-Dest", "").lower() == "document"
    )


def _authority(origin: str) -> str | None:
    """Host and port of an origin; None where it has none."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None


def _host_allowed(host: str, settings: Settings, *, any_address: bool) -> bool:
    """Whether requests may name the server so.

    With `any_address` it may be any IP address, as a probe of Kubernetes names it: DNS rebinding
    needs a host name.
    """
    try:
        parts = urlsplit(f"//{host}")
        name = parts.hostname or ""
    except ValueError:
        return False
    if "@" in parts.netloc or parts.netloc != host:
        return False  # `evil@localhost` and `localhost/x` are not host names
    if name in {
        "localhost",
        settings.host.lower(),
        *(item.lower() for item in settings.allow_host),
    }:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback or any_address
    except ValueError:
        return False
