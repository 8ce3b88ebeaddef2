"""Ctrl-C between two events or requests, so that what was judged until then can be reported."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TypeVar

T = TypeVar("T")


@dataclass
class Interruption:
    """Whether Ctrl-C was pressed. It acts while an event is read, and waits while one is judged."""

    pressed: bool = False
    reading: bool = False

    def stopping(self, items: Iterator[T]) -> Iterator[T]:
        """The items until Ctrl-C is pressed."""
        while not self.pressed:
            try:
                self.reading = True
                item = next(items)
            except (StopIteration, KeyboardInterrupt):
                return
            finally:
                self.reading = False
            yield item

    def _pressed(self, _number: int, _frame: FrameType | None) -> None:
        if self.reading or self.pressed:
            self.pressed = True
            raise KeyboardInterrupt
        self.pressed = True


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Ctrl-C is noted, and ends the reading of items; pressed once more, it ends this block."""
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return
    before = signal.signal(signal.SIGINT, interruption._pressed)  # noqa: SLF001 - of this file
    try:
        yield interruption
    finally:
        signal.signal(signal.SIGINT, before)
