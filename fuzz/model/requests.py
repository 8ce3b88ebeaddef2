"""Route, credentials and headers of the naive model."""

import re
from collections.abc import Collection, Iterator

from contracts.values import dataclass

EVENTS = "/sandbox/events"
PRODUCTION = "/events"
VERSION = "v2.0"

_KEY_HEADERS = ("authorization", "bearer", "x-api-key")
"""Where a key may be; a live one is refused in any of them, the legacy form included."""

_TEST_KEY = re.compile("sk_test_[A-Za-z0-9_]+")


@dataclass(frozen=True)
class Credentials:
    """The key of the request's world, or None, and what is to say about how it was sent."""

    key: str | None
    live: bool
    advice: tuple[str, ...] = ()


def values_of(headers: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """One value a lowercase header name; lines of one name are joined by a comma."""
    values: dict[str, str] = {}
    for name, value in headers:
        lower, plain = name.lower(), value.strip(" \t")
        values[lower] = f"{values[lower]}, {plain}" if lower in values else plain
    return values


def credentials_of(headers: dict[str, str], auth: str, api_keys: Collection[str]) -> Credentials:
    """Whose request this is; `Authorization` decides where it is present."""
    authorization = headers.get("authorization") if auth != "bearer-header" else None
    bearer = headers.get("bearer") if auth != "authorization" else None
    first = _after_scheme(authorization) if authorization is not None else None
    live = any(_is_live(headers.get(name, "")) for name in _KEY_HEADERS)
    good_first = first if first is not None and _usable(first, api_keys) else None
    good_second = bearer if bearer is not None and _usable(bearer, api_keys) else None
    if live or (authorization is not None and good_first is None):
        return Credentials(None, live)
    if good_first is not None:
        conflict = ("auth-credentials-conflict",) if bearer and bearer != good_first else ()
        return Credentials(good_first, live=False, advice=conflict)
    # Where the server takes no other form there is nothing to prefer.
    advice = ("auth-bearer-header",) if good_second and auth == "both" else ()
    return Credentials(good_second, live=False, advice=advice)


def _after_scheme(value: str) -> str | None:
    scheme, _, key = value.partition(" ")
    return key.strip(" \t") if scheme.lower() == "bearer" else None


def _is_live(value: str) -> bool:
    """Whether a live key is in the header, with or without a scheme before it."""
    return any(word.startswith("sk_live_") for word in value.split())


def _usable(key: str, api_keys: Collection[str]) -> bool:
    return _TEST_KEY.fullmatch(key) is not None and (not api_keys or key in api_keys)


def header_rules(headers: dict[str, str]) -> Iterator[str]:
    """The rules about headers that this request breaks, credentials aside."""
    version = headers.get("hakuna-version", "")
    if not version:
        yield "version-header-missing"
    elif version != VERSION:
        yield "version-header-unexpected"
    if not headers.get("hakuna-idempotency-key"):
        yield "idempotency-key-missing"
    media = headers.get("content-type", "").partition(";")[0].strip(" \t").lower()
    if media != "application/json" and not media.endswith("+json"):
        yield "content-type"


def is_key(value: str) -> bool:
    """Whether this can be an idempotency key: 1 to 255 visible ASCII characters."""
    return 1 <= len(value) <= 255 and all("!" <= item <= "~" for item in value)


def wrong_address(method: str, path: str) -> Iterator[str]:
    """The rule about a request that is not a POST to the endpoint; what browsers fetch is none."""
    if path == PRODUCTION or path.startswith(f"{PRODUCTION}/"):
        yield "production-path"
        return
    icon = path.startswith("/apple-touch-icon") and path.endswith(".png") and path.count("/") == 1
    fetched = path in ("/", "/favicon.ico", "/robots.txt") or icon
    if not (method in ("GET", "HEAD") and fetched):
        yield "wrong-endpoint"
