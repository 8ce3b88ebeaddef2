"""Bugs of how strictly JSON is read."""

from contracts.json_text import parser
from seeded_bugs import around, bug
from seeded_bugs.seams import numbers


@bug("schema")
def nested_too_deeply():
    """A body may be nested as deeply as it likes."""
    parser.MAX_DEPTH = 900


@bug("schema")
def one_level_less():
    """A body may be nested 63 levels deep, one less than told."""
    parser.MAX_DEPTH = 63


@bug("schema")
def byte_order_mark_forgiven():
    """A byte order mark is skipped."""
    old = parser._decoded
    parser._decoded = lambda body: old(body.removeprefix(b"\xef\xbb\xbf"))


@bug("schema")
def other_encoding_forgiven():
    """Bytes that are no UTF-8 are read as Latin-1."""
    old = parser._decoded

    def decoded(body):
        found = old(body)
        return found if isinstance(found, str) else body.decode("latin-1")

    parser._decoded = decoded


@bug("schema")
def not_a_number_forgiven():
    """NaN and Infinity are numbers."""
    numbers(_refuse_constant=float)


@bug("schema")
def too_large_number_forgiven():
    """1e999 is a number."""
    numbers(_finite=lambda digits: int(value) if (value := float(digits)).is_integer() else value)


@bug("schema")
def lone_surrogate_forgiven():
    """A lone surrogate is text."""
    parser._lone_surrogate = lambda _value: None


@bug("schema")
def first_of_two_keys():
    """Of a key that appears twice the first value counts."""

    def collected(old, repeated, pairs):
        found = old(repeated, pairs)
        found.update(reversed(pairs))
        return found

    around(parser, "_collected", collected)


@bug("schema")
def repeated_key_unnoticed():
    """A key that appears twice raises no finding."""
    parser._pointers_of = lambda _repeated, _value: ()
