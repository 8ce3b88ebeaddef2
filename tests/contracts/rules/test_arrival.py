"""Events and orders that know each other, or not."""

import json

import pytest
from plays import Shop, event_id, message_of, played, rules_of, severities, told

from contracts import RULES, Severity
from contracts.shorthand import bodies


class TestUnknownOrder:
    def test_a_placement_is_never_unknown(self):
        assert told(played("P{d:1}")) == []

    @pytest.mark.parametrize("event", ["F{d:1}", "R{d:1}", "C{d:1}", "X"])
    def test_every_other_event_is_until_its_order_is_placed(self, event):
        assert told(played(event)) == ["unknown-order"]
        assert told(played(f"P#2{{d:1}} {event}")) == ["unknown-order"]

    def test_orders_are_told_apart_byte_for_byte(self):
        assert told(played('P#"A"{d:1} X#"a"')) == ["unknown-order"]

    def test_all_waiting_events_are_resolved_by_the_placement(self):
        shop = played("F{d:1}@1 R{d:1}@2 P{d:1}@0")
        assert told(shop).count("unknown-order (resolved)") == 2
        assert told(shop).count("out-of-order-arrival") == 2

    def test_a_waiting_event_that_comes_twice_is_warned_of_at_once(self):
        shop = played("F{d:1}@1 F{d:1}@1")
        assert rules_of(shop.last) == ["duplicate-event", "unknown-order"]
        assert "it will count twice" in message_of(shop, "duplicate-event")


class TestLateShipment:
    """A shipment that happened before the end of its units, and arrived after it."""

    @pytest.mark.parametrize(
        ("text", "rules"),
        [
            ("P{d:1,p:1>d} R{d:1,p:1}@5 F{d:1}@1", ["out-of-order-arrival"]),
            ("P{d:1} C{d:1}@5 F{d:1}@1", ["out-of-order-arrival"]),
            ("P{d:1} C{d}@5 F{d:1}@1", ["out-of-order-arrival"]),
            ("P{d:2} F{d:1}@1 R{d:2}@5 F{d:1}@2", ["out-of-order-arrival"]),
            ("P{d:3} R{d:1}@5 C{d:2}@6 F{d:3}@1", ["out-of-order-arrival"]),
            ("P{d:1,a:1} R{d:1,a:1}@5 F{d:1,a:1}@1", ["out-of-order-arrival"] * 2),
            # Shipped at the time of the refund or later: that is not a matter of arrival.
            ("P{d:1} R{d:1}@5 F{d:1}@5", ["over-fulfillment"]),
            ("P{d:1} R{d:1}@5 F{d:1}@6", ["over-fulfillment"]),
            # More than ever was there, whenever it arrived.
            ("P{d:1} R{d:1}@5 F{d:2}@1", ["over-fulfillment"]),
            ("P{d:3} R{d:1}@5 C{d:2}@6 F{d:3}@5", ["over-fulfillment"]),
            ("P{d:1} F{d:1}@1 R{d:1}@5 F{d:1}@2", ["over-fulfillment"]),
        ],
    )
    def test_it_is_advice_where_its_units_ended_later(self, text, rules):
        assert rules_of(played(text).last) == rules

    def test_each_unit_explains_one_shipment(self):
        shop = played("P{d:1} R{d:1}@5 F{d:1}@1 F{d:1}@2")
        assert rules_of(shop.last) == ["over-fulfillment"]

    def test_it_names_the_event_that_overtook_it_and_ships_nothing(self):
        shop = played("P{d:1} R{d:1}@5 F{d:1}@1")
        assert severities(shop, "out-of-order-arrival") == [Severity.ADVICE]
        assert message_of(shop, "out-of-order-arrival") == (
            "/payload/fulfillment_items/0: the shipment of 1 × iPhone 14 (line-d) at "
            "2024-03-02T09:00:00.000Z arrived after the event that ended these units at "
            f"2024-03-06T09:00:00.000Z ({event_id(2)}); it ships none of them; publish the events "
            "of one order in their order, for example from one queue per order"
        )
        (finding,) = [item for item in shop.log if item.rule == "out-of-order-arrival"]
        assert [item.event_id for item in finding.related] == [event_id(2)]
        assert shop.ledger("d").fulfilled == 0

    def test_all_events_that_overtook_it_are_named(self):
        shop = played("P{d:3} R{d:1}@5 C{d:2}@6 F{d:3}@1")
        (finding,) = [item for item in shop.log if item.rule == "out-of-order-arrival"]
        assert [item.event_id for item in finding.related] == [event_id(2), event_id(3)]

    def test_of_several_entries_of_a_line_the_latest_time_counts(self):
        shop = Shop().play("P{d:2} C{d:1}@5")
        body = bodies("F{d:1,d:1}@1")[0]
        body["payload"]["fulfillment_items"][1]["fulfilled_at"] = "2024-03-10T09:00:00.000Z"
        shop.send(body)
        assert rules_of(shop.last) == ["item-entry-repeated", "over-fulfillment"]

    def test_events_that_waited_are_judged_by_their_own_times_too(self):
        shop = played("R{d:1}@5 F{d:1}@1 P{d:1}@0")
        assert severities(shop, "out-of-order-arrival") == [
            Severity.WARNING,
            Severity.WARNING,
            Severity.ADVICE,
        ]
        assert "over-fulfillment" not in told(shop)


