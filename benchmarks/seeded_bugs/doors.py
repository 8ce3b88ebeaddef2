"""Bugs before the event is read, and in the reply's head: credentials, routes, headers, ids."""

import itertools
import re
import uuid
from dataclasses import replace

from contracts import credentials, idempotency, replies, strict_json
from contracts.rules import RULES
from mock_server import app, control, events_endpoint, memory_store
from seeded_bugs import around, bug, judge


def _keys(pattern):
    credentials.SANDBOX_KEY = re.compile(pattern)


@bug("credentials")
def key_with_anything_behind():
    """A key is matched from its start only: what follows it is not looked at."""
    _keys(r"sk_test_[A-Za-z0-9_]+.*")


@bug("credentials")
def key_of_only_its_prefix():
    """`sk_test_` alone is taken for a key."""
    _keys(r"sk_test_[A-Za-z0-9_]*")


@bug("credentials")
def publishable_key():
    """Publishable keys authenticate, too."""
    _keys(r"[sp]k_test_[A-Za-z0-9_]+")


def _live_looked_for_in(*names):
    def read(old, request, policy):
        found = old(request, policy)
        sent = " ".join(request.header(name) or "" for name in names)
        if not found.live or "sk_live_" in sent:
            return found
        hidden = [pair for pair in request.headers if "sk_live_" not in pair[1]]
        return old(replace(request, headers=tuple(hidden)), policy)

    around(judge, "read_credentials", read)


@bug("credentials")
def live_key_beside_a_good_one():
    """A live key in the `Bearer` header is overlooked where `Authorization` is good."""
    _live_looked_for_in("Authorization", "X-API-KEY")


@bug("credentials")
def live_key_in_the_legacy_header():
    """A live key in `X-API-KEY` is overlooked."""
    _live_looked_for_in("Authorization", "Bearer")


def _headers_changed(change):
    around(
        judge,
        "read_credentials",
        lambda old, request, policy: old(
            replace(request, headers=tuple(change(request.headers))), policy
        ),
    )


@bug("credentials")
def scheme_in_its_exact_case():
    """`bearer` in lowercase is no scheme."""
    _headers_changed(
        lambda headers: [
            (name, value.replace("bearer ", "Digest ").replace("BEARER ", "Digest "))
            for name, value in headers
        ]
    )


@bug("credentials")
def scheme_not_needed():
    """A bare key in `Authorization` is enough."""
    _headers_changed(
        lambda headers: [
            (
                name,
                f"Bearer {value}"
                if value.startswith("sk_test_") and name == "Authorization"
                else value,
            )
            for name, value in headers
        ]
    )


@bug("credentials")
def any_scheme():
    """`Basic KEY` is as good as `Bearer KEY`."""
    _headers_changed(
        lambda headers: [(name, value.replace("Basic ", "Bearer ")) for name, value in headers]
    )


@bug("credentials")
def bearer_header_decides():
    """Of two keys the one in the `Bearer` header is used."""

    def read(old, request, policy):
        found = old(request, policy)
        bearer = request.header("Bearer")
        return replace(found, key=bearer) if found.conflict else found

    around(judge, "read_credentials", read)


@bug("credentials")
def falls_back_to_the_other_header():
    """An unusable `Authorization` is forgiven where the `Bearer` header is good."""

    def read(old, request, policy):
        found = old(request, policy)
        if found.key or found.live:
            return found
        rest = [pair for pair in request.headers if pair[0] != "Authorization"]
        return old(replace(request, headers=tuple(rest)), policy)

    around(judge, "read_credentials", read)


@bug("credentials")
def legacy_header_accepted():
    """`X-API-KEY` still works."""
    _headers_changed(
        lambda headers: [
            ("Bearer" if name == "X-API-KEY" else name, value) for name, value in headers
        ]
    )


@bug("credentials")
def conflict_unnoticed():
    """Two different keys in one request raise no finding."""
    around(
        judge,
        "read_credentials",
        lambda old, *asked: replace(old(*asked), conflict=False),
    )


