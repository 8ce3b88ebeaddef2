"""Nothing is shipped, refunded or cancelled that is not there."""

import pytest
from plays import message_of, played, rules_of, told


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("P{d:2} F{d:1} F{d:1}", []),
        ("P{d:2} F{d:2} R{d:1} R{d:1}@6", []),
        ("P{d:2} C{d:1} F{d:1}", []),
        ("P{d:2} C{d:1} C{d:1}@6", []),
        ("P{d:2} F{d:1} F{d:2}", ["over-fulfillment"]),
        ("P{d:2} C{d:1} F{d:2}", ["over-fulfillment"]),
        ("P{d:2} F{d:1,d:2}", ["item-entry-repeated", "over-fulfillment"]),
        ("P{d:1} F{d:1} R{d:2}", ["over-refund"]),
        ("P{d:1} C{d:1} R{d:1}", ["over-refund"]),
        ("P{d:1} C{d:2}", ["over-cancellation"]),
        ("P{d:1,p:1>d} F{p:2,d:1}", ["over-fulfillment"]),
    ],
)
def test_at_most_what_is_left_can_move(text, rules):
    assert told(played(text)) == rules


def test_the_rest_of_an_excessive_event_applies():
    shop = played("P{d:2,a:1} F{d:5,a:1}")
    assert shop.ledger("d").fulfilled == 2
    assert shop.ledger("a").fulfilled == 1


def test_one_mistake_does_not_cascade():
    shop = played("P{d:2,p:2>d} F{d:9} R{d:9,p:9}")
    assert rules_of(shop.last) == ["over-refund", "over-refund"]
    shop.play("X@9")
    assert rules_of(shop.last) == ["order-cancel-after-fulfillment"]


@pytest.mark.parametrize(
    ("text", "rule", "words"),
    [
        (
            "P{d:3} F{d:2} F{d:2}",
            "over-fulfillment",
            "ships 2 × iPhone 14 (line-d) but 1 is left to ship (3 ordered, 2 shipped)",
        ),
        (
            "P{d:1} F{d:1} R{d:1} R{d:1}@5",
            "over-refund",
            "refunds 1 × iPhone 14 (line-d) but 0 are active (1 ordered, 1 shipped, 1 refunded)",
        ),
        (
            "P{d:3} C{d:1} C{d:4}@5",
            "over-cancellation",
            "cancels 4 × iPhone 14 (line-d) but 2 are active (3 ordered, 1 cancelled)",
        ),
        (
            "P{d:1} C{d} C{d}@3",
            "over-cancellation",
            "cancels 1 × iPhone 14 (line-d) but 0 are active (1 ordered, 1 cancelled)",
        ),
    ],
)
def test_the_words_say_what_was_asked_what_there_is_and_why(text, rule, words):
    assert words in message_of(played(text), rule)


def test_unknown_lines_have_no_quantities_to_exceed():
    assert told(played("P{d:1} F{zz:9}")) == ["unknown-line-item"]
