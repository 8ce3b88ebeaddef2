"""The numbered behaviours of the wire: how requests are taken and how replies look.

A number belongs to its behaviour for good. `RULE_NUMBERS` numbers the behaviours that are rules
already; `compare.py` says what confirms and what refutes each of the others.
"""

from contracts.findings.finding import Basis
from contracts.values import dataclass

DOCUMENTED, INFERRED, HOUSE = Basis.DOCUMENTED, Basis.INFERRED, Basis.HOUSE

LATENCY_MS = 1000
"""A reply that takes longer refutes `latency`."""

LARGE_BODY = 64 * 1024
"""Bytes from which a body counts as large."""

MANY_ITEMS = 100
"""Entries of one list from which an event counts as long."""

LONG_TEXT = 255
"""Characters beyond which a text counts as long."""


@dataclass(frozen=True)
class Behaviour:
    """One behaviour. `of_request`: it is a trait of a request that we accept without a finding."""

    number: int
    id: str
    assumed: str
    basis: Basis
    sources: tuple[str, ...]
    question: str
    of_request: bool = False


RULE_NUMBERS = {
    "auth-bearer-header": 12,
    "version-header-missing": 14,
    "version-header-unexpected": 15,
    "idempotency-key-reused": 18,
    "unknown-order": 21,
    "unknown-field": 26,
}

