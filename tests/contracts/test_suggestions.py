import pytest

from contracts.suggestions import did_you_mean, hint, nearest


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
