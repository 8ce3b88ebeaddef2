"""Events too large to be judged: refused before the schemas are asked, with the place and a fix."""

import json

import pytest
from plays import Shop

from contracts.http.limits import MAX_ITEMS
from contracts.json_text.parser import MAX_STRING, Document, JsonFault, parse
from contracts.shorthand import bodies

PLACEMENT = bodies("P{d:1}")[0]


def entries(count: int) -> dict:
    event = bodies("R{d:1}")[0]
    event["payload"]["refund_items"] *= count
    return event


def test_a_list_of_items_at_the_limit_is_judged_and_beyond_it_refused():
    shop = Shop()
    assert shop.send(entries(MAX_ITEMS)).status == 200
    refused = shop.send(entries(MAX_ITEMS + 1))
    assert refused.status == 400
    (finding,) = [item for item in refused.findings if item.rule == "body-invalid"]
    assert finding.pointer == "/payload/refund_items"
    assert f"has {MAX_ITEMS + 1} entries; {MAX_ITEMS} are the limit" in finding.message


@pytest.mark.parametrize(
    "document", [[], 1, None, {"payload": []}, {"payload": {"refund_items": "x" * 20_000}}]
)
def test_what_is_no_list_of_items_is_no_matter_of_this_limit(document):
    refused = Shop().send(document)
    assert refused.status == 400
    assert "entries" not in str(refused.body)


@pytest.mark.parametrize("letter", ["x", "é", "\u2028", "🐍"])
def test_a_string_at_the_limit_is_taken_and_beyond_it_refused_with_its_place(letter):
    def parsed(count: int):
        return parse(json.dumps({"a": [0, letter * count]}, ensure_ascii=False).encode())

    assert isinstance(parsed(MAX_STRING), Document)
    fault = parsed(MAX_STRING + 1)
    assert isinstance(fault, JsonFault)
    assert fault.pointer == "/a/1"
    assert f"{MAX_STRING + 1} characters" in fault.message


def test_names_of_fields_count_as_strings_and_their_pointer_is_not_as_long_as_they_are():
    fault = parse(json.dumps({"payload": {"x" * (MAX_STRING + 1): 1}}).encode())
    assert isinstance(fault, JsonFault)
    assert fault.pointer == ""


def test_long_bodies_of_short_strings_are_no_matter_of_this_limit():
    assert isinstance(parse(json.dumps(["x" * 1000] * 1000).encode()), Document)


def test_a_long_string_in_an_event_is_refused_in_the_documented_form():
    body = {**PLACEMENT, "note": "x" * (MAX_STRING + 1)}
    refused = Shop().send(body)
    assert refused.status == 400
    assert "/note" in refused.body["error"]["validation_errors"][0]
