"""The front door: command line, reports, the pytest plugin, and `running()` for scripts."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from hakuna_mock.checkout import alias_rooms

if TYPE_CHECKING:
    from hakuna_mock.pytest.world import Hakuna

__all__ = ["Hakuna", "running"]

alias_rooms()


def running(**settings: Any) -> "AbstractContextManager[Hakuna]":
    """A server of one's own for the length of a `with` block, and a fresh world in it.

    The object is the one that the pytest fixture `hakuna` gives. `settings` are the options of
    `hakuna-mock serve` (`enforcement="reject"`); without `port` any free one is taken.
    SettingsError for what is not a setting, ListenError where the port is taken, ImportError where
    a checkout of hakuna-mock finds its packages' names taken by others.
    """
    from hakuna_mock.shadowing import explanation

    problem = explanation(None)
    if problem:
        raise ImportError(problem)
    from hakuna_mock.pytest.world import running as started

    return started(**settings)


def __getattr__(name: str) -> Any:
    """`Hakuna`, the fixture's type, once somebody asks for it: pytest loads this package always."""
    if name != "Hakuna":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from hakuna_mock.pytest.world import Hakuna

    return Hakuna
