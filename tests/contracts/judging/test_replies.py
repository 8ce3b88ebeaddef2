"""What is answered: the documented bodies and statuses, our headers beside them."""

import json

import page
import pytest
from conversations import stories
from hypothesis import given, settings
from hypothesis import strategies as st
from other_validator import jsonschema_validator
from plays import FLAG, REJECT, Shop, code, errors, header, played
from strangers import requests

from contracts import RULES, Severity, __version__
from contracts.http.error_code import ErrorCode
from contracts.judging.replies import (
    ENDPOINT,
    accepted_body,
    error_body,
    wrong_route,
)
from contracts.schemas import validator

SCHEMA_OF = {200: "reply", 400: "error", 401: "error", 404: "error"}
CODES_OF = {
    200: {None},
    400: {"invalid_request_parameters", "cancel_decline"},
    401: {"unauthorized"},
    404: {"entity_not_found"},
}


def test_an_accepted_event_is_answered_like_on_the_page():
    assert accepted_body(page.EVENT_ID) == {"event_id": page.EVENT_ID}
    jsonschema_validator("reply").validate(accepted_body(page.EVENT_ID))


@pytest.mark.parametrize("error_code", list(ErrorCode))
def test_every_error_body_is_as_documented(error_code):
    body = error_body(error_code, ["a text"])
    assert body == {"error": {"error_code": str(error_code), "validation_errors": ["a text"]}}
    jsonschema_validator("error").validate(body)


@pytest.mark.parametrize(
    ("error_code", "status"),
    [
        (ErrorCode.INVALID, 400),
        (ErrorCode.CANCEL_DECLINE, 400),
        (ErrorCode.UNAUTHORIZED, 401),
        (ErrorCode.NOT_FOUND, 404),
    ],
)
def test_each_code_has_its_status(error_code, status):
    assert error_code.status == status


def test_the_placeholder_of_the_documentation_is_never_a_code():
    assert "supported_error_code" not in {str(item) for item in ErrorCode}


@pytest.mark.parametrize(
    ("method", "path", "words"),
    [
        ("GET", ENDPOINT, f"events are posted; send POST {ENDPOINT}"),
        ("POST", f"{ENDPOINT}/", "remove the slash at the end"),
        ("POST", "/events", "this is the production path"),
        ("POST", "/events/evt-1", "this is the production path"),
        ("POST", "/", "there is nothing here"),
        ("POST", "/sandbox/event", "there is nothing here"),
        ("POST", "/eventsource", "there is nothing here"),
    ],
)
def test_a_wrong_route_is_told_where_to_go(method, path, words):
    message = wrong_route(method, path)
    assert message.startswith(f"{method} {path}: ")
    assert words in message
    assert ENDPOINT in message


def test_a_long_path_is_cut():
    assert len(wrong_route("POST", "/" + "x" * 5000)) < 200


class TestHeaders:
    def test_every_reply_names_the_version_and_the_request(self):
        for verdict in played("P{d:1} P{d:2} F{zz:1}").verdicts:
            assert header(verdict, "Hakuna-Mock") == __version__
        assert header(verdict, "Hakuna-Mock-Request") == "req-3"

    def test_a_clean_event_has_no_more_headers(self):
        verdict = played("P{d:1}").last
        assert [name for name, _ in verdict.headers] == ["Hakuna-Mock", "Hakuna-Mock-Request"]

    def test_a_refused_request_has_no_event_to_link_to(self):
        verdict = Shop().send("{")
        assert header(verdict, "Hakuna-Mock-Findings") == "body-invalid"
        assert header(verdict, "Link") is None


@settings(deadline=None)
@given(requests())
def test_any_request_is_answered_as_documented(request):
    verdict = Shop().receive(request)
    assert verdict.status in SCHEMA_OF
    assert code(verdict) in CODES_OF[verdict.status]
    name = SCHEMA_OF[verdict.status]
    jsonschema_validator(name).validate(verdict.body)
    assert validator._validator(name).is_valid(verdict.body)
    assert verdict.status == 200 or errors(verdict)


@settings(deadline=None)
@given(requests())
def test_the_headers_of_any_reply_tell_the_truth(request):
    verdict = Shop().receive(request)
    listed = header(verdict, "Hakuna-Mock-Findings")
    rules = listed.split(",") if listed else []
    assert sorted(rules) == sorted({finding.rule for finding in verdict.findings})
    ranks = [
        min(finding.severity.rank for finding in verdict.findings if finding.rule == rule)
        for rule in rules
    ]
    assert ranks == sorted(ranks)
    assert (header(verdict, "Link") is not None) == bool(rules and verdict.event_id)
    assert (header(verdict, "WWW-Authenticate") is not None) == (verdict.status == 401)
    assert header(verdict, "Hakuna-Mock-Request") == request.request_id


@settings(deadline=None)
@given(requests())
def test_a_refusal_always_has_a_finding_or_is_about_the_route(request):
    verdict = Shop().receive(request)
    if verdict.status in (400, 401):
        assert any(finding.severity is Severity.VIOLATION for finding in verdict.findings)
        assert any(RULES[finding.rule].always_refuses for finding in verdict.findings)


@settings(deadline=None)
@given(stories(excess=True), st.sampled_from([FLAG, REJECT]))
def test_replies_and_headers_are_plain_ascii_that_travels(story, policy):
    shop = Shop(policy)
    for body in story.bodies:
        verdict = shop.send(body)
        json.dumps(verdict.body).encode("ascii")
        for name, value in verdict.headers:
            assert (name + value).isascii()
            assert value == value.strip()
            assert value.isprintable()
