"""The one-line notation: what it reads, what it makes, how it prints, and where it complains."""

import json

import page
import pytest
from conversations import stories
from hypothesis import given
from hypothesis import strategies as st

from contracts.schemas import validator
from contracts.shorthand import Entry, Play, ShorthandError, bodies, body_of, parse, show
from contracts.shorthand.bodies import DAY_ZERO
from contracts.timing.rfc3339 import DAY, parse_instant


def only(text: str) -> Play:
    (play,) = parse(text)
    return play


def payload(text: str) -> dict:
    return bodies(text)[-1]["payload"]


class TestReading:
    @pytest.mark.parametrize(
        ("text", "play"),
        [
            ("P{d:1}", Play("P", "1", (Entry("d", "d", 1),), 0)),
            ("P{d2=d:1}", Play("P", "1", (Entry("d2", "d", 1),), 0)),
            ("P{p:2>d}", Play("P", "1", (Entry("p", "p", 2, "d"),), 0)),
            ("P{p=plan:2>d}", Play("P", "1", (Entry("p", "plan", 2, "d"),), 0)),
            ("F{d:1,a:2}", Play("F", "1", (Entry("d", "d", 1), Entry("a", "a", 2)), 0)),
            ("C{d}", Play("C", "1", (Entry("d", "d", None),), 0)),
            ("C{d:1,p}", Play("C", "1", (Entry("d", "d", 1), Entry("p", "p", None)), 0)),
            ("X", Play("X", "1", (), 0)),
            ("X@4", Play("X", "1", (), 4)),
            ("X@-1", Play("X", "1", (), -1)),
            ("X#2", Play("X", "2", (), 0)),
            ("R#web-7{d:1}@5", Play("R", "web-7", (Entry("d", "d", 1),), 5)),
            ('X#"ord 9"', Play("X", '"ord 9"', (), 0)),
            (
                'F{"line-item-id-3311":1}',
                Play("F", "1", (Entry(*['"line-item-id-3311"'] * 2, 1),), 0),
            ),
            (
                " P { d : 1 , p : 1 > d } @ 3 ",
                Play("P", "1", (Entry("d", "d", 1), Entry("p", "p", 1, "d")), 3),
            ),
            ("P{P:1}", Play("P", "1", (Entry("P", "P", 1),), 0)),
            ("F{7:1}", Play("F", "1", (Entry("7", "7", 1),), 0)),
            ("F{d:0}", Play("F", "1", (Entry("d", "d", 0),), 0)),
            ("F{d:-2}", Play("F", "1", (Entry("d", "d", -2),), 0)),
        ],
    )
    def test_one_event(self, text, play):
        assert only(text) == play

    def test_several_events_with_and_without_blanks_between(self):
        assert parse("P{d:1}F{d:1}X") == parse("P{d:1}\n F{d:1}  X")

    def test_the_nth_event_happens_on_day_n_unless_it_says_otherwise(self):
        assert [play.day for play in parse("P{d:1} F{d:1} R{d:1}@9 X")] == [0, 1, 9, 3]

    def test_a_play_remembers_the_text_it_was_read_from(self):
        assert [play.text for play in parse("P{d:1, p:1>d}  F#2{d:1}@5 X")] == [
            "P{d:1, p:1>d}",
            "F#2{d:1}@5",
            "X",
        ]


