"""Bugs of the order in which two mistakes of one request are noticed."""

from dataclasses import replace

from contracts.http.error_code import ErrorCode
from contracts.http.idempotency import KEY_HEADER, key_problem
from contracts.json_text.parser import Document, JsonFault
from contracts.judging.closing import refuse
from contracts.rules import RequestContext, Stage
from contracts.schemas import validator
from contracts.schemas.schema_errors import schema_errors
from seeded_bugs import around, around_judge, bug, checked, judge
from seeded_bugs.credentials import _read


def _invalid(found, said):
    return refuse(found, found.trail, ErrorCode.INVALID, [said])


@bug("order of checks")
def body_before_credentials():
    """A body that is no JSON is a 400, whoever sent it."""

    def check(old, found):
        if found.credentials.problem and isinstance(found.request.parsed, JsonFault):
            return _invalid(found, "the body is no JSON")
        return old(found)

    around_judge("check_credentials", check)


@bug("order of checks")
def schema_before_credentials():
    """A body that is not an event is a 400, whoever sent it."""

    def check(old, found):
        parsed = found.request.parsed
        unknown = isinstance(parsed, Document) and validator.named_type(parsed.value) is None
        return _invalid(found, "no event") if found.credentials.problem and unknown else old(found)

    around_judge("check_credentials", check)


@bug("order of checks")
def idempotency_key_before_credentials():
    """An impossible idempotency key is a 400, whoever sent it."""

    def check(old, found):
        key = found.request.header(KEY_HEADER)
        bad = bool(key and key_problem(key))
        return _invalid(found, "bad key") if found.credentials.problem and bad else old(found)

    around_judge("check_credentials", check)


@bug("order of checks")
def live_key_before_route():
    """A live key is a 401, even on an unknown path."""

    def route(old, found):
        return found if found.credentials.live and not found.on_route else old(found)

    around_judge("check_route", route)


@bug("order of checks")
def body_before_route():
    """A body that is no JSON is a 400, even on an unknown path."""

    def route(old, found):
        if not found.on_route and isinstance(found.request.parsed, JsonFault):
            return _invalid(found, "the body is no JSON")
        return old(found)

    around_judge("check_route", route)


@bug("order of checks")
def idempotency_key_before_route():
    """An impossible idempotency key is a 400, even on an unknown path."""

    def route(old, found):
        key = found.request.header(KEY_HEADER)
        bad = bool(key and key_problem(key))
        return _invalid(found, "bad key") if not found.on_route and bad else old(found)

    around_judge("check_route", route)


@bug("order of checks")
def unusable_authorization_before_live_key():
    """A live key in another header is not noticed where `Authorization` is unusable."""

    def read(old, request, policy):
        found = old(request, policy)
        if not found.live or "sk_live_" in (request.header("Authorization") or ""):
            return found
        rest = tuple(pair for pair in request.headers if "sk_live_" not in pair[1])
        other = old(replace(request, headers=rest), policy)
        return other if other.problem else found

    _read(read)


@bug("order of checks")
def shape_before_a_used_key():
    """Under a used key a body that is not an event is told its shape, not that the key is used."""

    def check(old, faced):
        found, parsed = faced.case, faced.case.request.parsed
        key = found.request.header(KEY_HEADER)
        earlier = found.world.reply(key) if key and not key_problem(key) else None
        if earlier and isinstance(parsed, Document) and not validator.accepts(parsed.value):
            trail = found.trail.ask(
                Stage.REQUEST,
                RequestContext(found.request, found.credentials, duplicates=parsed.duplicates),
            )
            return judge._refuse_body(faced, trail, schema_errors(parsed.value))
        return old(faced)

    around_judge("check_body", check)


@bug("order of checks")
def one_remark_about_headers():
    """The content type is not looked at where the version is wrong or missing."""

    def check(old, context):
        version = context.request.header("Hakuna-Version")
        return old(context) if version == "v2.0" else ()

    checked("content-type", check)


@bug("order of checks")
def bad_key_hides_a_bad_body():
    """Of an impossible idempotency key and a body that is no JSON only the key is told."""

    def check(old, faced):
        found = faced.case
        key = found.request.header(KEY_HEADER)
        if key and key_problem(key) and isinstance(found.request.parsed, JsonFault):
            trail = found.trail.ask(Stage.REQUEST, RequestContext(found.request, found.credentials))
            return refuse(found, trail, ErrorCode.INVALID, ["bad key"], faced.match)
        return old(faced)

    around_judge("check_body", check)


@bug("order of checks")
def bad_body_hides_a_bad_key():
    """Of an impossible idempotency key and a body that is no JSON only the body is told."""

    def check(old, context):
        return () if isinstance(context.request.parsed, JsonFault) else old(context)

    checked("idempotency-key-invalid", check)


@bug("order of checks")
def repeated_names_hidden_by_a_used_key():
    """That a name appears twice is not told where the key is used."""

    def check(old, context):
        return () if context.reused_key else old(context)

    checked("json-duplicate-key", check)


@bug("order of checks", enforcement="reject")
def unknown_order_only_alone():
    """An unknown order is a 404 only where nothing else is wrong with the event."""
    around(
        judge,
        "_code_for",
        lambda old, broken: old(broken) if len(broken) == 1 else ErrorCode.INVALID,
    )
