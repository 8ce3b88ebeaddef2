"""The headers beside the key."""

import pytest
from plays import Shop, message_of, rules_of

from contracts.shorthand import bodies

PLACEMENT = bodies("P{d:1}")[0]


def told_about(**changes: str | None) -> list[str]:
    names = {name.replace("_", "-"): value for name, value in changes.items()}
    return rules_of(Shop().send(PLACEMENT, names))


@pytest.mark.parametrize("version", ["v2.0", " v2.0", "v2.0\t"])
def test_version_2_0_passes_outer_spaces_aside(version):
    assert told_about(Hakuna_Version=version) == []


@pytest.mark.parametrize("version", ["v1.2", "V2.0", "2.0", "v2", "v2.0, v2.0", '"v2.0"'])
def test_any_other_version_is_unexpected(version):
    assert told_about(Hakuna_Version=version) == ["version-header-unexpected"]


@pytest.mark.parametrize("version", [None, "", "  "])
def test_an_absent_or_empty_version_is_missing(version):
    assert told_about(Hakuna_Version=version) == ["version-header-missing"]


@pytest.mark.parametrize(
    "declared",
    [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/vnd.shop+json",
        "a/b+JSON",
    ],
)
def test_these_content_types_are_json(declared):
    assert told_about(Content_Type=declared) == []


@pytest.mark.parametrize(
    "declared",
    [None, "", "text/plain", "text/json", "application/x-www-form-urlencoded", "a/jsonp"],
)
def test_other_content_types_are_advised_against_and_the_body_is_read_all_the_same(declared):
    assert told_about(Content_Type=declared) == ["content-type"]


@pytest.mark.parametrize("key", [None, "", " "])
def test_an_absent_or_empty_idempotency_key_is_missing(key):
    assert told_about(Hakuna_Idempotency_Key=key) == ["idempotency-key-missing"]


def test_header_names_are_case_insensitive():
    lower = {"hakuna-version": "v1.2", "Hakuna-Version": None}
    assert rules_of(Shop().send(PLACEMENT, lower)) == ["version-header-unexpected"]


def test_a_reused_key_names_the_event_that_has_it():
    shop = Shop()
    first = shop.send(PLACEMENT, {"Hakuna-Idempotency-Key": "k"})
    shop.send(bodies("X")[0], {"Hakuna-Idempotency-Key": "k"})
    assert first.event_id in message_of(shop, "idempotency-key-reused")


def test_the_headers_of_a_refused_body_are_judged_too():
    verdict = Shop().send("{", {"Hakuna-Version": None})
    assert rules_of(verdict) == ["body-invalid", "version-header-missing"]
