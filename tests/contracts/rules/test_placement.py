"""What a placed order must hold together: its line ids, and the links of its protections."""

import pytest
from plays import FLAG, REJECT, Shop, message_of, played, rules_of, severities, told

from contracts import Policy, Severity
from contracts.shorthand import bodies
from contracts.worlds.effects import OrderEvicted

DANGLING = "protection-dangling-reference"
MISSING = "protection-missing-reference"
VIOLATION, WARNING = Severity.VIOLATION, Severity.WARNING


def placed_with(**changes: object) -> Shop:
    """A shop that placed a product and a plan, the plan's line changed."""
    body = bodies("P{d:1, p:1>d}")[0]
    body["payload"]["line_items"][1].update(changes)
    shop = Shop()
    shop.send(body)
    return shop


class TestReferences:
    @pytest.mark.parametrize(
        ("reference", "hint"),
        [
            ("line-d", "this is a line id; use its product_id 'prd-d'"),
            ("PRD-D", "write it exactly like the product_id: 'prd-d'"),
            (" prd-d ", "write it exactly like the product_id: 'prd-d'"),
            ("nothing", "set product_reference to the product_id of a line of this order"),
        ],
    )
    def test_one_that_leads_nowhere_is_answered_with_what_may_be_meant(self, reference, hint):
        shop = placed_with(custom_properties={"product_reference": reference})
        assert told(shop) == [DANGLING]
        assert hint in message_of(shop, DANGLING)
        assert "/payload/line_items/1/custom_properties/product_reference: " in message_of(
            shop, DANGLING
        )

    def test_each_dangling_plan_is_named(self):
        assert told(played("P{d:1,p:1>x,q:1>y}")) == [DANGLING, DANGLING]

    def test_a_self_reference_is_not_also_dangling_nor_a_plan_for_a_plan(self):
        assert told(played("P{d:1,p:1>p}")) == ["protection-self-reference"]

    def test_a_plan_for_a_plan_is_not_also_dangling(self):
        shop = played("P{d:1,p:1>d,s:1>p}")
        assert told(shop) == ["protection-references-protection"]

    def test_a_plan_for_a_product_that_shares_its_id_with_a_plan_is_fine(self):
        assert told(played("P{d:1,p=d:1>d}")) == ["protection-self-reference"]

    def test_an_empty_reference_is_malformed(self):
        shop = placed_with(custom_properties={"product_reference": ""})
        assert rules_of(shop.last) == ["body-invalid"]


class TestAPlanBoughtLater:
    def test_a_reference_to_a_product_of_another_order_is_a_warning_that_names_the_order(self):
        shop = played("P#1{d:1} P#2{p:1>d}@3")
        assert told(shop) == [DANGLING]
        assert severities(shop, DANGLING) == [WARNING]
        message = message_of(shop, DANGLING)
        assert "but no line has that product_id in this order, only in 'ord-1'; " in message
        assert (
            "no page tells whether the provider links a plan to a product of another order"
            in message
        )

    def test_at_most_three_orders_are_named_the_latest_last(self):
        shop = played("P#1{d:1} P#2{d:1} P#3{d:1} P#4{d:1} P#5{p:1>d}")
        assert "only in 'ord-2', 'ord-3', 'ord-4'; no page" in message_of(shop, DANGLING)

    def test_nothing_is_paired_across_orders(self):
        shop = played("P#1{d:1} P#2{p:1>d}@3 F#1{d:1}@4 R#1{d:1}@5")
        assert told(shop) == [DANGLING]
        assert shop.order("2").groups["prd-d"].product_lines == ()

    def test_the_product_may_have_been_refunded_or_its_order_cancelled_since(self):
        assert severities(played("P#1{d:1} X#1 P#2{p:1>d}"), DANGLING) == [WARNING]

    @pytest.mark.parametrize(
        "text",
        [
            "P#2{p:1>d} P#1{d:1}",  # the product came later
            "P#1{p:1>d} P#2{p:1>d}",  # no order has the product
            "P#1{s:1,d=x:1} P#2{p:1>d}",  # a line of that name, but another product
            "P#1{d:1>x} P#2{p:1>d}",  # a plan is not a product
            "F#1{d:1} P#2{p:1>d}",  # an order that was never placed
        ],
    )
    def test_without_such_an_order_it_stays_a_violation(self, text):
        shop = played(text)
        assert severities(shop, DANGLING)[-1] == VIOLATION

    def test_a_placement_that_was_refused_or_ignored_adds_no_products(self):
        refused = Shop(REJECT).play("P#1{d:1,p:1>zzz} P#2{p:1>d}")
        assert refused.statuses == [400, 400]
        ignored = played("P#1{a:1} P#1{d:1} P#2{p:1>d}")
        assert severities(ignored, DANGLING) == [VIOLATION]

    def test_rejecting_accepts_it(self):
        assert Shop(REJECT).play("P#1{d:1} P#2{p:1>d}").statuses == [200, 200]

    def test_another_world_knows_nothing_of_it(self):
        played("P#1{d:1}")
        assert severities(played("P#2{p:1>d}"), DANGLING) == [VIOLATION]

    def test_an_order_that_was_evicted_is_not_named_and_the_eviction_is(self):
        shop = Shop().play("P#1{d:1}")
        shop.session.apply([OrderEvicted("ord-1")])
        shop.play("P#2{p:1>d}")
        assert severities(shop, DANGLING) == [VIOLATION]
        assert "nor has an order that this world still keeps (1 order evicted)" in message_of(
            shop, DANGLING
        )


