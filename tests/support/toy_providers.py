"""Toy providers: each is the provider as we assume it, but for one known deviation.

`TOYS` lists them with the assumptions that an audit of it must name, and no others.
"""

# ruff: noqa: ARG002 - each toy looks at what it needs

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from toy_provider import JSON, Provider, document_of, error, without

from contracts.drift.exchange import ProviderReply
from contracts.http.idempotency import KEY_HEADER
from contracts.orders.subject import subject_of
from contracts.schemas import validator


class Created(Provider):
    def says(self, request, verdict, reply):
        return replace(reply, status=201) if reply.status == 200 else reply


class OtherIds(Provider):
    def new_id(self) -> str:
        return f"event_{self.seen}"


class NoIdempotency(Provider):
    def sees(self, request):
        return without(request, KEY_HEADER)


class Conflict(Provider):
    def says(self, request, verdict, reply):
        reused = any(finding.rule == "idempotency-key-reused" for finding in verdict.findings)
        return error(409, "invalid_request_parameters", "key reused") if reused else reply


class Unprocessable(Provider):
    def says(self, request, verdict, reply):
        is_form = verdict.status == 400 and not any(
            finding.rule.startswith("idempotency") for finding in verdict.findings
        )
        return replace(reply, status=422) if is_form else reply


class OtherErrors(Provider):
    def says(self, request, verdict, reply):
        if reply.status == 200:
            return reply
        return replace(reply, body=b'{"message": "no", "errors": []}')


class HtmlErrors(Provider):
    def says(self, request, verdict, reply):
        if reply.status == 200:
            return reply
        headers = tuple(header for header in reply.headers if header[0] != "Content-Type")
        html = (("Content-Type", "text/html"), *headers)
        return replace(reply, headers=html, body=b"<html><h1>Error</h1></html>")


class Slow(Provider):
    def says(self, request, verdict, reply):
        return replace(reply, duration_ms=2500.0)


class Flaky(Provider):
    def instead(self, request):
        if self.seen % 7 == 3:
            return error(503, "unavailable", "try again")
        return ProviderReply(None, error="the connection ended") if self.seen % 11 == 5 else None


class UppercaseCountries(Provider):
    def sees(self, request):
        document = document_of(request)
        try:
            address = document["payload"]["customer_billing_address"]
            address["country"] = address["country"].lower()
        except (KeyError, TypeError, AttributeError):
            return request
        return replace(request, body=json.dumps(document).encode())


class AuthorizationOnly(Provider):
    def instead(self, request):
        if request.header("Authorization") is None and request.header("Bearer"):
            return replace(
                error(401, "unauthorized", "no key"),
                headers=(JSON, ("WWW-Authenticate", "Bearer")),
            )
        return None


class BearerOnly(Provider):
    def instead(self, request):
        if request.header("Authorization") is not None and request.header("Bearer") is None:
            return replace(
                error(401, "unauthorized", "no key"),
                headers=(JSON, ("WWW-Authenticate", "Bearer")),
            )
        return None


class SameId(Provider):
    def new_id(self) -> str:
        return f"evt-{uuid.UUID(int=2**100 + self.seen // 3, version=4)}"


class MoreFields(Provider):
    def says(self, request, verdict, reply):
        if reply.status != 200:
            return reply
        return replace(reply, body=json.dumps({**verdict.body, "status": "queued"}).encode())


class BodyFirst(Provider):
    def instead(self, request):
        document = document_of(request)
        if validator.accepts(document):
            return None
        return error(400, "invalid_request_parameters", "malformed")


class NoNull(Provider):
    def instead(self, request):
        document = document_of(request)
        if b"null" not in request.body or not _is_valid(document):
            return None
        return error(400, "invalid_request_parameters", "null is not allowed")


class Small(Provider):
    def instead(self, request):
        if len(request.body) > 64 * 1024:
            return error(413, "invalid_request_parameters", "too large")
        return None


class Limited(Provider):
    def instead(self, request):
        return error(429, "rate_limited", "slower") if self.seen % 10 == 9 else None


