"""Settings of the server as options of commands, made from its own table of options."""

from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from hakuna_mock.cli.completing import value_of
from mock_server.option_values import as_size
from mock_server.settings import JUDGING, OPTIONS, Settings, SettingsError, env_name, read_policy

Command = Callable[..., Any]


def setting_options(names: Iterable[str]) -> Callable[[Command], Command]:
    """A decorator: one option for each of these settings, and `--config`."""

    def decorate(command: Command) -> Command:
        command = click.option(
            "--config",
            type=click.Path(path_type=Path, dir_okay=False),
            help="TOML file with a table [tool.hakuna-mock] (default: ./pyproject.toml).",
        )(command)
        for name in reversed([*names]):
            option = OPTIONS[name]
            text = f"{option.help}{_default(name)}  [{env_name(name)}]"
            if option.kind.metavar:
                command = click.option(
                    option.flag,
                    name,
                    metavar=option.kind.metavar,
                    multiple=option.many,
                    shell_complete=value_of(name, option.kind.schema.get("enum", ())),
                    help=text,
                )(command)
            else:
                command = click.option(option.flag, name, is_flag=True, help=text)(command)
        return command

    return decorate


def _default(name: str) -> str:
    """The default of a setting, where it is a number or a word."""
    default = getattr(Settings(), name)
    if OPTIONS[name].kind.metavar == "SIZE":
        default = as_size(default)
    plain = isinstance(default, int | str) and not isinstance(default, bool)
    return f"  [default: {default}]" if plain else ""


def policy_options(command: Command) -> Command:
    """The settings that say how events are judged; the command gets them as one `policy`."""
    return policy_options_with()(command)


def policy_options_with(*more: str) -> Callable[[Command], Command]:
    """The same, and further settings that belong to the policy."""
    names = (*JUDGING, *more)

    def decorate(command: Command) -> Command:
        @wraps(command)
        def with_policy(*, config: Path | None, **arguments: Any) -> Any:
            from contracts.worlds.rule_levels import rule_levels, silenced_refusals
            from hakuna_mock.cli.messages import notice

            flags = {name: arguments.pop(name) for name in names}
            try:
                policy = read_policy(flags, config=config, only=names)
            except SettingsError as error:
                raise click.UsageError(str(error)) from None
            for warning in silenced_refusals(rule_levels(policy)):
                notice(warning)
            return command(policy=policy, **arguments)

        return setting_options(names)(with_policy)

    return decorate