class TestLinesThatLookLikePlans:
    @staticmethod
    def placed(policy: Policy = FLAG, **changes: object) -> Shop:
        """A shop that placed a product and a second line without a reference."""
        body = bodies("P{d:1, s:1}")[0]
        body["payload"]["line_items"][1].update(changes)
        shop = Shop(policy)
        shop.send(body)
        return shop

    @pytest.mark.parametrize("brand", ["hakuna", "Hakuna", "hakuna.care", "HAKUNA Care", " hakuna"])
    def test_the_brand_begins_like_the_provider_s(self, brand):
        shop = self.placed(product_brand=brand)
        assert told(shop) == [MISSING]
        message = message_of(shop, MISSING)
        assert f"its brand is {brand!r}" in message
        assert "is not treated as a protection, because it has no custom_properties." in message

    @pytest.mark.parametrize("brand", ["", "The Hakuna Company", "akuna", "Apple"])
    def test_other_brands_are_products(self, brand):
        assert told(self.placed(product_brand=brand)) == []

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"product_reference": "prd-d"}, "product_reference"),
            ({"productReference": "prd-d"}, "productReference"),
            (
                {"custom_properties": {"productReference": "prd-d"}},
                "custom_properties/productReference",
            ),
            (
                {"custom_properties": {"product_refrence": "nothing"}},
                "custom_properties/product_refrence",
            ),
            (
                {"custom_properties": {"Product Reference": "line-d"}},
                "custom_properties/Product Reference",
            ),
            (
                {"customProperties": {"product_reference": "prd-d"}},
                "customProperties/product_reference",
            ),
            (
                {"custom_properties": {"hakuna": {"product_reference_id": "prd-d"}}},
                "custom_properties/hakuna/product_reference_id",
            ),
            (
                {"properties": [{"name": "product_reference", "value": "prd-d"}]},
                "properties/0/value",
            ),
        ],
    )
    def test_a_reference_is_in_another_place_or_spelling(self, changes, pointer):
        shop = self.placed(**changes)
        assert MISSING in told(shop)
        message = message_of(shop, MISSING)
        assert message.startswith(f"/payload/line_items/1/{pointer}: ")
        assert "move the reference to custom_properties.product_reference" in message

    @pytest.mark.parametrize(
        "changes",
        [
            {"product_reference": None},
            {"product_reference": ""},
            {"product_reference": "prd-s"},
            {"product_reference": "line-s"},
            {"custom_properties": {"order_reference": "A-1", "reference": "B-2", "product": "x"}},
            {"custom_properties": {"note": {"text": "product_reference"}}},
        ],
    )
    def test_what_names_no_other_product_is_no_such_reference(self, changes):
        assert MISSING not in told(self.placed(**changes))

    def test_a_product_with_a_plan_is_a_product_whatever_its_fields_are_called(self):
        body = bodies("P{d:1, p:1>d}")[0]
        body["payload"]["line_items"][0]["productReference"] = "sku-7"
        shop = Shop()
        shop.send(body)
        assert told(shop) == ["unknown-field"]

    def test_its_product_carried_a_reference_in_an_earlier_order(self):
        shop = played("P#1{d:1,p:1>d} P#2{d:1,p:1}")
        assert told(shop) == [MISSING]
        assert "its product had one in order 'ord-1'" in message_of(shop, MISSING)

    def test_or_on_another_line_of_its_order(self):
        shop = played("P{d:1,a:1,p=plan:1>d,q=plan:1}")
        assert told(shop) == [MISSING]
        assert "another line of its product has one" in message_of(shop, MISSING)

    def test_a_line_that_protects_itself_makes_no_plan_of_its_product(self):
        shop = played("P#1{p:1>p} P#2{p:1}")
        assert told(shop) == ["protection-self-reference"]

    @pytest.mark.parametrize(
        ("named", "fires"),
        [
            (("prd-s",), True),
            (("prd-x", "prd*"), True),
            (("*",), True),
            (("prd",), False),
            (("PRD-S",), False),
            (("s*",), False),
        ],
    )
    def test_the_setting_names_its_product_by_id_or_prefix(self, named, fires):
        shop = self.placed(Policy(protection_products=named))
        assert (MISSING in told(shop)) == fires

    def test_then_it_is_a_violation_that_names_both_ways_out(self):
        shop = self.placed(Policy(protection_products=("prd-s",)), product_brand="hakuna")
        assert severities(shop, MISSING) == [VIOLATION]
        message = message_of(shop, MISSING)
        assert "the setting protection_products names its product 'prd-s'" in message
        assert "its brand is 'hakuna'" in message
        assert "or remove the product from the setting protection_products" in message

    def test_with_its_reference_the_setting_has_nothing_to_say(self):
        assert told(played("P{d:1,p:1>d}", Policy(protection_products=("prd-p",)))) == []


