"""Bugs of the other headers, of the request and of the reply."""

import itertools
import re
from dataclasses import replace

from contracts.http import idempotency
from contracts.http.request import Request
from contracts.judging import replies
from mock_server.http import delivery_player
from seeded_bugs import around, before_effects, bug, checked, closing
from seeded_bugs.seams import no_short_way


@bug("headers")
def version_in_any_case():
    """`V2.0` is taken for `v2.0`."""
    checked(
        "version-header-unexpected",
        lambda old, context: (
            ()
            if (context.request.header("Hakuna-Version") or "").lower() == "v2.0"
            else old(context)
        ),
    )


@bug("headers")
def content_type_to_the_letter():
    """`application/json; charset=utf-8` is no JSON."""

    def check(old, context):
        declared = context.request.header("Content-Type") or ""
        if declared.startswith("application/json;"):
            hidden = [pair for pair in context.request.headers if pair[0] != "Content-Type"]
            context = replace(context, request=replace(context.request, headers=tuple(hidden)))
        return old(context)

    checked("content-type", check)


@bug("headers")
def suffix_json_unknown():
    """`application/vnd.shop+json` is no JSON."""
    headers = "Content-Type"

    def check(old, context):
        if (context.request.header(headers) or "").endswith("+json"):
            rest = [pair for pair in context.request.headers if pair[0] != headers]
            context = replace(context, request=replace(context.request, headers=tuple(rest)))
        return old(context)

    checked("content-type", check)


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
    """Blanks may appear in an idempotency key."""
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
        closing,
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

    around(closing, "finding_headers", headers)


@bug("headers")
def replay_marked_once():
    """Only the first replay of a key is marked as one."""
    seen = set()

    def change(_case, verdict):
        if not verdict.replayed:
            return verdict
        if verdict.event_id in seen:
            rest = [header for header in verdict.headers if header[0] != "Hakuna-Mock-Replayed"]
            return replace(verdict, headers=tuple(rest))
        seen.add(verdict.event_id)
        return verdict

    before_effects(change)


@bug("headers")
def journal_id_of_the_world():
    """Journal ids count from one in each world instead of over all."""
    counts = {}

    def numbered(old, self, seq, received_at, event_id, _request_id):
        key = self.header("Authorization") or self.header("Bearer")
        number = next(counts.setdefault(key, itertools.count(1)))
        return old(self, seq, received_at, event_id, f"req-{number}")

    around(Request, "numbered", numbered)


@bug("headers")
def html_content_type():
    """Replies say that they are text."""
    old = delivery_player.web

    def response(**values):
        headers = [item for item in values.get("headers", ()) if item[0] != "Content-Type"]
        return old.Response(**{**values, "headers": [*headers, ("Content-Type", "text/plain")]})

    members = {**vars(old), "Response": staticmethod(response)}
    delivery_player.web = type("web", (), members)
    no_short_way()


@bug("headers")
def header_names_to_the_letter():
    """Header names are compared with their case."""
    around(
        Request,
        "header",
        lambda old, self, name: (
            old(self, name) if any(sent == name for sent, _ in self.headers) else None
        ),
    )


@bug("headers")
def no_version_in_replies():
    """Replies do not carry `Hakuna-Mock`."""
    around(closing, "base_headers", lambda old, request_id: old(request_id)[1:])