class TestOrderIdReused:
    def placed_again(self, **address: str) -> Shop:
        shop = Shop().play("P{d:1,p:1>d}")
        body = bodies("P{d:1,p:1>d}")[0]
        body["payload"]["customer_billing_address"].update(address)
        shop.send(body)
        return shop

    def test_a_corrected_address_is_named_and_not_answered_with_a_new_order_id(self):
        shop = self.placed_again(zip="10115", city="Berlin")
        message = message_of(shop, "order-id-reused")
        assert (
            "this placement changes customer_billing_address.city, customer_billing_address.zip, "
            "and the first one still counts" in message
        )
        assert "do not place the order again" in message
        assert "of its own" not in message

    def test_changed_lines_are_named_with_both_ways_out(self):
        message = message_of(played("P{d:1,a:1}@0 P{d:2,b:1}@0"), "order-id-reused")
        assert "changes line line-d, line line-a, line line-b, and the first" in message
        assert "send another order under an order_id of its own" in message
        assert "cancel or refund the units that were dropped" in message

    def test_a_long_list_of_changes_is_cut_and_counted(self):
        lines = ",".join(f"l{number}:2" for number in range(9))
        shop = played(f"P{{{lines.replace(':2', ':1')}}}@0 P{{{lines}}}@0")
        assert "line line-l4 and 4 more, and the first" in message_of(shop, "order-id-reused")

    def test_an_unlisted_field_counts_as_a_change(self):
        shop = Shop().play("P{d:1}")
        body = bodies("P{d:1}")[0]
        body["payload"]["customer"]["title"] = "Dr."
        shop.send(body)
        assert "changes other fields, and" in message_of(shop, "order-id-reused")


class TestDuplicateEvent:
    def test_an_equal_placement_is_a_duplicate_and_no_reuse_of_its_id(self):
        shop = played("P{d:1}@0 P{d:1}@0")
        assert told(shop) == ["duplicate-event"]
        assert "it was not applied again" in message_of(shop, "duplicate-event")

    def test_it_names_the_first_of_the_two(self):
        shop = played("P{d:3} R{d:1}@5 R{d:1}@5")
        assert event_id(2) in message_of(shop, "duplicate-event")
        assert "it counts twice" in message_of(shop, "duplicate-event")

    def test_of_three_equal_events_the_first_one_is_named_twice(self):
        shop = played("P{d:3} F{d:1}@1 F{d:1}@1 F{d:1}@1")
        (second, third) = [item for item in shop.log if item.rule == "duplicate-event"]
        assert second.related[0].event_id == third.related[0].event_id == event_id(2)

    def test_the_same_entries_in_another_order_are_a_duplicate(self):
        shop = played("P{d:2,a:2} F{d:1,a:1}@1 F{a:1,d:1}@1")
        assert told(shop) == ["duplicate-event"]

    def test_a_placement_repeated_after_another_body_is_a_duplicate_of_the_first(self):
        shop = played("P{d:1}@0 P{d:2}@0 P{d:1}@0")
        assert rules_of(shop.last) == ["duplicate-event"]

    def test_a_rejected_body_repeated_is_also_equal_to_none(self):
        shop = played("P{d:1}@0 P{d:2}@0 P{d:2}@0")
        assert rules_of(shop.last) == ["duplicate-event"]