@bug("credentials")
def no_challenge():
    """A 401 comes without `WWW-Authenticate`."""
    around(
        judge._Judgement,
        "_refuse",
        lambda old, *asked: replace(
            (found := old(*asked)),
            headers=tuple(one for one in found.headers if one[0] != "WWW-Authenticate"),
        ),
    )


@bug("credentials")
def key_before_route():
    """Without a key even an unknown path is a 401."""

    def verdict(old, self):
        found = old(self)
        if found.status == 404 and self.credentials.problem:
            return self._refuse(replies.ErrorCode.UNAUTHORIZED, ["no key"])
        return found

    around(judge._Judgement, "verdict", verdict)


@bug("routes")
def trailing_slash():
    """`/sandbox/events/` is the endpoint, too."""
    judge._on_route = lambda request: (
        request.method == "POST" and request.path.rstrip("/") == replies.ENDPOINT
    )


@bug("routes")
def any_method():
    """PUT and PATCH post events as well."""
    judge._on_route = lambda request: (
        request.method in ("POST", "PUT", "PATCH") and request.path == replies.ENDPOINT
    )


@bug("routes")
def path_in_any_case():
    """The path is compared without its case."""
    judge._on_route = lambda request: (
        request.method == "POST" and request.path.lower() == replies.ENDPOINT
    )


@bug("routes")
def production_path_served():
    """`/events` works like `/sandbox/events`."""
    judge._on_route = lambda request: (
        request.method == "POST" and request.path in ("/events", replies.ENDPOINT)
    )


def _rule_of(rule_id, check):
    object.__setattr__(RULES[rule_id], "check", check)


@bug("headers")
def version_in_any_case():
    """`V2.0` is taken for `v2.0`."""
    old = RULES["version-header-unexpected"].check
    _rule_of(
        "version-header-unexpected",
        lambda exchange: (
            ()
            if (exchange.request.header("Hakuna-Version") or "").lower() == "v2.0"
            else old(exchange)
        ),
    )


@bug("headers")
def content_type_to_the_letter():
    """`application/json; charset=utf-8` is no JSON."""
    old = RULES["content-type"].check

    def check(exchange):
        declared = exchange.request.header("Content-Type") or ""
        if declared.startswith("application/json;"):
            hidden = [pair for pair in exchange.request.headers if pair[0] != "Content-Type"]
            exchange = replace(exchange, request=replace(exchange.request, headers=tuple(hidden)))
        return old(exchange)

    _rule_of("content-type", check)


@bug("headers")
def suffix_json_unknown():
    """`application/vnd.shop+json` is no JSON."""
    old = RULES["content-type"].check
    headers = "Content-Type"

    def check(exchange):
        if (exchange.request.header(headers) or "").endswith("+json"):
            rest = [pair for pair in exchange.request.headers if pair[0] != headers]
            exchange = replace(exchange, request=replace(exchange.request, headers=tuple(rest)))
        return old(exchange)

    _rule_of("content-type", check)


@bug("headers")
def idempotency_key_one_too_long():
    """256 characters are taken for an idempotency key."""
    idempotency.MAX_LENGTH = 256


@bug("headers")
def idempotency_key_one_too_short():
    """255 characters are too many for an idempotency key."""
    idempotency.MAX_LENGTH = 254


@bug("headers")
def idempotency_key_with_blanks():
    """Blanks may stand in an idempotency key."""
    idempotency._VISIBLE = re.compile(r"[\x20-\x7e]+")


@bug("headers")
def idempotency_key_without_tilde():
    """The last visible character is missing from the pattern of idempotency keys."""
    idempotency._VISIBLE = re.compile(r"[\x21-\x7d]+")


@bug("headers")
def least_severe_first():
    """The findings header lists advice before violations."""
    around(
        replies,
        "most_severe_first",
        lambda old, findings: tuple(reversed(old(findings))),
    )


@bug("headers")
def findings_by_name():
    """The findings header is sorted by rule."""
    around(replies, "most_severe_first", lambda old, findings: tuple(sorted(old(findings))))


