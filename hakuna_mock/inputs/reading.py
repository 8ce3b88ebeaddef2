"""What the readers of all forms share: errors, worlds, and an account of what was passed over."""

from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from contracts.scenarios.format import FIRST_KEY

Notice = Callable[[str], None]
Tick = Callable[[int], object]
"""Hears how many bytes were read since it was last called."""


class InputError(Exception):
    """A file cannot be read as events; the message holds file and line."""


@dataclass
class Reading:
    """One run over several files.

    `passed_over` are sentences about what holds no event, `not_events` the same about what was
    named on the command line and should hold some.
    """

    form: str = "auto"
    notice: Notice = lambda _text: None
    tick: Tick = lambda _bytes: None
    passed_over: list[str] = field(default_factory=list)
    not_events: list[str] = field(default_factory=list)
    _keys: dict[str, str] = field(default_factory=dict)
    _worlds: dict[Hashable, str] = field(default_factory=dict)
    _without_credentials: Counter[str] = field(default_factory=Counter)

    def key_name(self, secret: str) -> str:
        """What the world of a recorded key is called: the first one `main`, as without a key."""
        if secret not in self._keys:
            count = len(self._keys)
            self._keys[secret] = f"key-{count + 1}" if count else FIRST_KEY
        return self._keys[secret]

    def world_name(self, identity: Hashable, label: str) -> str:
        """What another world is called; two never have one name."""
        if identity not in self._worlds:
            taken = {*self._worlds.values(), *self._keys.values(), FIRST_KEY}
            name, number = label, 1
            while name in taken:
                number += 1
                name = f"{label} ({number})"
            self._worlds[identity] = name
        return self._worlds[identity]

    def pass_over(self, what: str) -> None:
        """Tell people at once what holds no event, and remember it for the end."""
        self.passed_over.append(what)
        self.notice(what)

    def credentials_left_out(self, name: str) -> None:
        """Count a request of a file whose credentials were not recorded."""
        self._without_credentials[name] += 1

    def finish(self) -> None:
        """Say at the end what was missing in which file."""
        for name, count in self._without_credentials.items():
            requests = "1 request was" if count == 1 else f"{count} requests were"
            self.notice(
                f"{name}: {requests} recorded without credentials; rules about these are not judged"
            )
        self._without_credentials.clear()
