"""Seeded bugs: each a mistake that somebody who builds this API could make, as a small patch.

A patch is applied inside a server process of its own (`python benchmarks/mutants.py --serve NAME`)
and changes our own server at one of its seams. The modules hold one area each.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from contracts.values import replace

judge = import_module("contracts.judging.judge")
"""The module: `contracts.judging.judge` as an attribute is the function."""

closing = import_module("contracts.judging.closing")
case = import_module("contracts.judging.case")


@dataclass(frozen=True)
class Mutant:
    """One bug: its name, the area it belongs to, what is wrong, and the patch that makes it so.

    `enforcement` is how the server is started.
    """

    name: str
    kind: str
    about: str
    patch: Callable[[], None]
    enforcement: str = "flag"


MUTANTS: dict[str, Mutant] = {}
"""All bugs by name, once `load` was called."""

Patch = Callable[[], None]


def bug(kind: str, *, enforcement: str = "flag") -> Callable[[Patch], Patch]:
    """Register a patch under its function's name; the docstring says what is wrong."""

    def wrap(patch: Patch) -> Patch:
        name = patch.__name__.replace("_", "-")
        add(Mutant(name, kind, (patch.__doc__ or "").strip(), patch, enforcement))
        return patch

    return wrap


def add(mutant: Mutant) -> None:
    """Register a bug; a name is given once."""
    if mutant.name in MUTANTS:
        raise ValueError(f"two bugs are called {mutant.name}")
    MUTANTS[mutant.name] = mutant


def around(owner: Any, name: str, new: Callable[..., Any]) -> None:
    """Replace a function or method; the new one gets the old one as its first argument."""
    old = getattr(owner, name)

    def changed(*args: Any, **named: Any) -> Any:
        return new(old, *args, **named)

    setattr(owner, name, changed)


def around_judge(name: str, new: Callable[..., Any]) -> None:
    """Replace one of the checks of `judge`, or a way in which it ends (accept, refuse, replay)."""
    old = getattr(judge, name)

    def changed(*args: Any, **named: Any) -> Any:
        return new(old, *args, **named)

    setattr(judge, name, changed)
    judge.CHECKS = tuple(changed if check is old else check for check in judge.CHECKS)


def before_effects(new: Callable[..., Any]) -> None:
    """Change the verdict that a store is about to carry out; `new` gets case and verdict."""
    old = closing._verdict

    def changed(found: Any, *args: Any, **named: Any) -> Any:
        return new(found, old(found, *args, **named))

    closing._verdict = changed


def checked(rule_id: str, new: Callable[..., Any]) -> None:
    """Another check for a rule; it gets the old one first."""
    rules = import_module("contracts.rules")
    rule = rules.RULES[rule_id]
    changed = replace(rule, check=lambda context: new(rule.check, context))
    rules.RULES[rule_id] = changed
    for asked in rules._ASKED.values():
        asked[:] = [changed if item is rule else item for item in asked]


def load() -> dict[str, Mutant]:
    """All bugs, every area imported."""
    for found in iter_modules(__path__, f"{__name__}."):
        import_module(found.name)
    return MUTANTS