BEHAVIOURS: tuple[Behaviour, ...] = (
    Behaviour(
        1,
        "accepted-status",
        "An accepted event is answered with 200.",
        DOCUMENTED,
        ("RS",),
        "Which status does an accepted event get: always 200, or 201 or 202?",
    ),
    Behaviour(
        2,
        "accepted-body",
        'The body of that reply is exactly {"event_id": "…"}.',
        DOCUMENTED,
        ("S",),
        "Does the reply to an accepted event hold anything beside event_id, now or later?",
    ),
    Behaviour(
        3,
        "event-id-form",
        "An event id is evt- and a lowercase UUID of version 4.",
        INFERRED,
        ("S",),
        "Which form does event_id have, and how long can it get?",
    ),
    Behaviour(
        4,
        "event-id-unique",
        "Each accepted event gets an id that no other has.",
        INFERRED,
        ("S",),
        "Is event_id unique among all events of an account?",
    ),
    Behaviour(
        5,
        "reply-content-type",
        "Replies are declared as application/json.",
        DOCUMENTED,
        ("S", "R20"),
        "Do all replies, errors included, carry Content-Type: application/json?",
    ),
    Behaviour(
        6,
        "error-body",
        'Every error has the body {"error": {"error_code": "…", "validation_errors": […]}}.',
        DOCUMENTED,
        ("RS", "GU"),
        "Do all errors have the documented body, also those of gateways in front of the API?",
    ),
    Behaviour(
        7,
        "error-code-malformed",
        "A malformed event has the error_code invalid_request_parameters.",
        DOCUMENTED,
        ("RS-old", "TB"),
        "Which error_code does an event get that lacks a field or has a wrong type?",
    ),
    Behaviour(
        8,
        "error-texts",
        "validation_errors name what is wrong with a malformed event.",
        DOCUMENTED,
        ("RS",),
        "Is validation_errors always filled where an event is malformed, and with what?",
    ),
    Behaviour(
        9,
        "error-code-credentials",
        "A refused key has the error_code unauthorized.",
        HOUSE,
        ("house",),
        "Which error_code comes with 401?",
    ),
    Behaviour(
        10,
        "error-code-cancel",
        "A declined order cancellation has the error_code cancel_decline.",
        INFERRED,
        ("RS-old",),
        "Which error_code does an order_cancelled event get that you decline?",
    ),
    Behaviour(
        11,
        "status-credentials",
        "A missing or wrong key is answered with 401.",
        DOCUMENTED,
        ("AU", "RS"),
        "Which status does a request without a valid key get?",
    ),
    Behaviour(
        37,
        "auth-authorization",
        "A key in Authorization: Bearer is accepted.",
        DOCUMENTED,
        ("AU", "R20"),
        "Do you take the key in Authorization: Bearer KEY as well as in a header named Bearer?",
        of_request=True,
    ),
    Behaviour(
        13,
        "challenge",
        "A 401 carries WWW-Authenticate: Bearer.",
        HOUSE,
        ("house",),
        "Do you send WWW-Authenticate with 401?",
    ),
    Behaviour(
        16,
        "replay-event-id",
        "The same event under the same idempotency key gets the same event_id again.",
        INFERRED,
        ("R20",),
        "Does a repeated Hakuna-Idempotency-Key return the first event_id? For how long?",
    ),
    Behaviour(
        17,
        "replay-status",
        "… and the same status as the first time.",
        INFERRED,
        ("R20",),
        "Does a repeated Hakuna-Idempotency-Key return the first status, or another one?",
    ),
    Behaviour(
        19,
        "status-key-reused",
        "An idempotency key with another body is answered with 400.",
        HOUSE,
        ("house",),
        "Which status does an idempotency key get that comes with another body: 400, 409, 422?",
    ),
    Behaviour(
        20,
        "key-after-refusal",
        "A key whose event was refused can be used for the corrected event.",
        HOUSE,
        ("house",),
        "Are refusals stored under an idempotency key, or can the corrected event use it?",
        of_request=True,
    ),
    Behaviour(
        22,
        "status-unknown-order",
        "Where an event of an unknown order is refused, its status is 404.",
        INFERRED,
        ("RS",),
        "Which status does an event of an order get that was never placed?",
    ),
    Behaviour(
        23,
        "status-rule",
        "Where a well-formed event of a known order is refused, its status is 400.",
        INFERRED,
        ("RS", "RS-old"),
        "Which status does a well-formed event get that breaks a business rule?",
    ),
    Behaviour(
        24,
        "credentials-before-body",
        "Where key and body are both wrong, the key is answered (401).",
        HOUSE,
        ("house",),
        "Are credentials checked before the body?",
    ),
    Behaviour(
        25,
        "body-before-order",
        "Where the body is malformed and its order unknown, the body is answered (400).",
        HOUSE,
        ("house",),
        "Is the form of an event checked before its order is looked up?",
    ),
    Behaviour(
        27,
        "null-optional",
        "null in an optional field counts as a field that is left out.",
        INFERRED,
        ("OFU",),
        "May optional fields be null?",
        of_request=True,
    ),
    Behaviour(
        28,
        "empty-text",
        "Customer data that is not known may be sent as an empty text.",
        DOCUMENTED,
        ("OFU",),
        "May names, addresses and e-mail be empty texts?",
        of_request=True,
    ),
    Behaviour(
        29,
        "number-forms",
        "A whole number may be written as 1.0 or 1e0.",
        HOUSE,
        ("house",),
        "Are 1.0 and 1e0 accepted where a whole number is wanted?",
        of_request=True,
    ),
    Behaviour(
        30,
        "large-body",
        f"A body of more than {LARGE_BODY // 1024} KiB is accepted.",
        HOUSE,
        ("house",),
        "How long may the body of an event be, and which status does a longer one get?",
        of_request=True,
    ),
    Behaviour(
        31,
        "many-items",
        f"An event with more than {MANY_ITEMS} entries in a list is accepted.",
        HOUSE,
        ("house",),
        "How many line items may an order or an event have?",
        of_request=True,
    ),
    Behaviour(
        32,
        "long-text",
        f"Ids and texts of more than {LONG_TEXT} characters are accepted.",
        HOUSE,
        ("house",),
        "How long may ids and titles be?",
        of_request=True,
    ),
    Behaviour(
        33,
        "status-malformed",
        "A malformed event is answered with 400.",
        DOCUMENTED,
        ("RS", "TB"),
        "Which status does an event get that lacks a field or has a wrong type: 400 or 422?",
    ),
    Behaviour(
        34,
        "rate-limit",
        "No request is refused because too many came (429).",
        HOUSE,
        ("house",),
        "How many requests a second may we send, and what does one too many get?",
    ),
    Behaviour(
        35,
        "no-redirect",
        "The endpoint answers itself and never redirects.",
        HOUSE,
        ("house",),
        "Can POST /sandbox/events be answered with a redirect?",
    ),
    Behaviour(
        36,
        "latency",
        f"A reply comes within {LATENCY_MS} ms.",
        HOUSE,
        ("house",),
        "Within which time do you answer, and after which may we give up and repeat?",
    ),
)
