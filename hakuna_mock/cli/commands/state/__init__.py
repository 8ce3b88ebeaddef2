"""`hakuna-mock state`: what `serve --state` keeps, to look at, check, export, import, compact."""

from hakuna_mock.cli.commands.state.subcommands import command

__all__ = ["command"]
