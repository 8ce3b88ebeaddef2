"""Bytes to JSON: what is refused, in which words, and how fast."""

import json
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.json_text.parser import (
    MAX_DEPTH,
    MAX_INTEGER_DIGITS,
    MAX_STRING,
    Document,
    JsonFault,
    parse,
)

OBJECTS_DEEP = b'{"a":' * MAX_DEPTH + b"1" + b"}" * MAX_DEPTH


def value_of(body: bytes):
    parsed = parse(body)
    assert isinstance(parsed, Document), parsed
    return parsed.value


def fault_of(body: bytes) -> JsonFault:
    parsed = parse(body)
    assert isinstance(parsed, JsonFault), parsed
    return parsed


def test_ordinary_json_is_what_json_loads_makes_of_it():
    text = '{"a": [1, 2.5, "é", "\\u00e9", null, true, {"b": {}}], "": -0}'
    assert value_of(text.encode()) == json.loads(text)
    assert parse(text.encode()).duplicates == ()


def depth_of(value) -> int:
    """How deep a value is nested."""
    inner = value.values() if isinstance(value, dict) else value
    return 1 + max(map(depth_of, inner), default=0) if isinstance(value, dict | list) else 0


NESTED = st.recursive(
    st.sampled_from([1, "[", "]}", '"[', "\\", '\\"{']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("[}a"), inner),
    max_leaves=8,
)


@given(NESTED, st.integers(0, 70), st.booleans())
def test_just_what_is_nested_deeper_than_the_limit_is_refused(value, levels, objects):
    for _ in range(levels):
        value = {"{": value} if objects else ["]", value]
    padded = [value, *([] for _ in range(70))]  # few brackets are not even counted
    parsed = parse(json.dumps(padded).encode())
    assert isinstance(parsed, Document) is (depth_of(padded) <= MAX_DEPTH)


@given(st.text(alphabet='a"\\é', max_size=4), st.integers(-3, 3))
def test_just_a_string_that_is_too_long_is_refused(tail, more):
    text = "x" * (MAX_STRING + more) + tail
    body = json.dumps({"a": [tail, {"b": text}], f"-{tail}": "y" * 100_000}).encode()
    assert isinstance(parse(body), Document) is (len(text) <= MAX_STRING)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(b"", "the body is empty", id="empty"),
        pytest.param(b" \t\r\n ", "the body is empty", id="blank"),
        pytest.param(b"\xef\xbb\xbf{}", "byte order mark", id="BOM"),
        pytest.param('{"a":1}'.encode("utf-16"), "is not UTF-8", id="UTF-16"),
        pytest.param('{"a":1}'.encode("utf-16-be"), "is not valid JSON", id="UTF-16 without BOM"),
        pytest.param('{"a":"é"}'.encode("latin-1"), "byte 0xe9 at offset 6", id="Latin-1"),
        pytest.param(b"\xed\xa0\x80", "is not UTF-8", id="encoded surrogate"),
        pytest.param(b'{"a": NaN}', "NaN is not a JSON number", id="NaN"),
        pytest.param(b'{"a": Infinity}', "Infinity is not a JSON number", id="Infinity"),
        pytest.param(b'{"a": -Infinity}', "-Infinity is not a JSON number", id="-Infinity"),
        pytest.param(b'{"a": 1e999}', "1e999 is too large", id="1e999"),
        pytest.param(b'{"a": -1e999}', "-1e999 is too large", id="-1e999"),
        pytest.param(b"1" * 309, "a number of 309 digits is too large", id="309 digits"),
        pytest.param(b"9" * 100_000, "a number of 100000 digits is too large", id="100,000 digits"),
        pytest.param(b'{"a": "\\ud800"}', "lone surrogate", id="lone high surrogate"),
        pytest.param(b'{"a": "\\udc00\\ud800"}', "lone surrogate", id="surrogates swapped"),
        pytest.param(b'{"a": "\x01"}', "is not valid JSON", id="control character"),
        pytest.param(b'{"a": "\n"}', "is not valid JSON", id="newline in a string"),
        pytest.param(b'{"a": 1,}', "line 1, column", id="trailing comma"),
        pytest.param(b"{'a': 1}", "is not valid JSON", id="single quotes"),
        pytest.param(b'{"a": 01}', "is not valid JSON", id="leading zero"),
        pytest.param(b'{"a": 1} {}', "extra data at line 1, column 10", id="two documents"),
        pytest.param(b'{\n"a": 1\n"b": 2}', "line 3, column 1", id="missing comma"),
        pytest.param(b"type=order_placed", "is not valid JSON", id="form data"),
    ],
)
def test_these_bodies_are_refused_in_words(body, words):
    assert words in fault_of(body).message


@pytest.mark.parametrize("body", [b'{"a": "x', b'{"a"', b"{", b"[1,", b'{"a": tru'])
def test_a_cut_off_body_is_refused_in_plain_words(body):
    message = fault_of(body).message
    assert "is not valid JSON" in message
    assert " at at " not in message


def test_a_fault_says_what_to_do():
    assert fault_of(b"{").fix


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"a": {"b": ["x", "\\ud800"]}}', "/a/b/1"),
        (b'{"a/b": "\\ud800"}', "/a~1b"),
        (b'"\\udfff"', ""),
        (b'{"a": {"\\ud800": 1}}', "/a/?"),
    ],
)
def test_a_lone_surrogate_is_found_by_its_pointer(body, pointer):
    assert fault_of(body).pointer == pointer


