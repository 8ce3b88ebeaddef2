"""The one address that requests are sent on to. It is fixed at the start, never by a request."""

import ipaddress
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

from contracts.http.masking import mask_secrets
from contracts.judging.replies import ENDPOINT, base_url
from contracts.printable import printable
from contracts.values import dataclass
from mock_server.start_error import StartError

FLAG = "--upstream"
_EXAMPLE = "https://api.hellohakuna.com"


@dataclass(frozen=True)
class Address:
    """The base URL of a provider; events are posted to `events_url`."""

    url: str

    @property
    def events_url(self) -> str:
        """Where events are sent on to."""
        return self.url + ENDPOINT

    @property
    def host(self) -> str:
        """The host alone, in lowercase."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The port, also where the URL does not name it."""
        parts = urlsplit(self.url)
        return parts.port or (443 if parts.scheme == "https" else 80)


def read_address(given: str, allowed: Collection[str] = ()) -> Address:
    """The address in an option; StartError where it cannot be used, or may not.

    `allowed` are hosts off this machine that may receive requests.
    """
    shown = printable(mask_secrets(given), 200)
    parts = _parts(given, shown)
    address = Address(base_url(given))
    host = address.host
    if "sk_live_" in given:
        raise StartError(f"{FLAG} {shown}: an API key does not belong into a URL")
    if is_loopback(host):
        return address
    if host not in {item.lower() for item in allowed}:
        raise StartError(
            f"{FLAG}: {host} is not this machine; if it may receive your requests, "
            f"add --allow-host {host}"
        )
    if parts.scheme != "https":
        raise StartError(
            f"{FLAG} {shown}: keys and orders would travel unencrypted; write https://{host}"
        )
    return address


def _parts(given: str, shown: str) -> SplitResult:
    try:
        parts = urlsplit(given)
        parts.port  # noqa: B018 - raises if it is not a port
    except ValueError as error:
        raise StartError(f"{FLAG} {shown} is not a URL: {str(error)[:80]}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise StartError(f"{FLAG} {shown} is not the URL of a server; write {_EXAMPLE}")
    if "@" in parts.netloc:
        raise StartError(
            f"{FLAG}: the URL has a user and password, which are never sent; write {_EXAMPLE}"
        )
    if parts.query or parts.fragment:
        raise StartError(f"{FLAG} {shown}: leave out what begins with ? or #")
    if parts.path.rstrip("/").endswith("/events") and not parts.path.rstrip("/").endswith(ENDPOINT):
        raise StartError(
            f"{FLAG} {shown}: this is the production path, and only the sandbox is used; "
            f"write {_EXAMPLE}"
        )
    return parts


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