class StoresRefusals(Provider):
    """A key whose event was refused is spent."""

    def __init__(self) -> None:
        super().__init__()
        self.spent: set[str] = set()

    def instead(self, request):
        if request.header(KEY_HEADER) in self.spent:
            return error(400, "invalid_request_parameters", "this key was used")
        return None

    def says(self, request, verdict, reply):
        reused = any(finding.rule.startswith("idempotency-key") for finding in verdict.findings)
        if reply.status == 400 and not reused and request.header(KEY_HEADER):
            self.spent.add(request.header(KEY_HEADER))
        return reply


class ReplayIs208(Provider):
    def says(self, request, verdict, reply):
        return replace(reply, status=208) if verdict.replayed else reply


class OtherCancelCode(Provider):
    def __init__(self) -> None:
        super().__init__("order-cancel-after-fulfillment", "order-already-cancelled")

    def says(self, request, verdict, reply):
        if verdict.body.get("error", {}).get("error_code") == "cancel_decline":
            return error(409, "order_not_cancellable", "the order was shipped")
        return reply


class NoFractions(Provider):
    def instead(self, request):
        if b'"quantity": 1.0' in request.body and _is_valid(document_of(request)):
            return error(400, "invalid_request_parameters", "quantity is not an integer")
        return None


class TextReplies(Provider):
    def says(self, request, verdict, reply):
        headers = tuple(header for header in reply.headers if header[0] != "Content-Type")
        return replace(reply, headers=(("Content-Type", "text/plain"), *headers))


class OtherAuthCode(Provider):
    def says(self, request, verdict, reply):
        if reply.status != 401:
            return reply
        return replace(error(401, "invalid_api_key", "unknown key"), headers=reply.headers)


class NoTexts(Provider):
    def says(self, request, verdict, reply):
        if reply.status == 200:
            return reply
        code = verdict.body["error"]["error_code"]
        return replace(error(reply.status, code), headers=reply.headers)


class Redirects(Provider):
    def instead(self, request):
        if self.seen == 4:
            return ProviderReply(307, (("Location", "https://elsewhere.example/"),), b"")
        return None


class ForbidsLater(Provider):
    """Refuses what no rule of ours is about: orders of one shop product."""

    def instead(self, request):
        if b"line-unsold" in request.body:
            return error(400, "product_unsupported", "product prd-77 is not insured")
        return None


class NoChallenge(Provider):
    def says(self, request, verdict, reply):
        return replace(reply, headers=(JSON,))


class LooksUpFirst(Provider):
    """The order is looked up before the body is judged."""

    def instead(self, request):
        document = document_of(request)
        subject = subject_of(document)
        if subject.order_id is None or subject.type in (None, "order_placed"):
            return None
        key = request.header("Authorization") or request.header("Bearer")
        session = self.sessions.get(key)
        order = session.world.order(subject.order_id) if session else None
        if _is_valid(document) or order is not None:
            return None
        return error(404, "entity_not_found", "no such order")


def _is_valid(document: Any) -> bool:
    return validator.accepts(document)


@dataclass(frozen=True)
class Toy:
    """A provider with a deviation, and what an audit must say of it."""

    name: str
    about: str
    make: Callable[[], Provider]
    refuted: frozenset[str] = frozenset()
    unexplained: bool = False
    failures: bool = field(default=False)


def _toy(name: str, about: str, make: Callable[[], Provider], *refuted: str, **more: bool) -> Toy:
    return Toy(name, about, make, frozenset(refuted), **more)


def _refusing(*rules: str) -> Callable[[], Provider]:
    return lambda: Provider(*rules)


