"""The command line: one file per command, imported only when it is used."""

import errno
import io
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

import click

from hakuna_mock.cli.version import print_version
from hakuna_mock.shadowing import explanation

COMMANDS = {
    "serve": "Run the mock server.",
    "init": "Write files to begin with into a project: a test, compose, CI, Kubernetes.",
    "proxy": "Run the server in front of the real provider, and hold it to what we assume.",
    "drift": "Show, merge and use what a provider did otherwise than assumed.",
    "check": "Judge recorded events offline.",
    "play": "Play a sequence: shorthand, a shipped scenario, or a scenario file.",
    "scenarios": "List and explain the shipped scenarios.",
    "verify": "Play the scenarios against any server and judge its replies.",
    "fuzz": "Drive a server with generated conversations, and shrink what goes wrong.",
    "convert": "Turn a sequence into another form: scenario, shorthand, JSON, HAR.",
    "coverage": "Show and merge what runs exercised of the contract.",
    "rules": "List all rules.",
    "explain": "Say everything about one rule.",
    "catalog": "List the faults that the server plays on demand.",
    "schema": "Print a JSON Schema, or the OpenAPI document.",
    "completion": "Print what makes your shell complete commands, rules and scenarios.",
    "state": "Look at, check, export, import or compact what `serve --state` keeps.",
    "healthcheck": "Ask a running server whether it is well.",
}


_PACKAGES = {"proxy": "provider", "drift": "provider"}
"""The package below `commands` where a command has one."""


class LazyGroup(click.Group):
    """A group whose commands live in `hakuna_mock/commands`, one module each."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which people meet them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module; None where there is no such command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        package = f".{_PACKAGES[cmd_name]}" if cmd_name in _PACKAGES else ""
        module = import_module(f"{__package__}.commands{package}.{cmd_name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but with the nearest name in the error."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from contracts.suggestions import hint

            more = hint(args[0], COMMANDS)
            raise click.UsageError(f"there is no command {args[0]!r}{more}") from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=print_version,
    help="Show the version, the commit and Python, and exit.",
)
def root() -> None:
    """Sandbox mock server and contract checks for the Hakuna Events API (unofficial).

    Exit codes: 0 clean, 1 findings, 2 usage or unreadable input, 3 target unreachable,
    130 interrupted.
    """


def main(args: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code; no traceback reaches the user."""
    problem = explanation(None)
    if problem:
        sys.exit(_unusable(problem))
    try:
        code = root.main(args, prog_name="hakuna-mock", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()  # a full disk is noticed here, and not after the exit code
    except click.ClickException as error:
        message = io.StringIO()
        error.show(message)
        _leave(2, message.getvalue())
    except (click.Abort, KeyboardInterrupt):
        _leave(130, "interrupted\n")
    except (BrokenPipeError, SystemExit):
        # The reader of our output has gone, as `head` does; click turns that into SystemExit.
        _leave(0)
    except Exception as error:  # noqa: BLE001 - the last door
        _leave(2, f"hakuna-mock: {_what_broke(error)}\n")
    _leave(code if isinstance(code, int) else 0)


def _unusable(problem: str) -> int:
    """Say why nothing of ours can be imported; so nothing of ours is used for it."""
    click.echo(problem, err=True)
    return 2


def _leave(code: int, message: str = "") -> NoReturn:
    """Say why, without the values of keys that were given, and exit, whatever can be written."""
    if message:
        from hakuna_mock.cli.messages import without_secrets

        with suppress(OSError):
            click.echo(without_secrets(message), nl=False, err=True)
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(code)


def _what_broke(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC and error.filename is None:
        return "the output cannot be written: no space left on device"
    if isinstance(error, MemoryError):
        return "there is not enough memory for this; give it less at once"
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" at {place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else ""
    what = f"{type(error).__name__}: {error}"[:500]
    return f"this is a fault of hakuna-mock itself; please report it: {what}{where}"