class TestErrors:
    @pytest.mark.parametrize(
        ("text", "column", "words"),
        [
            ("", 0, "expected an event such as P{d:1}"),
            ("   ", 3, "expected an event such as P{d:1}"),
            ("Q{d:1}", 0, "expected one of P F R C X"),
            ("p{d:1}", 0, "expected one of P F R C X"),
            ("P{d:1} hello", 7, "expected one of P F R C X"),
            ("PF{d:1}", 0, "expected one of P F R C X"),
            ("P", 1, "expected { after P"),
            ("P(d:1)", 1, "unexpected '('"),
            ("P{", 2, "expected a line's label"),
            ("P{}", 2, "expected a line's label"),
            ("P{:1}", 2, "expected a line's label"),
            ('P{"":1}', 2, "expected a line's label"),
            ("P{d}", 3, "expected : and a quantity after d"),
            ("F{d}", 3, "expected : and a quantity after d"),
            ("P{d:}", 4, "expected a quantity after :"),
            ("P{d:x}", 4, "expected a quantity after :"),
            ("P{d:1.5}", 4, "expected a quantity after :"),
            ("P{d:" + "1" * 309 + "}", 4, "expected a quantity after :, of at most 308 digits"),
            ("X@1234567890123", 2, "of at most 12 digits"),
            ("P{d:1", 5, "expected , or }"),
            ("P{d:1,}", 6, "expected a line's label"),
            ("P{d:1 a:2}", 6, "expected , or }"),
            ("P{p:1>}", 6, "expected the protected product after >"),
            ("P{d=:1}", 4, "expected a product after ="),
            ("F{d=a:1}", 3, "expected : and a quantity after d"),
            ("F{d:1>a}", 5, "expected , or }"),
            ("X@", 2, "expected a day after @"),
            ("X@soon", 2, "expected a day after @"),
            ("X#", 2, "expected the order's name after #"),
            ("X{d:1}", 1, "expected one of P F R C X"),
            ('F{"d:1}', 2, "unexpected '\"'"),
            ("P{d:1}  $", 8, "unexpected '$'"),
        ],
    )
    def test_a_message_points_at_the_place(self, text, column, words):
        with pytest.raises(ShorthandError) as caught:
            parse(text)
        message, shown, pointer = str(caught.value).split("\n")
        assert words in message
        assert caught.value.column == column
        assert shown == f"  {text}"
        assert pointer.index("^") - 2 == column

    def test_it_is_a_value_error(self):
        with pytest.raises(ValueError, match="expected one of P F R C X"):
            bodies("hello")

    def test_in_a_text_of_several_lines_the_mark_stands_under_the_place(self):
        with pytest.raises(ShorthandError) as caught:
            parse("P{d:1}\nF{d:1} Q{d:1}\nX")
        lines = str(caught.value).split("\n")
        (mark,) = [place for place, line in enumerate(lines) if line.strip() == "^"]
        assert lines[mark - 1][lines[mark].index("^")] == "Q"

    @given(st.text('PFRCX{}:,>=@#"d1- \n', max_size=12))
    def test_any_text_is_read_or_refused_with_a_column_inside_it(self, text):
        assert 0 <= column_of_refusal(text) <= len(text)


def column_of_refusal(text: str) -> int:
    """Where the text is refused; 0 if it is read."""
    try:
        parse(text)
    except ShorthandError as error:
        return error.column
    return 0


class TestBodies:
    def test_ids_follow_from_the_labels(self):
        line = payload("P#web{p=plan:2>d}")["line_items"][0]
        assert line["id"] == "line-p"
        assert line["product_id"] == "prd-plan"
        assert line["custom_properties"] == {"product_reference": "prd-d"}
        assert payload("P#web{d:1}")["order_id"] == "ord-web"

    def test_quoted_ids_stand_as_they_are(self):
        body = payload('P#"A/1"{"l 1"="p 1":1>"x"}')
        assert body["order_id"] == "A/1"
        line = body["line_items"][0]
        assert (line["id"], line["product_id"]) == ("l 1", "p 1")
        assert line["custom_properties"]["product_reference"] == "x"

    def test_only_protections_have_custom_properties_and_the_provider_s_brand(self):
        product, plan = payload("P{d:1, p:1>d}")["line_items"]
        assert "custom_properties" not in product
        assert plan["product_brand"] == "hakuna"
        assert product["product_brand"] == "Apple"

    def test_a_product_is_the_same_in_every_order(self):
        first, second = payload("P{d:1}")["line_items"][0], payload("P#2{d2=d:5}")["line_items"][0]
        names = ("product_id", "product_title", "product_brand", "price_amount")
        assert [first[name] for name in names] == [second[name] for name in names]

    def test_a_cancellation_without_quantity_leaves_the_field_out(self):
        first, second = payload("C{d,p:1}")["cancelled_line_items"]
        assert "quantity" not in first
        assert second["quantity"] == 1

    @pytest.mark.parametrize(
        ("text", "pointer"),
        [("P{d:1}@7", "placed_at"), ("X@7", "cancelled_at")],
    )
    def test_the_day_sets_the_time(self, text, pointer):
        assert parse_instant(payload(text)[pointer]) == parse_instant(DAY_ZERO) + 7 * DAY

    @pytest.mark.parametrize(
        ("text", "items", "stamp"),
        [
            ("F{d:1}", "fulfillment_items", "fulfilled_at"),
            ("R{d:1}", "refund_items", "refunded_at"),
            ("C{d:1}", "cancelled_line_items", "cancelled_at"),
        ],
    )
    def test_entries_carry_the_field_names_of_their_event(self, text, items, stamp):
        assert payload(text)[items] == [{"line_item_id": "line-d", "quantity": 1, stamp: DAY_ZERO}]

    @pytest.mark.parametrize("day", [-999_999_999_999, 999_999_999_999])
    def test_a_day_beyond_the_calendar_is_clamped_to_a_valid_time(self, day):
        assert validator.accepts(bodies(f"X@{day}")[0])

    @given(stories(excess=True))
    def test_every_generated_body_passes_the_gate(self, story):
        assert all(validator.accepts(body) for body in story.bodies)