TOYS: tuple[Toy, ...] = (
    _toy("as-assumed", "does what we assume", Provider),
    _toy(
        "refuses-unbalanced-refunds",
        "400 where a product is refunded without its plan",
        _refusing("refund-missing-protection"),
        "refund-missing-protection",
    ),
    _toy(
        "refuses-rule-breaks",
        "400 for each of four rules",
        _refusing("over-refund", "zip-format", "protection-exceeds-product", "duplicate-event"),
        "over-refund",
        "zip-format",
        "protection-exceeds-product",
        "duplicate-event",
    ),
    _toy("created", "201 for an accepted event", Created, "accepted-status"),
    _toy("other-ids", "ids such as event_17", OtherIds, "event-id-form"),
    _toy(
        "no-idempotency",
        "never looks at the idempotency key",
        NoIdempotency,
        "replay-event-id",
        "idempotency-key-reused",
        "idempotency-key-invalid",
    ),
    _toy("conflict", "409 for a reused key", Conflict, "status-key-reused"),
    _toy("unprocessable", "422 for a malformed event", Unprocessable, "status-malformed"),
    _toy("other-errors", "errors with another body", OtherErrors, "error-body"),
    _toy("html-errors", "errors as HTML pages", HtmlErrors, "error-body"),
    _toy(
        "lowercase-only",
        "refuses the brand Hakuna in other than small letters",
        _refusing("protection-brand-case"),
        "protection-brand-case",
    ),
    _toy("slow", "replies after 2.5 s", Slow, "latency"),
    _toy("flaky", "503 or no reply now and then", Flaky, failures=True),
    _toy(
        "strict-order",
        "refuses events whose times run backwards",
        _refusing("timestamp-before-placement", "timestamp-regression"),
        "timestamp-before-placement",
        "timestamp-regression",
    ),
    _toy(
        "unknown-order-404",
        "404 for an order that was never placed",
        _refusing("unknown-order"),
        "unknown-order",
    ),
    _toy("uppercase", "accepts DE for de", UppercaseCountries, "country-format"),
    _toy(
        "wants-version",
        "400 without Hakuna-Version",
        _refusing("version-header-missing"),
        "version-header-missing",
    ),
    _toy(
        "authorization-only",
        "401 for the Bearer header",
        AuthorizationOnly,
        "auth-bearer-header",
    ),
    _toy("bearer-only", "401 for the header Authorization", BearerOnly, "auth-authorization"),
    _toy("same-ids", "gives ids twice", SameId, "event-id-unique"),
    _toy("more-fields", "a status beside event_id", MoreFields, "accepted-body"),
    _toy("body-first", "judges the body before the key", BodyFirst, "credentials-before-body"),
    _toy(
        "order-first",
        "looks the order up before it judges the body",
        LooksUpFirst,
        "body-before-order",
    ),
    _toy("no-null", "refuses null", NoNull, "null-optional"),
    _toy("small", "413 beyond 64 KiB", Small, "large-body"),
    _toy("limited", "429 now and then", Limited, "rate-limit"),
    _toy("stores-refusals", "a refused event spends its key", StoresRefusals, "key-after-refusal"),
    _toy("replay-208", "208 for a replay", ReplayIs208, "replay-status"),
    _toy(
        "other-cancel-code",
        "409 order_not_cancellable",
        OtherCancelCode,
        "order-cancel-after-fulfillment",
        "order-already-cancelled",
        "status-rule",
        "error-code-cancel",
    ),
    _toy("no-fractions", "refuses 1.0", NoFractions, "number-forms"),
    _toy("text-replies", "declares JSON as text/plain", TextReplies, "reply-content-type"),
    _toy("other-auth-code", "invalid_api_key with 401", OtherAuthCode, "error-code-credentials"),
    _toy("no-texts", "validation_errors are always empty", NoTexts, "error-texts"),
    _toy("no-challenge", "401 without WWW-Authenticate", NoChallenge, "challenge"),
    _toy("redirects", "307 once", Redirects, "no-redirect"),
    _toy(
        "unknown-refusals",
        "refuses a product that it does not insure",
        ForbidsLater,
        unexplained=True,
    ),
    _toy(
        "refuses-unknown-fields",
        "400 for fields that it does not know",
        _refusing("unknown-field"),
        "unknown-field",
    ),
)
