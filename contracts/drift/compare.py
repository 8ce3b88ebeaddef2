"""The comparison: our verdict, the provider's reply and the history in, outcomes out.

Theory of operation. What the provider did (accepted, refused, gave no usable reply) decides which
assumptions an exchange can say something about. What it accepted is accepted for every rule that
fired. What it refused may be refused because of any of them: those are suspects, and which of them
it was, `attribution.py` finds out over many exchanges. Of a reply's form each exchange says enough
by itself.
"""

import re
from collections.abc import Iterator
from typing import Any

from contracts.drift.comparison import Outcome, Refusal
from contracts.drift.exchange import ProviderReply
from contracts.drift.wire import LARGE_BODY, LATENCY_MS, LONG_TEXT, MANY_ITEMS
from contracts.event_kinds import ITEM_LISTS
from contracts.http.limits import MAX_ITEMS
from contracts.rules import RULES, Stage
from contracts.values import dataclass

EVENT_ID = re.compile(r"evt-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

MAX_SEEN = 160
"""Characters that say what the provider did."""

_NUMBER = re.compile(rb'"(?:quantity|price_amount)"\s*:\s*[0-9]+(?:\.[0-9]+)?(?:[eE]|(?<=\.0))')
_CREDENTIALS = frozenset({"auth-invalid", "auth-environment-mismatch"})
AUTHORIZATION = "auth-authorization"
"""The trait of a request whose API key is in the header Authorization alone."""

_AUTH_SUSPECTS = ("auth-bearer-header", "auth-credentials-conflict", AUTHORIZATION)
_OF_KEY = frozenset({"idempotency-key-reused", "idempotency-key-invalid"})
_STATE = (Stage.ARRIVAL, Stage.STATE)

_SAYS_NOTHING = frozenset({403, 405, 407, 408, 410, 411, 451})
"""Statuses that no rule about events explains."""

_SUSPECTED = {413: ("large-body", "many-items"), 415: ("content-type",)}
"""Statuses that mean one thing."""


@dataclass(frozen=True)
class OurVerdict:
    """What we made of the request.

    `refusing` are the rules that make us refuse it, `fired` the others that fired. `malformed`
    says that its body is not a well-formed event, also where something else is refused first.
    """

    status: int
    refusing: tuple[str, ...] = ()
    fired: tuple[str, ...] = ()
    replayed: bool = False
    malformed: bool = False


@dataclass(frozen=True)
class History:
    """What is known from earlier exchanges with the same key.

    `replied` is the provider's id and status for the event that is repeated; `id_given` says that
    the id in the reply was given before. `order_unknown`: the event names an order that we do not
    know. `complete`: what we do not know, the provider does not know either. `mirrored`: the
    provider knows of the order what we know. `placed_late`: events of the order came before it,
    and the provider had accepted them. `key_refused`: an event was refused under this key.
    """

    replied: tuple[str | None, int] | None = None
    id_given: bool = False
    order_unknown: bool = False
    complete: bool = False
    mirrored: bool = True
    placed_late: bool = False
    key_refused: bool = False
    reached: bool = False
    """Whether the provider accepted anything under this key: before that, the address or the key
    may be wrong."""


@dataclass(frozen=True)
class Compared:
    """What an exchange says."""

    outcomes: tuple[Outcome, ...] = ()
    refusal: Refusal | None = None
    failure: str = ""


def compare(
    ours: OurVerdict, reply: ProviderReply, traits: tuple[str, ...], history: History
) -> Compared:
    """Hold one exchange against the assumptions. Pure."""
    if reply.status is None:
        return Compared(failure="no reply in time" if reply.late else f"no reply: {reply.error}")
    if reply.status >= 500:
        return Compared(tuple(_of_errors(reply)), failure=f"status {reply.status}")
    always = (
        _outcome("latency", reply.duration_ms <= LATENCY_MS, f"{reply.duration_ms:.0f} ms"),
        _outcome("rate-limit", reply.status != 429, "429"),
        _outcome("no-redirect", not 300 <= reply.status < 400, str(reply.status)),
    )
    if reply.status == 429:
        return Compared((*always, *_of_errors(reply)))
    if reply.accepted:
        return Compared((*always, *_accepted(ours, reply, traits, history)))
    if reply.refused:
        found, refusal = _refused(ours, reply, traits, history)
        return Compared((*always, *_of_errors(reply), *found), refusal)
    return Compared(always)


def _outcome(assumption: str, confirmed: bool, saw: str = "") -> Outcome:  # noqa: FBT001
    return Outcome(assumption, confirmed, "" if confirmed else saw[:MAX_SEEN])


def _accepted(
    ours: OurVerdict, reply: ProviderReply, traits: tuple[str, ...], history: History
) -> Iterator[Outcome]:
    status = str(reply.status)
    if ours.replayed and history.replied:
        yield from _replayed(reply, history.replied)
        return
    yield from _form_of_acceptance(reply, history)
    for rule in ours.refusing:
        yield _outcome(rule, False, f"{status}: accepted")
    for rule in _telling(ours, history):
        # An order that is unknown here may be known there, from before we listened.
        if rule != "unknown-order" or history.complete:
            yield _outcome(rule, True)
    if history.placed_late:
        yield _outcome("unknown-order", True)
    if not ours.refusing:
        for trait in traits:
            yield _outcome(trait, True)


def _replayed(reply: ProviderReply, first: tuple[str | None, int]) -> Iterator[Outcome]:
    event_id, status = first
    if event_id is not None:
        same = reply.event_id == event_id
        yield _outcome("replay-event-id", same, f"{reply.event_id} after {event_id}")
        if not same:
            return
    yield _outcome("replay-status", reply.status == status, f"{reply.status} after {status}")


def _form_of_acceptance(reply: ProviderReply, history: History) -> Iterator[Outcome]:
    status, body, event_id = str(reply.status), reply.document, reply.event_id
    yield _outcome("accepted-status", reply.status == 200, status)
    exact = isinstance(body, dict) and set(body) == {"event_id"} and event_id is not None
    yield _outcome("accepted-body", exact, _start(reply))
    if event_id is not None:
        yield _outcome("event-id-form", EVENT_ID.fullmatch(event_id) is not None, event_id)
        yield _outcome("event-id-unique", not history.id_given, f"{event_id} again")
    if body is not None:
        yield _of_media_type(reply)


def _of_media_type(reply: ProviderReply) -> Outcome:
    kind = reply.header("Content-Type").partition(";")[0].strip().lower()
    return _outcome("reply-content-type", kind == "application/json", kind or "none")


def _of_errors(reply: ProviderReply) -> Iterator[Outcome]:
    """The form of an error."""
    yield _outcome("error-body", reply.is_documented_error, _start(reply))
    if reply.is_documented_error:
        yield _of_media_type(reply)


def _start(reply: ProviderReply) -> str:
    text = reply.plain[:MAX_SEEN].decode("utf-8", "replace").strip()
    return f"{reply.described} {text}".strip() if text else f"{reply.described}, empty"


def _refused(
    ours: OurVerdict, reply: ProviderReply, traits: tuple[str, ...], history: History
) -> tuple[tuple[Outcome, ...], Refusal | None]:
    status = reply.status or 0
    if ours.replayed and history.replied:
        first = history.replied[1]
        return (_outcome("replay-status", False, f"{status} after {first}"),), None
    if status == 401 and _CREDENTIALS.isdisjoint(ours.refusing):
        suspects = tuple(name for name in _AUTH_SUSPECTS if name in (*ours.fired, *traits))
        return (), _refusal(reply, suspects, needs_key=not history.reached)
    if ours.refusing:
        return _both_refused(ours, reply, history)
    if status == 404 and "unknown-order" in ours.fired and history.reached:
        return (), _refusal(reply, ("unknown-order",))
    if status in _SAYS_NOTHING or status == 404:
        return (), _refusal(reply, ())
    # A spelling of the key that is not taken is a 401.
    traits = tuple(trait for trait in traits if trait != AUTHORIZATION)
    suspects = tuple(dict.fromkeys((*_telling(ours, history), *traits)))
    if not history.mirrored:
        suspects = ()
    if status in _SUSPECTED:
        suspects = tuple(suspect for suspect in suspects if suspect in _SUSPECTED[status])
    return (), _refusal(reply, suspects)


def _refusal(
    reply: ProviderReply, suspects: tuple[str, ...], *, needs_key: bool = False
) -> Refusal:
    return Refusal(suspects, reply.status or 0, reply.error_code, reply.texts, needs_key)


def _both_refused(
    ours: OurVerdict, reply: ProviderReply, history: History
) -> tuple[tuple[Outcome, ...], Refusal | None]:
    """Both of us refuse; whether for the same reason, the statuses say."""
    status = reply.status or 0
    of_credentials = not _CREDENTIALS.isdisjoint(ours.refusing)
    if of_credentials:
        return tuple(_credentials_refused(ours, reply)), None
    if status in _SAYS_NOTHING or (status == 404 and not history.reached):
        return (), _refusal(reply, (), needs_key=not history.reached)
    if not _OF_KEY.isdisjoint(ours.refusing):
        return tuple(_key_refused(ours, status)), None
    return tuple(_malformed_refused(ours, reply, history)), None


def _credentials_refused(ours: OurVerdict, reply: ProviderReply) -> Iterator[Outcome]:
    status = str(reply.status)
    if reply.status != 401 and ours.malformed:
        yield _outcome("credentials-before-body", False, status)
        return
    if ours.malformed:
        yield _outcome("credentials-before-body", True)
    yield from _single(ours.refusing)
    yield _outcome("status-credentials", reply.status == 401, status)
    if reply.status == 401:
        challenge = reply.header("WWW-Authenticate")
        is_bearer = challenge.partition(" ")[0].lower() == "bearer"
        yield _outcome("challenge", is_bearer, challenge or "none")
    if reply.error_code is not None:
        code = reply.error_code
        yield _outcome("error-code-credentials", code == "unauthorized", code)


def _key_refused(ours: OurVerdict, status: int) -> Iterator[Outcome]:
    yield from _single(ours.refusing)
    if "idempotency-key-reused" in ours.refusing:
        yield _outcome("status-key-reused", status == 400, str(status))


def _malformed_refused(
    ours: OurVerdict, reply: ProviderReply, history: History
) -> Iterator[Outcome]:
    status = str(reply.status)
    if history.order_unknown and history.complete:
        yield _outcome("body-before-order", reply.status != 404, status)
    if reply.status == 404:
        if not history.order_unknown:
            yield _outcome("status-malformed", False, status)
        return
    yield from _single(ours.refusing)
    yield _outcome("status-malformed", reply.status == 400, status)
    if reply.is_documented_error:
        code = reply.error_code or ""
        yield _outcome("error-code-malformed", code == "invalid_request_parameters", code)
        yield _outcome("error-texts", any(reply.texts), "no text")


def _single(refusing: tuple[str, ...]) -> Iterator[Outcome]:
    """Where several things are wrong, a refusal says nothing about each of them."""
    if len(refusing) == 1:
        yield _outcome(refusing[0], True)


def _telling(ours: OurVerdict, history: History) -> Iterator[str]:
    """The rules that fired and about which the exchange can say something."""
    for rule in ours.fired:
        if rule in RULES and (history.mirrored or RULES[rule].stage not in _STATE):
            yield rule


def traits_of(body: bytes, document: Any, *, key_refused: bool) -> tuple[str, ...]:
    """The traits of a well-formed event that a provider may take otherwise than we do.

    `key_refused`: an event was refused under its idempotency key.
    """
    found = ["key-after-refusal"] if key_refused else []
    if len(body) > LARGE_BODY:
        found.append("large-body")
    if _NUMBER.search(body):
        found.append("number-forms")
    payload = document.get("payload") if isinstance(document, dict) else None
    if not isinstance(payload, dict):
        return tuple(found)
    longest = max((_length(payload.get(name)) for name in ITEM_LISTS), default=0)
    if MANY_ITEMS < longest <= MAX_ITEMS:
        found.append("many-items")
    texts = list(_values(payload))
    if None in texts:
        found.append("null-optional")
    if any(isinstance(text, str) and len(text) > LONG_TEXT for text in texts):
        found.append("long-text")
    customer = (payload.get("customer"), payload.get("customer_billing_address"))
    if any("" in part.values() for part in customer if isinstance(part, dict)):
        found.append("empty-text")
    return tuple(found)


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else 0


def _values(document: Any) -> Iterator[Any]:
    """Every value in a document that is not an object or a list."""
    if isinstance(document, dict):
        for item in document.values():
            yield from _values(item)
    elif isinstance(document, list):
        for item in document:
            yield from _values(item)
    else:
        yield document
