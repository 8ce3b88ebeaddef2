"""Who is asking: the two spellings of the API key, and how a key is shown to people.

The page we mock sends a header literally named `Bearer`; the reference sends
`Authorization: Bearer KEY`. Both work by default.
"""

import re
from enum import StrEnum
from typing import Protocol

from contracts.http.request import Request
from contracts.values import dataclass

SANDBOX_KEY = re.compile(r"sk_test_[A-Za-z0-9_]+")
"""What a sandbox key looks like."""

_SECRET = re.compile(r"([sp]k_(?:test|live)_)([A-Za-z0-9_]+)")
_VISIBLE_FROM = 12

_ESCAPE = re.compile(r"\\{1,8}u00([0-9A-Fa-f]{2})")
"""A character of ASCII as JSON may write it; JSON inside a JSON text doubles the backslash."""


def _escapable(text: str) -> str:
    """A pattern for a text of which JSON escapes any character."""
    return "".join(rf"(?:{char}|\\{{1,8}}u00(?i:{ord(char):02x}))" for char in text)


_ESCAPED_LETTER = re.compile(r"\\u00[3-7]")
"""Every key that JSON escapes holds one; few texts do, umlauts are not letters of a key."""

_LETTERS = r"(?:[A-Za-z0-9_]++|\\{1,8}u00(?i:3[0-9]|[46][1-9a-f]|[57][0-9a]|5f))++"
_LIVE = _escapable("sk_live_")
_ESCAPED_SECRET = re.compile(
    f"(?:{_escapable('s')}|{_escapable('p')}){_escapable('k_')}"
    f"(?:{_escapable('test')}|{_escapable('live')}){_escapable('_')}{_LETTERS}"
)
_ESCAPED_LETTER_OF_BYTES = re.compile(_ESCAPED_LETTER.pattern.encode())
_LIVE_KEY = re.compile(rb"sk_live_[A-Za-z0-9_]+")
_ESCAPED_LIVE_KEY = re.compile(f"{_LIVE}{_LETTERS}".encode())


class Auth(StrEnum):
    """Which header carries the key: both forms, `Authorization: Bearer KEY`, or `Bearer: KEY`."""

    BOTH = "both"
    AUTHORIZATION = "authorization"
    BEARER_HEADER = "bearer-header"


class KeyPolicy(Protocol):
    """Which header carries the key, and which keys exist (empty: any well-formed sandbox key)."""

    @property
    def auth(self) -> Auth: ...

    @property
    def api_keys(self) -> frozenset[str]: ...


@dataclass(frozen=True)
class Credentials:
    """What the headers say about the sender.

    Exactly one of `key` and `problem` is set. `live` says that a production key was sent,
    `from_bearer_header` that only the page's literal `Bearer` header carried the key although the
    other is taken as well, `conflict` that two accepted headers carry different keys.
    """

    key: str | None = None
    problem: str | None = None
    fix: str = ""
    live: bool = False
    from_bearer_header: bool = False
    conflict: bool = False


def read_credentials(request: Request, policy: KeyPolicy) -> Credentials:
    """The sender's key, or why there is none. Pure: whether a key exists is in the policy."""
    authorization = request.header("Authorization")
    bearer = request.header("Bearer")
    if "sk_live_" in f"{authorization} {bearer} {request.header('X-API-KEY')}":
        return Credentials(
            problem="a live key was sent to a sandbox",
            fix="use a sandbox key (sk_test_…) here; revoke the live key if it was seen",
            live=True,
        )
    bearer_key = None if policy.auth == Auth.AUTHORIZATION else bearer
    if policy.auth != Auth.BEARER_HEADER and authorization is not None:
        return _from_authorization(authorization, bearer_key, policy)
    if bearer_key:
        problem = _key_problem(bearer_key, policy)
        if problem:
            return _refused("Bearer", problem)
        return Credentials(key=bearer_key, from_bearer_header=policy.auth == Auth.BOTH)
    return _nothing_sent(request, policy)


