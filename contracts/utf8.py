"""Text of files: UTF-8, with or without the mark at the beginning that Windows likes to write."""

import codecs

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decoded(data: bytes) -> str:
    """The text of a file; ValueError with words that follow the file's name."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(not_text(data[:2], data[error.start], error.start)) from None


def not_text(beginning: bytes, byte: int, offset: int) -> str:
    """Why bytes are not text: `beginning` is how the file begins, `byte` the first wrong one."""
    kind = "UTF-16 and not UTF-8 text" if beginning[:2] in _UTF16 else "not UTF-8 text"
    return f"this is {kind} (byte 0x{byte:02x} at offset {offset}); save it as UTF-8"
