"""Credentials in recordings: whose world a request belongs to, and what recorders leave out.

Browsers and loggers remove or mask API keys. A request that was not refused for its credentials had
good ones; they are replaced by a key of the same world, so that the rest can be judged.
"""

import re
from collections.abc import Iterable, Mapping

from contracts.http.credentials import SANDBOX_KEY
from contracts.http.request import joined
from hakuna_mock.inputs.reading import Reading

STAND_IN = "sk_test_" + "recorded"
_NAMES = ("authorization", "bearer", "x-api-key")
_REDACTED = re.compile(
    r"[…*•]|\.\.\.|x{4,}|\b(?:redacted|removed|masked|filtered|hidden)\b", re.IGNORECASE
)


def whole_headers(lines: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Header lines as one value a name, the name as it was first written (RFC 9110 section 5.3)."""
    listed = [(name, value) for name, value in lines if name and not name.startswith(":")]
    values = joined(listed)
    names: dict[str, str] = {}
    for name, _ in listed:
        names.setdefault(name.lower(), name)
    return {names[lower]: value for lower, value in values.items()}


def world_of(headers: Mapping[str, str], reading: Reading) -> str | None:
    """The name of the world of these headers; None where no credentials were recorded."""
    sent = joined(headers.items())
    for name in _NAMES[:2]:
        token = sent.get(name, "").rpartition(" ")[2]
        if token:
            return reading.key_name(token)
    return None


def with_stand_in(
    headers: Mapping[str, str], *, refused: bool, may_be_left_out: bool
) -> dict[str, str] | None:
    """The headers with a key in place of credentials that were not recorded; None where none are
    missing. `refused` says that the recorded reply was a 401: then they are as they were.
    """
    if refused:
        return None
    given = {name: value for name, value in headers.items() if name.lower() in _NAMES}
    hidden = {name: value for name, value in given.items() if _is_redacted(value)}
    if hidden:
        shown = {
            name: STAND_IN if name.lower() != "authorization" else f"Bearer {STAND_IN}"
            for name in hidden
        }
        return {**headers, **shown}
    if not given and may_be_left_out:
        return {**headers, "Authorization": f"Bearer {STAND_IN}"}
    return None


def _is_redacted(value: str) -> bool:
    token = value.rpartition(" ")[2]
    return SANDBOX_KEY.fullmatch(token) is None and bool(_REDACTED.search(value))
