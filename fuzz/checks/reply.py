"""What one reply must be: status, body, code, id, and on a hakuna-mock its headers.

`verify` and `fuzz` check the same things; what differs is where the expectation comes from.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from contracts.findings.finding import Severity
from contracts.printable import printable
from contracts.values import dataclass
from fuzz.client.http_client import Reply

MAX_RENDERED = 400
"""The longest text that stands for an expected or actual value."""

DOCUMENTED_CODES = frozenset({"invalid_request_parameters", "cancel_decline"})
EVENT_ID = re.compile(r"evt-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class ExpectedReply:
    """What must come back. `rules` are those of the findings header; None leaves them unchecked.

    `severities` gives the rules their order, where it is known; `replayed` says whether the reply
    answers a retry, None leaves that unchecked.
    """

    status: int
    error_code: str | None = None
    rules: Collection[str] | None = None
    severities: dict[str, str] | None = None
    replayed: bool | None = None


@dataclass(frozen=True)
class CheckFailure:
    """A check that failed: its id in `fuzz.checks.catalogue`, what was expected, what came.

    `gist` describes the failure in words that are the same wherever the same thing is wrong.
    """

    check: str
    expected: Any
    actual: Any
    gist: str = ""


def rule_difference(expected: Iterable[str], actual: Iterable[str]) -> str:
    """Which rules are missing and which are too many; empty if the two are the same."""
    due, reported = set(expected), set(map(str, actual))
    parts = [f"{rule} is missing" for rule in sorted(due - reported)]
    parts += [f"{rule} was not expected" for rule in sorted(reported - due)]
    return ", ".join(parts)


def first_difference(differences: str) -> str:
    """The first of several differences: it tells failures apart well enough."""
    return differences.partition(", ")[0]


def rendered(value: Any) -> str:
    """A value of a failed check as text."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return printable(text, MAX_RENDERED)


def reply_failures(
    expected: ExpectedReply, reply: Reply, *, is_mock: bool
) -> Iterator[CheckFailure]:
    """Everything that is wrong with a reply; after a wrong status nothing else is checked."""
    if reply.status != expected.status:
        yield CheckFailure("reply-status", expected.status, reply.status)
        return
    requirement = _unmet_requirement(expected, reply)
    if requirement is not None:
        start = reply.body[:200].decode("utf-8", "replace")
        gist = f"{requirement}: {_shape(reply.json())}"
        yield CheckFailure("reply-body", requirement, start, gist)
        return
    media_type = reply.headers.get("content-type", "").partition(";")[0].strip()
    if media_type != "application/json":
        yield CheckFailure("reply-headers", "Content-Type: application/json", media_type or "none")
    if expected.status != 200:
        code = reply.json()["error"]["error_code"]
        # No code is published for 401 and 404: only our own server must use our names.
        if (is_mock or expected.error_code in DOCUMENTED_CODES) and code != expected.error_code:
            yield CheckFailure("reply-error-code", expected.error_code, code)
    if is_mock:
        yield from _header_failures(expected, reply)


def _shape(value: Any) -> str:
    """The names in a body, without its values: what makes two wrong bodies alike."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {_shape(item)}' for name, item in sorted(value.items()))}}}"
    return type(value).__name__


def _unmet_requirement(expected: ExpectedReply, reply: Reply) -> str | None:
    """What the body should be, if it is not."""
    body = reply.json()
    if expected.status == 200:
        event_id = body.get("event_id") if isinstance(body, dict) and len(body) == 1 else None
        if isinstance(event_id, str) and EVENT_ID.fullmatch(event_id):
            return None
        return 'exactly {"event_id": "evt-<uuid4, lowercase>"}'
    error = body.get("error") if isinstance(body, dict) and len(body) == 1 else None
    if isinstance(error, dict) and set(error) == {"error_code", "validation_errors"}:
        messages = error["validation_errors"]
        if isinstance(error["error_code"], str) and isinstance(messages, list):
            if expected.error_code == "invalid_request_parameters" and not messages:
                return "validation_errors that name what is wrong"
            if all(isinstance(message, str) for message in messages):
                return None
    return 'exactly {"error": {"error_code": text, "validation_errors": [texts]}}'


def _header_failures(expected: ExpectedReply, reply: Reply) -> Iterator[CheckFailure]:
    """What is wrong with the headers that a hakuna-mock adds."""
    listed = [rule for rule in reply.headers.get("hakuna-mock-findings", "").split(",") if rule]
    if expected.rules is not None and sorted(listed) != sorted(set(expected.rules)):
        due = ", ".join(sorted(set(expected.rules))) or "no rule"
        differences = rule_difference(expected.rules, listed) or "a rule is listed twice"
        actual = f"{', '.join(listed) or 'no rule'}: {differences}"
        yield CheckFailure("reply-findings", due, actual, first_difference(differences))
    elif expected.severities is not None:
        ranks = [Severity(expected.severities[rule]).rank for rule in listed]
        if ranks != sorted(ranks):
            yield CheckFailure("reply-findings", "the most severe rule first", listed)
    if expected.status == 401 and reply.headers.get("www-authenticate") != "Bearer":
        challenge = reply.headers.get("www-authenticate", "none")
        yield CheckFailure("reply-headers", "WWW-Authenticate: Bearer", challenge)
    event_id = reply.json().get("event_id") if expected.status == 200 else None
    link = reply.headers.get("link")
    due_link = f'</_mock/events/{event_id}>; rel="describedby"' if event_id and listed else None
    if link != due_link:
        due = f"Link: {due_link}" if due_link else "no Link"
        yield CheckFailure("reply-headers", due, link or "none")
    replayed = "hakuna-mock-replayed" in reply.headers
    if expected.replayed is not None and replayed != expected.replayed:
        yield CheckFailure("reply-headers", f"Hakuna-Mock-Replayed: {expected.replayed}", replayed)
    if not reply.headers.get("hakuna-mock-request"):
        yield CheckFailure("reply-headers", "a Hakuna-Mock-Request id", "none")
    if not reply.headers.get("hakuna-mock"):
        yield CheckFailure("reply-headers", "Hakuna-Mock: its version", "none")