@bug("headers")
def only_eight_findings():
    """The findings header ends after eight rules."""
    around(replies, "most_severe_first", lambda old, findings: old(findings)[:8])


@bug("headers")
def link_of_refused_requests():
    """A refusal with findings links to an event that does not exist."""
    around(
        judge,
        "finding_headers",
        lambda old, findings, event_id: old(findings, event_id or "evt-none"),
    )


@bug("headers")
def link_without_findings():
    """Every accepted event has a `Link`, also one without findings."""

    def headers(old, findings, event_id):
        if findings or not event_id:
            return old(findings, event_id)
        return [("Link", f'</_mock/events/{event_id}>; rel="describedby"')]

    around(judge, "finding_headers", headers)


@bug("headers")
def replay_marked_once():
    """Only the first replay of a key is marked as one."""
    seen = set()

    def replay(old, self, earlier):
        found = old(self, earlier)
        if earlier.event_id in seen:
            rest = [one for one in found.headers if one[0] != "Hakuna-Mock-Replayed"]
            return replace(found, headers=tuple(rest))
        seen.add(earlier.event_id)
        return found

    around(judge._Judgement, "_replay", replay)


@bug("headers")
def journal_id_of_the_world():
    """Journal ids count from one in each world instead of over all."""
    counts = {}
    old = events_endpoint.Request

    def request(**values):
        number = counts.setdefault(str(values["headers"]), itertools.count(1))
        return old(**{**values, "request_id": f"req-{next(number)}"})

    events_endpoint.Request = request


@bug("headers")
def html_content_type():
    """Replies say that they are text."""
    old = events_endpoint.web.Response

    def response(**values):
        headers = [one for one in values.get("headers", ()) if one[0] != "Content-Type"]
        return old(**{**values, "headers": [*headers, ("Content-Type", "text/plain")]})

    events_endpoint.web = type("web", (), {"Response": staticmethod(response)})


@bug("ids")
def uppercase_ids():
    """Event ids are uppercase UUIDs."""
    app.event_ids = lambda _seed: lambda: f"evt-{str(uuid.uuid4()).upper()}"


@bug("ids")
def ids_of_version_one():
    """Event ids are UUIDs of version 1."""
    app.event_ids = lambda _seed: lambda: f"evt-{uuid.uuid1()}"


@bug("ids")
def id_given_twice():
    """Every fiftieth event gets the id of the one before."""

    def ids(_seed):
        last, numbers = [""], itertools.count(1)

        def new():
            if next(numbers) % 50:
                last[0] = f"evt-{uuid.uuid4()}"
            return last[0]

        return new

    app.event_ids = ids


@bug("ids")
def id_from_the_body():
    """The event id is a hash of the body: the same event again gets the same id."""
    old = events_endpoint.Request

    def request(**values):
        digest = uuid.UUID(
            bytes=uuid.uuid5(uuid.NAMESPACE_OID, repr(values["body"])).bytes, version=4
        )
        return old(**{**values, "event_id": f"evt-{digest}"})

    events_endpoint.Request = request


@bug("ids")
def id_with_a_field_more():
    """A 200 says `status` beside the id."""
    judge.accepted_body = lambda event_id: {"event_id": event_id, "status": "accepted"}


@bug("ids")
def error_with_a_message():
    """An error says `message` beside code and texts."""
    around(
        judge,
        "error_body",
        lambda old, code, errors: {"error": {**old(code, errors)["error"], "message": "refused"}},
    )


@bug("ids")
def error_texts_missing():
    """`validation_errors` is empty where the body is no JSON."""

    def refuse(old, self, found):
        verdict = old(self, found)
        if isinstance(self.request.parsed, strict_json.JsonFault):
            verdict.body["error"]["validation_errors"] = []
        return verdict

    around(judge._Judgement, "_refuse_body", refuse)


@bug("ids")
def one_fault_at_a_time():
    """Of several faults only the first is told."""
    around(judge, "faults", lambda old, document: old(document)[:1])


assert control  # the control API is imported before anything is patched
assert memory_store