@pytest.mark.parametrize(
    ("text", "number"), [("1.0", 1), ("-2e3", -2000), ("1.5e1", 15), ("-0.0", 0), ("0.5", 0.5)]
)
def test_a_whole_number_is_an_integer_however_it_is_written(text, number):
    value = value_of(text.encode())
    assert value == number
    assert type(value) is type(number)


def test_a_surrogate_pair_is_one_character():
    assert value_of(b'"\\ud83d\\udcf1"') == "\N{MOBILE PHONE}"


def test_an_escaped_backslash_before_u_is_no_surrogate():
    assert value_of(b'"\\\\ud800"') == "\\ud800"


@pytest.mark.parametrize("number", ["1" * MAX_INTEGER_DIGITS, "-" + "1" * MAX_INTEGER_DIGITS])
def test_integers_up_to_the_limit_of_digits_are_exact(number):
    assert value_of(number.encode()) == int(number)


class TestDuplicateKeys:
    @pytest.mark.parametrize(
        ("body", "duplicates"),
        [
            (b'{"a": 1, "a": 2}', ("/a",)),
            (b'{"a": 1, "a": 2, "a": 3}', ("/a",)),
            (b'{"a": 1, "\\u0061": 2}', ("/a",)),
            (b'{"p": {"id": 1, "id": 1}}', ("/p/id",)),
            (b'{"l": [{}, {"x/y": 1, "x/y": 2}]}', ("/l/1/x~1y",)),
            (b'{"a": 1, "b": 1, "a": 2, "b": 2}', ("/a", "/b")),
            (b'{"a": {"x": 1, "x": 2}, "a": {"y": 1}}', ("", "/a")),
            (b'{"a": 1, "A": 2}', ()),
        ],
    )
    def test_they_are_reported_by_pointer(self, body, duplicates):
        assert set(parse(body).duplicates) == set(duplicates)

    def test_the_last_one_wins(self):
        assert value_of(b'{"a": 1, "b": 2, "a": 3}') == {"a": 3, "b": 2}


class TestDepth:
    @pytest.mark.parametrize("body", [b"[" * 64 + b"]" * 64, OBJECTS_DEEP])
    def test_64_levels_are_fine(self, body):
        assert isinstance(parse(body), Document)

    @pytest.mark.parametrize("body", [b"[" * 65 + b"]" * 65, b'{"a":' + OBJECTS_DEEP + b"}"])
    def test_65_levels_are_refused(self, body):
        assert "nested deeper than 64 levels" in fault_of(body).message

    def test_brackets_in_strings_are_no_levels(self):
        body = b'["' + b"[{" * 500 + b'\\"[' + b'"]'
        assert isinstance(parse(body), Document)

    def test_brackets_side_by_side_are_no_levels(self):
        assert isinstance(parse(b"[" + b"[],{}," * 500 + b"[]]"), Document)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * 100_000, id="open brackets"),
        pytest.param(b'{"a":' * 100_000, id="open objects"),
        pytest.param(b"]" * 100_000 + b"[" * 100_000, id="closed before opened"),
        pytest.param(b'["' + b"[" * 1_000_000, id="a string that never ends"),
        pytest.param(b"[[]," * 65 + b'"' + b'\\"' * 20_000, id="escaped quotes without end"),
        pytest.param(b"[" * 65 + b'"' * 1_000_001, id="quotes"),
        pytest.param(b"[" + b"[]," * 300_000 + b"[]]", id="empty lists"),
        pytest.param(b'{"a":1,' + b'"a":1,' * 150_000 + b'"a":1}', id="duplicate keys"),
        pytest.param(b'["\\ud83d\\ude00' * 1 + b"\\u0041" * 150_000 + b'"]', id="escapes"),
    ],
)
def test_hostile_bodies_are_answered_fast(body):
    start = time.process_time()
    parse(body)
    assert time.process_time() - start < 2


def whole(value):
    """The value with whole numbers as integers."""
    if isinstance(value, dict):
        return {key: whole(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [whole(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def finite(value) -> bool:
    """Whether nothing of this contract's refusals stands in a value that Python reads."""
    if isinstance(value, dict):
        return all(finite(key) and finite(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(map(finite, value))
    if isinstance(value, float):
        return value - value == 0
    return not (isinstance(value, str) and any("\ud800" <= item <= "\udfff" for item in value))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
BODIES = (
    st.binary(max_size=60)
    | st.text(alphabet='{}[]":,\\u0dDeE19.-ntf \n\ufeff', max_size=30).map(str.encode)
    | st.builds(
        lambda value, ascii_only: json.dumps(value, ensure_ascii=ascii_only).encode(
            "utf-8", "surrogatepass"
        ),
        JSON_VALUES,
        st.booleans(),
    )
)


@given(BODIES)
@example(b"\xff\xfe{\x00}\x00")
@example(b"\xef\xbb\xbf1")
def test_any_bytes_are_a_document_or_a_fault_and_agree_with_json_loads(body):
    parsed = parse(body)
    try:
        expected = json.loads(body.decode("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError):
        assert isinstance(parsed, JsonFault)
        return
    if finite(expected):
        assert isinstance(parsed, Document)
        assert json.dumps(parsed.value) == json.dumps(whole(expected))
    else:
        assert isinstance(parsed, JsonFault)


@pytest.mark.parametrize("number", [b"1e999", b"9" * 400])
def test_a_number_that_is_too_large_is_told_so_and_what_to_send(number):
    fault = parse(b'{"quantity": ' + number + b"}")
    assert "too large" in fault.message
    assert fault.fix == "send a number of at most 308 digits"
