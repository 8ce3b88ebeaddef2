"""What arrives at the door."""

import pytest
from plays import Shop

from contracts.http.request import joined
from contracts.json_text.parser import Document, JsonFault


def request(*headers: tuple[str, str], body: bytes = b"{}", problem: str | None = None):
    return Shop().request(body, headers=headers, problem=problem)


@pytest.mark.parametrize("name", ["Content-Type", "content-type", "CONTENT-TYPE"])
def test_header_names_are_case_insensitive(name):
    assert request(("Content-type", "text/plain")).header(name) == "text/plain"


def test_an_absent_header_is_none():
    assert request().header("Authorization") is None


@pytest.mark.parametrize("value", [" v2.0", "v2.0\t", " \tv2.0 "])
def test_blanks_around_a_value_do_not_count(value):
    assert request(("Hakuna-Version", value)).header("Hakuna-Version") == "v2.0"


def test_lines_of_the_same_name_are_joined_by_a_comma():
    assert joined([("A", " 1 "), ("a", "2"), ("B", "3")]) == {"a": "1, 2", "b": "3"}


def test_the_body_is_parsed_once():
    item = request(body=b'{"a": 1}')
    assert item.parsed == Document({"a": 1})
    assert item.parsed is item.parsed


def test_a_body_that_never_became_bytes_is_a_fault_in_the_words_of_the_server():
    fault = request(problem="the body was cut off").parsed
    assert isinstance(fault, JsonFault)
    assert fault.message == "the body was cut off"
    assert fault.fix
