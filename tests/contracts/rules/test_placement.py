"""What a placed order must hold together: its line ids, and the links of its protections."""

import pytest
from plays import Shop, message_of, played, rules_of, told

from contracts.shorthand import bodies

DANGLING = "protection-dangling-reference"


def placed_with(**changes: object) -> Shop:
    """A shop that placed a product and a plan, the plan's line changed."""
    body = bodies("P{d:1, p:1>d}")[0]
    body["payload"]["line_items"][1].update(changes)
    shop = Shop()
    shop.send(body)
    return shop


@pytest.mark.parametrize(
    "text",
    [
        "P{d:1}",
        "P{d:1,p:1>d}",
        "P{p:1>d,d:1}",
        "P{d:3,p:1>d}",
        "P{d:2,p:1>d,s:1>d}",
        "P{d1=d:1,d2=d:1,p:2>d}",
        "P{d:1,a:1,p=plan:1>d,q=plan:1>a}",
    ],
)
def test_a_good_placement_is_clean(text):
    assert told(played(text)) == []


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
        assert [one.pointer for one in shop.log] == [
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
