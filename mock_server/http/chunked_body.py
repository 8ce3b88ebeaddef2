"""The framing of a chunked body, followed to find its end and the trailers behind it.

aiohttp's parser makes the last trailer a header of the next request on the connection. So trailers
are never fed to it: the body is ended in their place once they came, and nothing behind them is
read.
"""

import re

MAX_SIZE_LINE = 8190
"""Bytes of the line with a chunk's size and its extensions."""

MAX_TRAILERS = 65_536
"""Bytes of all trailers."""

_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;[^\r\n\x00]*)?\r\n")
_END = b"\r\n"
_TRAILERS_END = _END + _END
_REFUSED_BY_PARSER = b"\x00"


class ChunkedBody:
    """Follows one body, as strictly as RFC 9112 section 7.1 writes it.

    `ended`: its last byte was seen. `closing`: it has trailers, or framing that another reader may
    understand differently; whatever comes behind it belongs to nobody.
    """

    __slots__ = ("_data_left", "_end_left", "_size_line", "_trailers", "closing", "ended")

    def __init__(self) -> None:
        self.ended = self.closing = False
        self._size_line = b""
        self._data_left = 0
        self._end_left = 0
        self._trailers = b""

    def cut(self, data: bytes) -> tuple[bytes, bytes]:
        """The piece to feed to the parser, up to the end of the body, and the rest."""
        if self.ended:  # and the parser waits for more: they disagree
            return self._closed(b"", _REFUSED_BY_PARSER)
        if self._trailers:
            return self._drop_trailers(b"", data)
        place = 0
        while place < len(data) and not self.ended:
            if self._data_left:
                step = min(self._data_left, len(data) - place)
                self._data_left -= step
                place += step
            elif self._end_left:
                if data[place] != _END[-self._end_left]:
                    if self._end_left == len(_END):
                        return self._drop_trailers(data[:place], data[place:])
                    return self._closed(data[:place], _REFUSED_BY_PARSER)
                self._end_left -= 1
                self.ended = not self._end_left
                place += 1
            else:
                line_end = data.find(b"\n", place) + 1 or len(data)
                self._size_line += data[place:line_end]
                if not self._read_size_line():
                    return self._closed(data[:place], _REFUSED_BY_PARSER)
                place = line_end
        return data[:place], data[place:]

    def _drop_trailers(self, piece: bytes, trailers: bytes) -> tuple[bytes, bytes]:
        """Wait for the end of the trailers, so that their sender can read the reply."""
        self._trailers += trailers
        if _TRAILERS_END in self._trailers:
            return self._closed(piece, _END)
        if len(self._trailers) > MAX_TRAILERS:
            return self._closed(piece, _REFUSED_BY_PARSER)
        return piece, b""

    def _read_size_line(self) -> bool:
        """Go on behind the line with a chunk's size, once it is complete; False: it is broken."""
        line = self._size_line
        if not line.endswith(b"\n"):
            return len(line) <= MAX_SIZE_LINE
        match = _SIZE_LINE.fullmatch(line)
        if match is None:
            return False
        size = int(match[1], 16)
        self._size_line = b""
        if size:
            self._data_left = size + len(_END)
        else:
            self._end_left = len(_END)
        return True

    def _closed(self, piece: bytes, end: bytes) -> tuple[bytes, bytes]:
        self.closing = True
        return piece + end, b""