class TestPrinting:
    @pytest.mark.parametrize(
        "text",
        [
            "P{d:1, p:1>d} F{d:1} R{d:1, p:1}@5",
            "P#2{d2=d:1, p=plan:1>d}@3 X#2",
            "F{d:1}@4 P{d:1}@0",
            "C{d, p:1}",
            'P#"A 1"{"l":1} X#"A 1"',
            "X@-3",
        ],
    )
    def test_a_text_in_the_printed_form_comes_back_as_it_was(self, text):
        assert show(bodies(text)) == text

    def test_ids_with_our_prefixes_are_shortened_and_foreign_ones_quoted(self):
        events = [json.loads(text) for text in page.EXAMPLES[:2]]
        assert show(events) == (
            "P#123{item-id-3311=iphone14:1, "
            'item-id-3322="protection-item-id-323":1>iphone14, '
            "item-id-4411=airpods-gen3:1}@-741 "
            "F#123{item-id-3311:1, item-id-4411:1}@-739"
        )

    @pytest.mark.parametrize("label", ["", " ", "a b", "-a", ".a", "é", "a#b"])
    def test_an_id_that_is_no_label_after_its_prefix_is_quoted_and_survives(self, label):
        body = bodies("F{d:1}")[0]
        body["payload"]["fulfillment_items"][0]["line_item_id"] = f"line-{label}"
        (again,) = bodies(show([body]))
        assert again == body

    @pytest.mark.parametrize(
        "body", [{}, [], None, {"type": "order_placed"}, {"type": "x", "payload": {}}]
    )
    def test_what_is_no_event_is_an_error(self, body):
        with pytest.raises(ShorthandError, match="this body is not an event"):
            show([body])

    def test_an_id_with_a_quotation_mark_cannot_be_shown(self):
        body = bodies("X")[0]
        body["payload"]["order_id"] = 'a"b'
        with pytest.raises(ShorthandError, match="cannot quote a quotation mark"):
            show([body])


LABELS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,5}", fullmatch=True)
QUOTED = st.text("abc {}:,>=@#\n'é", min_size=1, max_size=6).map(lambda name: f'"{name}"')
NAMES = LABELS | QUOTED
QUANTITIES = st.integers(1, 10**11) | st.integers(2**53 - 2, 10**308 - 1)


@st.composite
def plays(draw) -> Play:
    letter = draw(st.sampled_from("PFRCX"))
    entries = []
    for _ in range(0 if letter == "X" else draw(st.integers(1, 3))):
        label = draw(NAMES)
        if letter == "P":
            entries.append(Entry(label, draw(NAMES), draw(QUANTITIES), draw(st.none() | NAMES)))
        else:
            quantity = draw(st.none() | QUANTITIES if letter == "C" else QUANTITIES)
            entries.append(Entry(label, label, quantity))
    return Play(letter, draw(NAMES), tuple(entries), draw(st.integers(-9_000, 9_000)))


@given(st.lists(plays(), min_size=1, max_size=4))
def test_plays_survive_being_made_into_bodies_printed_and_read_again(written):
    events = [body_of(play) for play in written]
    assert parse(show(events)) == tuple(written)


@given(st.lists(plays(), min_size=1, max_size=4))
def test_printing_and_reading_again_gives_the_same_bodies(written):
    events = [body_of(play) for play in written]
    assert bodies(show(events)) == events
    assert all(validator.accepts(event) for event in events)
