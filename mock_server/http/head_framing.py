"""Where one request ends and the next head begins, in the bytes of a connection.

aiohttp's parser does not say whether it holds half a head, and half a head must be answered within
a second. So the bytes are fed to it in pieces that end where a head or a body ends.
"""

from typing import Any

from mock_server.http.chunked_body import ChunkedBody

_END = b"\r\n\r\n"
_CARRIED = len(_END) - 1


class Boundary:
    """Follows one connection. `in_head`: a head has begun and is not finished.

    `lost`: the parser was fed in a way that could not be followed. `closing`: what comes behind the
    present body must not be read.
    """

    __slots__ = ("_before", "_chunked", "_left", "_payload", "closing", "in_head", "lost")

    def __init__(self) -> None:
        self.closing = False
        self.restart()

    def restart(self) -> None:
        """The next byte begins a head."""
        self.in_head = self.lost = False
        self._before = b""
        self._payload: Any = None
        self._left: int | None = None
        self._chunked: ChunkedBody | None = None

    @property
    def is_fresh(self) -> bool:
        """Whether the next byte begins a head, and nothing is in its way."""
        return not (self.in_head or self.lost or self.closing or self._before or self._payload)

    @property
    def unfinished(self) -> Any:
        """The body that is being read, None where there is none or its end came."""
        return None if self._payload is None or self._payload.is_eof() else self._payload

    def cut(self, data: bytes) -> tuple[bytes, bytes]:
        """The piece to feed next, and the rest: a piece ends with a head, or with a body."""
        if self._left is not None:
            return data[: self._left], data[self._left :]
        if self._chunked is not None:
            piece, rest = self._chunked.cut(data)
            self.closing = self._chunked.closing
            return piece, rest
        blank = 0 if self._before else len(data) - len(data.lstrip(b"\r\n"))
        found = (self._before + data).find(_END, blank)
        if found < 0:
            return data, b""
        end = found + len(_END) - len(self._before)
        return data[:end], data[end:]

    def fed(self, piece: bytes, message: Any, payload: Any) -> None:
        """A piece was fed; `message` and `payload` are what the parser made of it, or None."""
        if message is not None:
            self._begin_body(message, payload)
        elif self._payload is None:
            whole = self._before + piece
            self.in_head = bool(whole.strip())
            # A whole head that made no message: the parser keeps it back, or it is blank lines.
            self.lost = self.in_head and whole.endswith(_END)
            self._before = b"" if whole.endswith(_END) else self._carried(piece)
        elif self._payload.is_eof():
            self.restart()
        else:
            if self._left is not None:
                self._left -= len(piece)
            self._before = self._carried(piece)

    def _begin_body(self, message: Any, payload: Any) -> None:
        self.restart()
        if payload.is_eof():
            return
        self._payload = payload
        length = message.headers.get("Content-Length")
        self._left = int(length) if length is not None else None
        self._chunked = ChunkedBody() if message.chunked else None

    def _carried(self, piece: bytes) -> bytes:
        """The last bytes: the end of a head may be spread over two packets."""
        return (self._before + piece)[-_CARRIED:]
