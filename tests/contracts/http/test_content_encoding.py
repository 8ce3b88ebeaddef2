import gzip
import zlib
from functools import partial

import pytest

from contracts.http.content_encoding import EncodingError, decompressed

# Without the time of day, so that each worker collects the same tests.
packed = partial(gzip.compress, mtime=0)
BODY = b'{"type": "order_placed"}' * 9


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (BODY, ""),
        (BODY, "Identity"),
        (packed(BODY), " GZIP "),
        (packed(BODY[:50]) + packed(BODY[50:]), "gzip"),
        (packed(BODY) + packed(b""), "x-gzip"),
        (zlib.compress(BODY), "deflate"),
    ],
)
def test_the_body_behind_an_encoding(data, encoding):
    assert decompressed(data, encoding, len(BODY)) == BODY


@pytest.mark.parametrize(
    ("data", "encoding", "why"),
    [
        (BODY, "br", "Content-Encoding 'br' is not supported; send the body as it is"),
        (BODY, "gzip", "the body is not gzip, as its Content-Encoding says"),
        (packed(BODY)[:-9], "gzip", "the gzip body is cut off"),
        (packed(BODY) + b"more", "gzip", "the body is not gzip"),
        (zlib.compress(BODY) + b"more", "deflate", "has something behind its end"),
        (packed(BODY * 2), "gzip", "when decompressed, the limit"),
        (packed(BODY) * 2, "gzip", "when decompressed, the limit"),
    ],
)
def test_what_cannot_be_read_says_why(data, encoding, why):
    with pytest.raises(EncodingError, match=why.replace("(", r"\(")):
        decompressed(data, encoding, len(BODY))
