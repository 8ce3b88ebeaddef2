"""A request that was sent, as a scenario's step: its body, and what its headers have beyond those
of a client that does everything right. `step_from_request` lets no secret into a step.
"""

import json
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
from contracts.values import replace

CREDENTIALS = ("Authorization", "Bearer", "X-API-KEY")
"""The headers in which a key is sent, the deciding one first."""

MASKED_KEY = re.compile(r"(sk_test_|sk_live_|pk_test_|pk_live_)…\w{0,4}")
"""What the journal shows of a key."""

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
    """The step without any secret; `headers` None are a good client's, `key` names the key."""
    text = mask_secrets(body.decode("utf-8", "surrogateescape"))
    step = step_as_sent(None, text.encode("utf-8", "surrogateescape"), method=method)
    return replace(
        step,
        headers={} if headers is None else changed_headers(headers),
        key=key,
        expect=expect or StepExpectation(),
        path=mask_secrets(path),
    )


def step_as_sent(
    headers: Mapping[str, str] | None,
    body: bytes,
    *,
    method: str = "POST",
    path: str = ENDPOINT,
    same_bytes: bool = False,
) -> Step:
    """The step of a request whose own key is `{key}` already, with all else that it holds.

    Whoever calls it answers for secrets. `headers` None are those of a good client. `same_bytes`:
    a body that JSON would write in other bytes stays bytes.
    """
    parsed = parse(body)
    value = parsed.value if isinstance(parsed, Document) else None
    is_json = isinstance(parsed, Document) and not parsed.duplicates
    if same_bytes:
        is_json = is_json and json.dumps(value).encode() == body
    return Step(
        body=value if is_json else None,
        raw=None if is_json else body,
        headers={} if headers is None else _changed(headers),
        method=method,
        path=path,
    )


def changed_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str | None]:
    """What differs from a good client's headers, without secrets; None for one that was not sent.

    Only headers that the contract speaks of are kept, in its spelling.
    """
    sent = {name: value for name, value in joined(headers).items() if name in _SPOKEN_OF}
    own = _own_key(sent)
    return _changed(
        {
            _SPOKEN_OF[name]: without_secrets(_SPOKEN_OF[name], value, own)
            for name, value in sent.items()
        }
    )


def unmasked(
    headers: Iterable[tuple[str, str]], masked: str, key: str, *, refused: bool
) -> list[tuple[str, str]]:
    """The headers of a journal row with keys for their masks: `key` for the mask `masked`, for
    others one that acts alike. `refused`: they were no good, so none of them becomes a good one.
    """
    other = r"\1(removed)" if refused else f"{key}_other"
    return [
        (name, MASKED_KEY.sub(other, value.replace(masked, key) if masked else value))
        for name, value in headers
    ]


def _changed(sent: Mapping[str, str]) -> dict[str, str | None]:
    usual = usual_headers(0, _OWN)
    changed: dict[str, str | None] = {
        name: value
        for name, value in sent.items()
        if name == KEY_HEADER or value != usual.get(name)
    }
    return {**changed, **{name: None for name in usual if name not in sent}}


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