class TestUnknownLineItem:
    def test_each_unknown_entry_is_named_by_its_place(self):
        shop = played("P{d:1} F{x:1,d:1,y:1}")
        pointers = [finding.pointer for finding in shop.last.findings]
        assert pointers == [f"/payload/fulfillment_items/{place}/line_item_id" for place in (0, 2)]
        assert shop.ledger("d").fulfilled == 1

    def test_a_product_id_is_answered_with_its_line(self):
        shop = played('P{d2=d:1} R{"prd-d":1}')
        assert "this is a product_id; its line is line-d2" in message_of(shop, "unknown-line-item")

    def test_a_misspelt_id_is_answered_with_the_nearest(self):
        shop = played("P{iphone:1} R{iphnoe:1}")
        assert "did you mean line-iphone?" in message_of(shop, "unknown-line-item")

    def test_of_lines_that_share_a_product_id_none_is_guessed(self):
        shop = played('P{d:1,a:1,p=plan:1>d,q=plan:1>a} F{d:1,a:1} C{"prd-plan":1}')
        message = message_of(shop, "unknown-line-item")
        assert message.endswith(
            "this is the product_id of several lines (line-p, line-q): use the id of the right one"
        )

    def test_an_id_that_differs_in_its_number_is_another_line(self):
        shop = played('P{"line-item-id-3311":1} R{"line-item-id-3322":1}')
        assert "did you mean" not in message_of(shop, "unknown-line-item")

    def test_only_the_first_three_are_guessed(self):
        shop = played("P{iphone:1} R{iphoen:1,ihpone:1,iphnoe:1,ipohne:1}")
        fixes = [finding.fix for finding in shop.last.findings]
        assert fixes == ["did you mean line-iphone?"] * 3 + [RULES["unknown-line-item"].fix]

    def test_an_id_in_another_unicode_form_is_named(self):
        composed, decomposed = "Caf\u00e9", "Cafe\u0301"
        shop = played(f'P{{"{composed}":1}} R{{"{decomposed}":1}}')
        assert "in Unicode form NFC, this one in NFD" in message_of(shop, "unknown-line-item")

    def test_a_waiting_event_is_told_only_when_it_is_replayed(self):
        shop = played("F{zz:1}@1")
        assert told(shop) == ["unknown-order"]
        shop.play("P{d:1}")
        assert "unknown-line-item" in told(shop)


class TestItemEntryRepeated:
    def test_different_entries_for_one_line_are_advice(self):
        shop = played("P{d:3} R{d:1,d:2}")
        assert severities(shop, "item-entry-repeated") == [Severity.ADVICE]
        assert "appears 2 times in this event, with different entries; the quantities are" in (
            message_of(shop, "item-entry-repeated")
        )

    @pytest.mark.parametrize("entries", ["d:1,d:1", "d:1,d:2,d:1", "d:2,d:1,d:1"])
    def test_two_identical_entries_are_a_warning(self, entries):
        shop = played(f"P{{d:9}} R{{{entries}}}")
        assert severities(shop, "item-entry-repeated") == [Severity.WARNING]

    def test_an_entry_of_1_0_is_identical_to_one_of_1(self):
        shop = Shop().play("P{d:9}")
        body = bodies("R{d:1,d:1}")[0]
        body["payload"]["refund_items"][1]["quantity"] = 1.0
        shop.send(body)
        assert severities(shop, "item-entry-repeated") == [Severity.WARNING]

    @pytest.mark.parametrize(
        ("entries", "words"),
        [("d:1,d:1,d:1", "with identical entries"), ("d:1,d:2,d:1", "2 of them identical")],
    )
    def test_it_counts_what_is_identical_and_what_is_not(self, entries, words):
        message = message_of(played(f"P{{d:9}} R{{{entries}}}"), "item-entry-repeated")
        assert f"appears 3 times in this event, {words}; the quantities are added up" in message

    def test_each_line_is_named_once(self):
        shop = played("P{d:9,a:9} F{d:1,a:1,d:2,a:3,d:4}")
        assert told(shop) == ["item-entry-repeated"] * 2

    @pytest.mark.parametrize("kind", ["fulfillment_items", "cancelled_line_items", "line_items"])
    @pytest.mark.parametrize("value", [None, [], "x", 5])
    def test_a_field_that_belongs_to_another_event_does_not_disturb(self, kind, value):
        shop = Shop().play("P{d:9}")
        body = bodies("R{d:1,d:2}")[0]
        body["payload"] = {kind: value, **body["payload"]}
        verdict = shop.send(json.dumps(body))
        assert verdict.status == 200
        assert "item-entry-repeated" in rules_of(verdict)
