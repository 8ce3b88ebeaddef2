"""What the shell completes after a command: names that are known without running anything."""

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _named(names: Callable[[], Iterable[tuple[str, str]]]) -> Complete:
    """Completes names, each with a line of help where the shell shows it."""

    def complete(
        _ctx: click.Context, _param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        return [
            CompletionItem(name, help=text) for name, text in names() if name.startswith(incomplete)
        ]

    return complete


def _rules() -> Iterable[tuple[str, str]]:
    from contracts.rules import RULES

    return ((rule.id, rule.title) for rule in RULES.values())


def _rules_and_checks() -> Iterable[tuple[str, str]]:
    from fuzz.checks.catalogue import CHECKS

    return [*_rules(), *((check.id, check.title) for check in CHECKS.values())]


def _scenarios() -> Iterable[tuple[str, str]]:
    from contracts.scenarios.catalogue import shipped

    return ((name, scenario.title) for name, scenario in shipped().items())


def _starters() -> Iterable[tuple[str, str]]:
    from hakuna_mock.starters.write import STARTERS

    return ((name, starter.path) for name, starter in STARTERS.items())


def _levels(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """`ID=` while several rules begin so, then `ID=LEVEL` of the one that does."""
    from contracts.worlds.rule_levels import LEVELS

    begun = incomplete.partition("=")[0]
    found = [name for name, _ in _rules() if name.startswith(begun)]
    if "=" in incomplete:
        found = [begun] if begun in found else []
    offered = [f"{name}=" for name in found]
    if len(found) == 1:
        offered = [f"{found[0]}={level}" for level in LEVELS]
    return [CompletionItem(item) for item in offered if item.startswith(incomplete)]


def value_of(setting: str, choices: Iterable[str]) -> Complete | None:
    """Completes the value of a setting of the server; None where it can be anything."""
    known = {"rules": _levels, "load": scenarios}
    words = [(choice, "") for choice in choices]
    return known.get(setting) or (_named(lambda: words) if words else None)


rules_and_checks = _named(_rules_and_checks)
scenarios = _named(_scenarios)
starters = _named(_starters)
rules = _named(_rules)
