"""A request that was sent, as a scenario's step: its body, and what its headers have beyond those
of a client that does everything right. No secret gets into a step.
"""

import re
from collections.abc import Iterable, Mapping

from contracts.faults.fault import FAULT_HEADER
from contracts.http.credentials import SANDBOX_KEY
from contracts.http.idempotency import KEY_HEADER
from contracts.http.masking import mask_secrets
from contracts.http.request import joined
from contracts.json_text.parser import Document, parse
from contracts.judging.replies import ENDPOINT
from contracts.scenarios.format import FIRST_KEY, Step, StepExpectation
from contracts.scenarios.rule_examples import usual_headers

CREDENTIALS = ("Authorization", "Bearer", "X-API-KEY")
"""The headers in which a key is sent, the deciding one first."""

_SPOKEN_OF = {
    name.lower(): name for name in (*usual_headers(0), *CREDENTIALS, KEY_HEADER, FAULT_HEADER)
}
"""The headers that the contract speaks of; others, cookies among them, are left out."""

_OWN, _OTHER, _REMOVED = "{key}", "{key}_other", "(removed)"
"""The step's own key, another one that is as good, and what stands for a value that is neither."""

_OF_KEYS = frozenset(name.lower() for name in CREDENTIALS)
_NEVER_KEPT = frozenset({"cookie", "set-cookie", "proxy-authorization", "hakuna-mock-admin"})
_TOKEN = re.compile(r"[^\s,]+")
_SCHEMES = frozenset({"bearer", "basic", "digest", "token", "apikey", "key", "negotiate"})
_LIVE_KEY = re.compile(r"sk_live_[^()]*")  # a masked one is none: it is refused again as it was
_KEY_PREFIX = re.compile(r"(?:sk_test_|[sp]k_(?:test|live)?_?)")


def step_from_request(
    headers: Iterable[tuple[str, str]] | None,
    body: bytes,
    *,
    key: str = FIRST_KEY,
    expect: StepExpectation | None = None,
    method: str = "POST",
    path: str = ENDPOINT,
) -> Step:
    """The step; `headers` None are those of a good client, `key` is the name of the key."""
    text = mask_secrets(body.decode("utf-8", "surrogateescape"))
    raw = text.encode("utf-8", "surrogateescape")
    parsed = parse(raw)
    whole = isinstance(parsed, Document) and not parsed.duplicates
    return Step(
        body=parsed.value if isinstance(parsed, Document) and whole else None,
        raw=None if whole else raw,
        headers={} if headers is None else changed_headers(headers),
        key=key,
        expect=expect or StepExpectation(),
        method=method,
        path=mask_secrets(path),
    )


def changed_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str | None]:
    """What differs from a good client's headers; None for one that was not sent."""
    sent = {name: value for name, value in joined(headers).items() if name in _SPOKEN_OF}
    own = _own_key(sent)
    usual = usual_headers(0, _OWN)
    changed: dict[str, str | None] = {}
    for name, value in sent.items():
        spelled = _SPOKEN_OF[name]
        safe = without_secrets(spelled, value, own)
        if spelled == KEY_HEADER or safe != usual.get(spelled):
            changed[spelled] = safe
    return {**changed, **{name: None for name in usual if name.lower() not in sent}}


def _own_key(sent: Mapping[str, str]) -> str | None:
    """The key that decides whose world it is."""
    for name in CREDENTIALS:
        for token in _TOKEN.findall(sent.get(name.lower(), "")):
            if SANDBOX_KEY.fullmatch(token) or _LIVE_KEY.fullmatch(token):
                return str(token)
    return None


def without_secrets(name: str, value: str, own: str | None = None) -> str:
    """A header's value without any secret; what is left is refused or accepted as before."""
    if name.lower() in _NEVER_KEPT:
        return _REMOVED
    if name.lower() not in _OF_KEYS:
        return mask_secrets(value)
    return _TOKEN.sub(lambda found: _safe(found[0], own), value)


def _safe(token: str, own: str | None) -> str:
    if token == own:
        return _OWN
    if token.lower() in _SCHEMES or token.startswith("{key}"):
        return token
    if SANDBOX_KEY.fullmatch(token) or _LIVE_KEY.fullmatch(token):
        return _OTHER
    prefix = _KEY_PREFIX.match(token)
    if prefix is None:
        return _REMOVED
    return token if token == prefix[0] else prefix[0] + _REMOVED