def _from_authorization(value: str, bearer: str | None, policy: KeyPolicy) -> Credentials:
    scheme, _, rest = value.partition(" ")
    key = rest.strip()
    if scheme.lower() != "bearer" or not key:
        problem = (
            "has no key after its scheme" if scheme.lower() == "bearer" else _wrong_scheme(value)
        )
    else:
        problem = _key_problem(key, policy) or ""
    if not problem:
        return Credentials(key=key, conflict=bool(bearer) and bearer != key)
    refused = _refused("Authorization", problem)
    if bearer and not _key_problem(bearer, policy):
        both = f"{refused.problem}; the Bearer header beside it is good, but Authorization decides"
        return Credentials(problem=both, fix=f"{refused.fix}, or send only one of the two headers")
    return refused


def _wrong_scheme(value: str) -> str:
    if not value:
        return "is empty"
    if SANDBOX_KEY.fullmatch(value):
        return "holds a key without the word Bearer before it"
    return "does not start with the word Bearer and a space"


def _refused(header: str, problem: str) -> Credentials:
    form = "Authorization: Bearer sk_test_…" if header == "Authorization" else "Bearer: sk_test_…"
    return Credentials(problem=f"the {header} header {problem}", fix=f"send {form}")


def _key_problem(key: str, policy: KeyPolicy) -> str | None:
    if not SANDBOX_KEY.fullmatch(key):
        if key.startswith("pk"):
            return "carries a publishable key (pk…), which never authenticates"
        if key.lower().startswith("bearer "):
            return "repeats the word Bearer in its value"
        if "," in key:
            return "was sent more than once, or holds a comma"
        if key == "sk_test_":
            return "holds the prefix sk_test_ without a key after it"
        return "does not hold a sandbox key (sk_test_ and then letters, digits or _)"
    if policy.api_keys and key not in policy.api_keys:
        return f"carries the key {mask(key)}, which this server was not told to accept (--api-key)"
    return None


def _nothing_sent(request: Request, policy: KeyPolicy) -> Credentials:
    form = (
        "Bearer: sk_test_…"
        if policy.auth == Auth.BEARER_HEADER
        else "Authorization: Bearer sk_test_…"
    )
    problem = "no API key was sent"
    if request.header("X-API-KEY") is not None:
        problem = "the key was sent as X-API-KEY, a form of 2022 that events do not take"
    elif request.header("Authorization") is not None or request.header("Bearer"):
        problem = f"this server takes the key only in the other header (--auth {policy.auth})"
    return Credentials(problem=problem, fix=f"send {form}")


def mask(key: str) -> str:
    """A key as it may be shown: its prefix, and the last four characters of a long one."""
    match = _SECRET.fullmatch(key)
    prefix, secret = (match[1], match[2]) if match else ("", key)
    return f"{prefix}…{secret[-4:]}" if len(secret) >= _VISIBLE_FROM else f"{prefix}…"


def mask_keys(text: str) -> str:
    """Any text with every API key in it masked, also where JSON escapes hide one."""
    if "\\u00" in text and _ESCAPED_LETTER.search(text):
        text = _ESCAPED_SECRET.sub(lambda match: mask(_unescaped(match[0])), text)
    if "k_" not in text:
        return text
    return _SECRET.sub(lambda match: mask(match[0]), text)


def _unescaped(key: str) -> str:
    return _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), key)


def without_live_key(text: str | None) -> str | None:
    """An id as findings and pages may show it: never with a live key in it.

    A sandbox key in an id stays: what has an id must be found by it (SECURITY.md says so).
    """
    return mask_keys(text) if text and "sk_live_" in text else text


def without_live_keys(body: bytes) -> bytes:
    """A body as it may be stored: live keys are never kept, however JSON writes them."""
    if b"\\u00" in body and _ESCAPED_LETTER_OF_BYTES.search(body):
        body = _ESCAPED_LIVE_KEY.sub(b"sk_live_(removed)", body)
    return _LIVE_KEY.sub(b"sk_live_(removed)", body) if b"sk_live_" in body else body
