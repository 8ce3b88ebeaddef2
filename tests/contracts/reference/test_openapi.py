"""The OpenAPI document says what the validator does."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from mutants import PAGE_EVENTS, mutants
from other_validator import jsonschema_validator
from plays import Shop
from referencing import Registry, Resource

from contracts.judging.replies import ENDPOINT
from contracts.reference.openapi import openapi
from contracts.schemas import validator


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


@cache
def component(name: str) -> Draft202012Validator:
    """A schema of the document as a validator without formats."""
    address = "https://openapi.invalid/"
    resource = Resource.from_contents(
        openapi() | {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    )
    return Draft202012Validator(
        {"$ref": f"{address}#/components/schemas/{name}"},
        registry=Registry().with_resource(address, resource),
    )


def test_it_is_json_of_version_3_1():
    assert json.loads(json.dumps(openapi())) == openapi()
    assert openapi()["openapi"] == "3.1.0"


def test_every_reference_stays_inside_the_document():
    for reference in references(openapi()):
        assert reference.startswith("#/")
        node = openapi()
        for step in reference.split("/")[1:]:
            node = node[step]
        assert node


def test_the_one_operation_is_the_endpoint_s():
    assert set(openapi()["paths"]) == {ENDPOINT}
    assert set(openapi()["paths"][ENDPOINT]) == {"post"}


def test_it_names_the_address_that_serves_it():
    assert [item["url"] for item in openapi("http://localhost:9999")["servers"]] == [
        "http://localhost:9999"
    ]


def test_any_version_is_described_as_accepted():
    parameters = openapi()["paths"][ENDPOINT]["post"]["parameters"]
    (version,) = [
        parameter["schema"] for parameter in parameters if parameter["name"] == "Hakuna-Version"
    ]
    assert Draft202012Validator(version).is_valid("v1.2")
    assert Shop().send(PAGE_EVENTS[0], {"Hakuna-Version": "v1.2"}).status == 200


def test_the_statuses_are_those_of_the_documentation():
    responses = openapi()["paths"][ENDPOINT]["post"]["responses"]
    assert set(responses) == {"200", "400", "401", "404"}


def test_both_header_forms_of_the_key_are_described():
    assert openapi()["security"] == [{"authorization": []}, {"bearerHeader": []}]
    assert set(openapi()["components"]["securitySchemes"]) == {"authorization", "bearerHeader"}


@pytest.mark.parametrize("event", PAGE_EVENTS, ids=lambda event: event["type"])
def test_the_examples_of_the_page_are_events_of_the_document(event):
    component("event").validate(event)


def test_replies_and_refusals_are_described():
    component("reply").validate(Shop().send(PAGE_EVENTS[0]).body)
    component("error").validate(Shop().send("{").body)


@settings(deadline=None)
@given(mutants())
def test_what_the_gate_accepts_the_document_accepts_and_more_only_for_formats(document):
    described = component("event").is_valid(document)
    if validator.accepts(document):
        assert described
    elif described:
        errors = jsonschema_validator(document["type"]).iter_errors(document)
        assert {error.validator for error in errors} == {"format"}