class TestExceedingPlans:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("P{d:1,p:2>d}", "2 protections (line-p) for 1 × iPhone 14; set line-p to"),
            (
                "P{d:1,p:1>d,s:1>d}",
                "2 protections (line-p, line-s) for 1 × iPhone 14; remove",
            ),
            (
                "P{d1=d:1,d2=d:1,p:5>d}",
                "5 protections (line-p) for 2 × iPhone 14; set line-p to",
            ),
        ],
    )
    def test_they_are_counted_over_all_lines_of_the_product(self, text, words):
        shop = played(text)
        assert told(shop) == ["protection-exceeds-product"]
        assert words in message_of(shop, "protection-exceeds-product")

    def test_each_product_is_judged_alone(self):
        assert told(played("P{d:3,a:1,p:1>d,q:2>a}")) == ["protection-exceeds-product"]


class TestBrandAndPrice:
    @pytest.mark.parametrize("brand", ["Hakuna", "HAKUNA", "hAkuna"])
    def test_the_provider_s_brand_in_capitals_is_advised_against(self, brand):
        assert told(placed_with(product_brand=brand)) == ["protection-brand-case"]

    @pytest.mark.parametrize("brand", ["hakuna", "", "Another insurer"])
    def test_other_brands_of_protections_pass(self, brand):
        assert told(placed_with(product_brand=brand)) == []

    @pytest.mark.parametrize("brand", ["Hakuna", "hakuna"])
    @pytest.mark.parametrize("properties", [None, {}, {"product_reference": None}])
    def test_the_provider_s_brand_without_reference_looks_like_a_forgotten_link(
        self, brand, properties
    ):
        shop = placed_with(product_brand=brand, custom_properties=properties)
        assert told(shop) == ["protection-missing-reference"]

    def test_a_product_may_cost_nothing_a_plan_may_not(self):
        assert told(placed_with(price_amount=0)) == ["protection-price-zero"]
        assert told(placed_with(price_amount=0, custom_properties=None, product_brand="x")) == []


class TestLineIds:
    def test_the_first_of_two_lines_with_one_id_stays(self):
        shop = played("P{d:1, d=a:4} F{d:2}")
        assert told(shop) == ["line-item-id-duplicate", "over-fulfillment"]

    def test_each_further_line_with_the_id_is_named(self):
        shop = played("P{d:1, d=a:1, d=b:1}")
        assert [item.pointer for item in shop.log] == [
            "/payload/line_items/1/id",
            "/payload/line_items/2/id",
        ]

    def test_what_a_repeated_line_says_about_protection_is_not_judged(self):
        assert told(played("P{d:1, d=p:1>zzz}")) == ["line-item-id-duplicate"]


class TestUnicodeForms:
    def test_a_reference_in_another_form_than_the_product_id_says_so(self):
        shop = played('P{d="Caf\u00e9":1, p:1>"Cafe\u0301"}')
        assert "in Unicode form NFC, this one in NFD: send both alike" in message_of(shop, DANGLING)


class TestLegacyLinkage:
    def test_the_link_of_the_old_feed_is_advised_against_and_pairs_nothing(self):
        shop = Shop()
        body = bodies("P{d:1,a:1}")[0]
        link = {"protection_line_item_id": "line-a"}
        body["payload"]["line_items"][0]["custom_properties"] = link
        shop.send(body)
        assert told(shop) == ["legacy-linkage"]
        assert shop.order().groups == {}


@pytest.mark.parametrize("text", ["P{d:1}@0 P{p:1>x}@1", "P{d:1} X P{d:1,p:5>d}"])
def test_a_second_placement_is_not_judged_by_what_it_holds(text):
    assert told(played(text)) == ["order-id-reused"]


class TestDate:
    @pytest.mark.parametrize(
        ("placed_at", "rules"),
        [
            ("0001-01-01T00:00:00Z", ["placement-date-implausible"]),
            ("1970-01-01T00:00:00.000Z", ["placement-date-implausible"]),
            ("1999-12-31T23:59:59.999Z", ["placement-date-implausible"]),
            ("2000-01-01T00:00:00Z", []),
        ],
    )
    def test_a_date_before_2000_was_probably_never_set(self, placed_at, rules):
        body = bodies("P{d:1}")[0]
        body["payload"]["placed_at"] = placed_at
        shop = Shop()
        shop.send(body)
        assert told(shop) == rules
