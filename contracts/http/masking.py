"""Secrets in any text, masked before a part of it is shown, cut out or stored.

`credentials.mask` knows how one API key may be shown. Here whole texts are searched: for API keys,
for JSON Web Tokens, and for the user and password of a URL.
"""

import re
from collections.abc import Callable

from contracts.http.credentials import mask

_KEY = r"[sp]k_(?:test|live)_(?:[A-Za-z0-9_]|\\u[0-9A-Fa-f]{4})+"
_JWT = r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?"
_URL_USER = r"(?<=://)[^/@\s\"'<>,{}\\]+(?=@)"
_SECRET = re.compile(f"(?P<key>{_KEY})|(?P<jwt>{_JWT})|(?P<user>{_URL_USER})")
_KEY_PREFIX = re.compile(r"[sp]k_(?:test|live)_")
_SIGNS = ("k_", "eyJ", "://")
"""One of these appears in every text that holds a secret; looking for them is cheap."""


def mask_secrets(text: str) -> str:
    """The text with every secret in it masked: of a key, its prefix and last four characters."""
    return _replaced(text, _short)


def mask_in_place(text: str) -> str:
    """The same, but each mask is as long as what it hides, so that columns stay where they are."""
    return _replaced(text, _same_length)


def _replaced(text: str, masked: Callable[[re.Match[str]], str]) -> str:
    return _SECRET.sub(masked, text) if any(sign in text for sign in _SIGNS) else text


def _short(found: re.Match[str]) -> str:
    return mask(found[0]) if found["key"] and "\\" not in found[0] else _prefix(found) + "…"


def _same_length(found: re.Match[str]) -> str:
    prefix = _prefix(found)
    return prefix + "*" * (len(found[0]) - len(prefix))


def _prefix(found: re.Match[str]) -> str:
    prefix = _KEY_PREFIX.match(found[0])
    return prefix[0] if prefix else ""
