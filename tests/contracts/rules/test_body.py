"""The body against the contract: what is accepted with advice."""

import json

import page
import pytest
from plays import Shop, message_of, rules_of, told

from contracts.json_text.pointer import at
from contracts.shorthand import bodies

LINE = "/payload/line_items/0"
PROPERTIES = f"{LINE}/custom_properties"


def sent_with(pointer: str, value, text: str = "P{d:1}") -> Shop:
    """A shop that sent an event with one more field."""
    body = bodies(text)[0]
    parent, name = pointer.rsplit("/", 1)
    at(body, parent)[name] = value
    shop = Shop()
    shop.send(body)
    return shop


class TestUnknownField:
    @pytest.mark.parametrize(
        "pointer",
        ["/shop", "/payload/shop", "/payload/customer/shop", f"{LINE}/colour"],
    )
    def test_it_is_accepted_and_named_by_its_place(self, pointer):
        shop = sent_with(pointer, "x")
        assert shop.statuses == [200]
        assert told(shop) == ["unknown-field"]
        assert message_of(shop, "unknown-field").startswith(f"{pointer}: ")

    @pytest.mark.parametrize(
        ("pointer", "meant"),
        [
            ("/payload/cartId", "cart_id"),
            ("/payload/customer/Phone", "phone"),
            (f"{LINE}/custom_propertys", "custom_properties"),
        ],
    )
    def test_a_near_miss_is_answered_with_what_was_meant(self, pointer, meant):
        assert f"did you mean {meant}?" in message_of(sent_with(pointer, None), "unknown-field")

    @pytest.mark.parametrize("name", ["colour", "gift_note", "protection_line_item"])
    def test_custom_properties_are_free(self, name):
        assert "unknown-field" not in told(sent_with(PROPERTIES, {name: "x"}))

    @pytest.mark.parametrize("name", ["product_refrence", "productReference", "Product_Reference"])
    def test_in_custom_properties_near_misses_of_the_reference_are_named(self, name):
        shop = sent_with(PROPERTIES, {name: "prd-d"})
        assert "did you mean product_reference?" in message_of(shop, "unknown-field")

    def test_only_in_a_line_there_are_custom_properties_to_move_it_into(self):
        assert message_of(sent_with("/payload/colour", "x"), "unknown-field").endswith(
            "; remove the field"
        )
        assert message_of(sent_with(f"{LINE}/colour", "x"), "unknown-field").endswith(
            "; remove the field, or move it into custom_properties of its line item"
        )

    def test_only_the_first_three_are_guessed(self):
        names = ["cartId", "cart_idd", "cartid", "cart-id"]
        shop = sent_with("/payload", {**bodies("P{d:1}")[0]["payload"], **dict.fromkeys(names)})
        fixes = [finding.fix for finding in shop.last.findings]
        assert fixes == ["did you mean cart_id?"] * 3 + ["remove the field"]

    def test_the_fields_of_another_event_are_unknown(self):
        shop = sent_with("/payload/placed_at", "2024-03-01T00:00:00Z", "X")
        assert told(shop) == ["unknown-field", "unknown-order"]

    def test_what_stands_inside_an_unknown_field_is_not_looked_at(self):
        assert told(sent_with("/payload/extra", {"a": {"b": 1}})) == ["unknown-field"]

    def test_the_names_of_fields_are_escaped_in_the_pointer(self):
        shop = sent_with(
            "/payload/customer", {**bodies("P{d:1}")[0]["payload"]["customer"], "a/b~c": 1}
        )
        assert "/payload/customer/a~1b~0c: " in message_of(shop, "unknown-field")

    def test_those_beyond_a_hundred_are_counted(self):
        body = {**bodies("X")[0], **{f"field-{number}": 1 for number in range(180)}}
        shop = Shop()
        shop.send(body)
        unknown = [
            finding.count
            for finding in shop.verdicts[0].findings
            if finding.rule == "unknown-field"
        ]
        assert unknown == [1] * 100 + [80]


class TestSpecialRulesReplaceBodyInvalid:
    @pytest.mark.parametrize(
        ("old", "new", "rule"),
        [
            ('"country": "de"', '"country": 5', "country-format"),
            ('"country": "de"', '"country": null', "country-format"),
            ('"order_currency": "eur"', '"order_currency": ["eur"]', "currency-format"),
            ('"placed_at": "2022-02-20T00:00:00.000Z"', '"placed_at": null', "timestamp-format"),
            ('"type": "order_placed"', '"type": null', "unknown-event-type"),
        ],
    )
    def test_the_fault_is_named_by_its_own_rule_only(self, old, new, rule):
        assert rules_of(Shop().send(page.PLACEMENT.replace(old, new))) == [rule]

    @pytest.mark.parametrize("name", ["placed_at", "order_currency", "country", "type"])
    def test_a_missing_field_is_body_invalid_whatever_its_rule(self, name):
        body = json.loads(page.PLACEMENT.replace(f'"{name}":', '"dropped":', 1))
        assert rules_of(Shop().send(body)) == ["body-invalid"]

    def test_several_faults_are_all_told(self):
        broken = page.PLACEMENT.replace('"de"', '"DE"').replace('"eur"', '"EUR"')
        assert rules_of(Shop().send(broken)) == ["country-format", "currency-format"]


def test_of_very_many_faults_a_hundred_are_told():
    body = bodies("P{d:1}")[0]
    body["payload"]["line_items"] = [{}] * 500
    verdict = Shop().send(body)
    assert len(verdict.findings) == 100
    told = verdict.body["error"]["validation_errors"]
    assert len(told) == 100
    assert "the body has more mistakes than the 99 that are listed" in told[-1]
