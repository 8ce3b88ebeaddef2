"""Compressed bodies: what a server reads, with a limit on what they may become."""

import zlib

_WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_PLAIN = ("", "identity")


class EncodingError(ValueError):
    """The body cannot be decompressed. The message ends with what to do, after a semicolon."""


def decompressed(data: bytes, encoding: str, limit: int) -> bytes:
    """The body behind a Content-Encoding; a gzip body may have several members (RFC 1952)."""
    name = encoding.strip().lower()
    if name in _PLAIN:
        return data
    if name not in _WINDOW_BITS:
        raise EncodingError(
            f"Content-Encoding {name[:40]!r} is not supported; send the body as it is, "
            "without Content-Encoding, or compress it with gzip"
        )
    plain = bytearray()
    rest = data
    while True:
        inflate = zlib.decompressobj(_WINDOW_BITS[name])
        try:
            plain += inflate.decompress(rest, limit + 1 - len(plain))
        except zlib.error:
            raise EncodingError(
                f"the body is not {name}, as its Content-Encoding says; "
                "compress it, or leave Content-Encoding out"
            ) from None
        if len(plain) > limit:
            raise EncodingError(
                f"the body has more than {limit} bytes when decompressed, the limit"
            )
        if not inflate.eof:
            raise EncodingError(f"the {name} body is cut off")
        rest = inflate.unused_data
        if not rest:
            return bytes(plain)
        if name == "deflate":
            raise EncodingError(f"the {name} body has something behind its end")
