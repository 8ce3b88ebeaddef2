import pytest

from contracts.suggestions import did_you_mean, hint, look_alike, nearest


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("product_refrence", "product_reference"),
        ("productReference", "product_reference"),
        ("Product_Reference", "product_reference"),
        ("quantitty", "quantity"),
        ("colour", None),
        ("", None),
        ("x" * 100_000, None),
    ],
)
def test_a_misspelt_name_means_the_nearest_known_one_if_it_is_near(word, meant):
    assert nearest(word, ["quantity", "product_reference", "price_amount"]) == meant


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("line-item-id-3322", "line-item-id-3311"),
        ("order12", "order21"),
        ("line-d", "line-a"),
        ("evt-7c17ab-4ec6", "evt-7c17ab-4ed6"),
        ("address_line_3", "address_line_2"),
        ("item", "item-7"),
    ],
)
def test_names_that_differ_in_numbers_only_are_not_guessed(word, name):
    assert nearest(word, [name]) is None


def test_a_long_hexadecimal_name_that_was_cut_off_is_found():
    assert nearest("7c1784a1d96b4ec", ["7c1784a1d96b4ec6"]) == "7c1784a1d96b4ec6"
    assert nearest("7c1784a1d96b4ec", ["7c1784a1d96b4ed6"]) is None


def test_words_that_happen_to_be_hexadecimal_are_words():
    assert nearest("order_refund_add", ["order_refund_added"]) == "order_refund_added"


def test_a_name_that_begins_with_the_word_comes_first():
    rules = ["retry-missing", "refund-before-fulfillment", "refund-missing-protection"]
    assert nearest("refund-missing", rules) == "refund-missing-protection"
    assert nearest("refund", rules).startswith("refund-")


@pytest.mark.parametrize(
    ("word", "twin"), [("Caf\u00e9", "Cafe\u0301"), ("Cafe\u0301", "Caf\u00e9")]
)
def test_a_name_in_another_unicode_form_looks_alike(word, twin):
    assert look_alike(word, ["Cafe", twin]) == twin
    assert look_alike("Cafe", [twin]) is None


def test_of_thousands_of_names_only_the_first_ones_are_compared():
    asked = iter(f"line-item-{number}" for number in range(100_000))
    nearest("line-item-4711", asked)
    assert next(asked) == "line-item-200"


def test_the_words_around_it_are_always_the_same():
    known = ["zip-format", "unknown-order"]
    assert did_you_mean("zip-formt", known) == "did you mean zip-format?"
    assert did_you_mean("quite another", known) == ""
    assert hint("zip-formt", known) == "; did you mean zip-format?"
    assert hint("quite another", known, "there are two") == "; there are two"
    assert hint("quite another", known) == ""
