"""The reader's copy of the provider's OpenAPI document: found, followed, and never fetched."""

import copy
import json

import pytest

from contracts.reference.openapi import openapi
from contracts.schemas.provider_contract import (
    ContractDocumentError,
    read_provider_contract,
)
from contracts.shorthand import bodies

PLACED, SHIPPED = bodies("P{d:1} F{d:1}")


def document(version="3.1.0", **changes):
    """A small document in which everything stands behind a `$ref`."""
    event = {
        "oneOf": [
            {"$ref": "#/components/schemas/Placed"},
            {"$ref": "#/components/schemas/Shipped"},
        ]
    }
    made = {
        "openapi": version,
        "info": {"title": "Events of the provider", "version": "2"},
        "paths": {
            "/checkouts": {"get": {}},
            "/events": {"post": {"$ref": "#/components/x-operations/post"}},
        },
        "components": {
            "x-operations": {"post": {"requestBody": {"$ref": "#/components/requestBodies/E"}}},
            "requestBodies": {
                "E": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Event"}}
                    }
                }
            },
            "schemas": {
                "Event": event,
                "Placed": {
                    "allOf": [
                        {"$ref": "#/components/schemas/Named"},
                        {
                            "type": "object",
                            "properties": {
                                "type": {"enum": ["order_placed"]},
                                "payload": {"$ref": "#/components/schemas/Order"},
                            },
                        },
                    ]
                },
                "Named": {"type": "object", "required": ["type", "payload"]},
                "Order": {
                    "type": "object",
                    "required": ["order_id", "customer"],
                    "properties": {
                        "order_id": {"type": "string", "maxLength": 20},
                        "cart_id": {"type": "string"},
                        "customer": {
                            "type": "object",
                            "required": ["phone"],
                            "properties": {"phone": {"type": "string"}},
                        },
                    },
                },
                "Shipped": {
                    "type": "object",
                    "properties": {"type": {"const": "order_fulfillment_added"}},
                    "required": ["type"],
                },
            },
        },
    }
    made.update(changes)
    return made


def test_an_event_is_explained_by_the_branch_of_its_own_type():
    contract = read_provider_contract(document())
    assert contract.title == "Events of the provider"
    assert not contract.accepts(PLACED)
    (found,) = contract.refusals(PLACED)
    assert found.pointer == "/payload/customer"
    assert "phone" in found.message
    assert contract.accepts(SHIPPED)


def test_nullable_and_exclusive_limits_of_3_0_are_understood():
    made = document("3.0.3")
    order = made["components"]["schemas"]["Order"]
    order["required"] = ["order_id"]
    order["properties"]["customer"] = {"type": "object"}
    order["properties"]["cart_id"] = {"type": "string", "nullable": True}
    order["properties"]["line_items"] = {
        "items": {
            "properties": {
                "price_amount": {"type": "integer", "minimum": 0, "exclusiveMinimum": True}
            }
        }
    }
    contract = read_provider_contract(made)
    body = copy.deepcopy(PLACED)
    body["payload"]["cart_id"] = None
    assert contract.accepts(body)
    body["payload"]["line_items"][0]["price_amount"] = 0
    (found,) = contract.refusals(body)
    assert found.pointer == "/payload/line_items/0/price_amount"
    order["properties"]["cart_id"]["nullable"] = False
    assert not read_provider_contract(made).accepts({**body, "payload": {**body["payload"]}})


def test_our_own_document_agrees_with_itself():
    ours = read_provider_contract(json.loads(json.dumps(openapi())))
    assert ours.accepts(PLACED)
    assert ours.accepts(SHIPPED)


def without(path):
    made = document()
    node = made
    for step in path[:-1]:
        node = node[step]
    del node[path[-1]]
    return made


def with_reference(reference):
    made = document()
    made["components"]["schemas"]["Order"]["properties"]["cart_id"] = {"$ref": reference}
    return made


BROKEN = {
    "no object": ([], "", "is an object"),
    "no openapi": ({"paths": {}}, "", "there is no field openapi"),
    "swagger": ({"swagger": "2.0"}, "/swagger", "convert it"),
    "version": (document("4.0.0"), "/openapi", "not supported"),
    "no paths": (without(["paths"]), "/paths", "no paths"),
    "no events": (without(["paths", "/events"]), "/paths", "the paths are: /checkouts"),
    "no body": (
        without(["components", "x-operations", "post", "requestBody"]),
        "/components/x-operations/post",
        "no requestBody",
    ),
    "no JSON": (
        without(["components", "requestBodies", "E", "content", "application/json"]),
        "/components/requestBodies/E/content",
        "no application/json",
    ),
    "dangling": (
        with_reference("#/components/schemas/Nothing"),
        "/components/schemas/Order/properties/cart_id/$ref",
        "there is nothing at",
    ),
    "network": (
        with_reference("https://example.com/cart.json"),
        "/components/schemas/Order/properties/cart_id/$ref",
        "nothing is fetched",
    ),
    "file": (
        with_reference("cart.yaml#/Cart"),
        "/components/schemas/Order/properties/cart_id/$ref",
        "nothing is fetched",
    ),
    "circle": (
        document(paths={"/events": {"post": {"$ref": "#/paths/~1events/post"}}}),
        "/paths/~1events/post",
        "back to itself",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_document_that_cannot_be_used_says_why_and_where(name):
    given, pointer, words = BROKEN[name]
    with pytest.raises(ContractDocumentError) as refused:
        read_provider_contract(given)
    assert refused.value.pointer == pointer
    assert words in str(refused.value)


def test_a_schema_that_is_none_says_so():
    made = document()
    made["components"]["schemas"]["Order"]["properties"]["cart_id"] = {"type": "text"}
    with pytest.raises(ContractDocumentError, match="not a JSON Schema"):
        read_provider_contract(made)


def test_the_sandbox_path_is_preferred():
    made = document()
    made["paths"]["/sandbox/events"] = {
        "post": {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}
    }
    assert read_provider_contract(made).accepts({})
