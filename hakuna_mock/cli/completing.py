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

    return ((name, one.path) for name, one in STARTERS.items())


rules_and_checks = _named(_rules_and_checks)
scenarios = _named(_scenarios)
starters = _named(_starters)
rules = _named(_rules)
