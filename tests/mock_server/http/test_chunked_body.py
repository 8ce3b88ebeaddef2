"""The end of a chunked body is found however its bytes arrive."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mock_server.http.chunked_body import MAX_SIZE_LINE, MAX_TRAILERS, ChunkedBody

SIZES = st.sampled_from(["%x", "%X", "000%x", "%x;a=b", '%x ;a="b;c"'])


@st.composite
def bodies(draw) -> bytes:
    """A whole chunked body without trailers."""
    coded = b""
    for part in draw(st.lists(st.binary(min_size=1, max_size=40), max_size=5)):
        coded += (draw(SIZES) % len(part)).encode() + b"\r\n" + part + b"\r\n"
    return coded + draw(st.sampled_from([b"0", b"000", b"0;e"])) + b"\r\n\r\n"


def in_pieces(data: bytes, places: list[int]) -> list[bytes]:
    marks = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in pairwise(marks)]


def followed(pieces: list[bytes]) -> tuple[bytes, bytes, ChunkedBody]:
    """What is fed to the parser, what is left for the next request, and the state at the end."""
    body, fed, left = ChunkedBody(), b"", b""
    for piece in pieces:
        if body.ended or body.closing:
            left += piece
            continue
        part, rest = body.cut(piece)
        fed, left = fed + part, left + rest
    return fed, left, body


@given(bodies(), st.binary(max_size=40), st.lists(st.integers(0, 1000), max_size=8))
def test_a_body_ends_where_it_ends_and_what_is_behind_it_is_left(body, behind, places):
    fed, left, state = followed(in_pieces(body + behind, places))
    assert (fed, left) == (body, behind)
    assert state.ended
    assert not state.closing


@given(
    bodies(),
    st.binary(min_size=1, max_size=40).filter(lambda trailer: not trailer.startswith(b"\r")),
    st.lists(st.integers(0, 1000), max_size=8),
)
def test_the_body_ends_where_its_trailers_begin_and_nothing_behind_that_is_read(
    body, trailer, places
):
    fed, _, state = followed(in_pieces(body[:-2] + trailer + b"\r\n\r\nGET /", places))
    assert fed == body
    assert state.closing


@given(
    bodies(),
    st.sampled_from([b"x\r\n", b" 1\r\n", b"+1\r\n", b"1\n", b"\r\n", b"1;\x00\r\n", b"-1\r\n"]),
    st.lists(st.integers(0, 1000), max_size=8),
)
def test_a_chunk_size_that_could_be_read_in_two_ways_is_made_unreadable(body, line, places):
    fed, _, state = followed(in_pieces(line + body, places))
    assert fed.endswith(b"\x00")
    assert state.closing


def test_trailers_are_bounded():
    body = ChunkedBody()
    assert body.cut(b"0\r\n")[0] == b"0\r\n"
    assert body.cut(b"a" * MAX_TRAILERS) == (b"", b"")
    assert body.cut(b"a") == (b"\x00", b"")
    assert body.closing


def test_the_line_of_a_chunk_size_is_bounded():
    body = ChunkedBody()
    assert body.cut(b"1;" + b"a" * MAX_SIZE_LINE)[0].endswith(b"\x00")
    assert body.closing
