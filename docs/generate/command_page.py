"""The command line: every command with its arguments and options."""

from typing import Any

import click
from markdown import angle, block, code, page, paragraphs, table

from hakuna_mock.cli.main import COMMANDS, root
from mock_server.settings import OPTIONS, env_name


def text() -> str:
    """The page."""
    context = click.Context(root, info_name="hakuna-mock")
    commands = [(name, root.get_command(context, name)) for name in COMMANDS]
    overview = table(
        ["command", "does"], ((f"[{name}](#{name})", COMMANDS[name]) for name, _ in commands)
    )
    return page(
        "Command line",
        f"{code('hakuna-mock COMMAND --help')} says the same. {paragraphs(root.help or '')}",
        overview,
        *(_command(context, name, command) for name, command in commands if command),
        "## Settings of the server",
        "Each flag of `serve` has a variable, and a name in the table `[tool.hakuna-mock]` of "
        "`pyproject.toml` or of the file that `--config` names. The flag wins, then the variable, "
        "then the file. Lists are written with commas in a variable. Levels of rules add up: a "
        "flag or variable overrides those of the rules that it names. A file that cannot be read, "
        "a name that is not a setting and a rule that does not exist are errors. "
        "`hakuna-mock schema config` prints the JSON Schema of the table. `check`, `play`, "
        "`verify`, `fuzz` and the pytest plugin read the settings that say how events are judged "
        "from the same places.",
        block(
            "[tool.hakuna-mock]\n"
            'enforcement = "reject"\n'
            'protection_products = ["plan-*"]\n'
            "\n"
            "[tool.hakuna-mock.rules]\n"
            'zip-format = "off"            # or advice, warning, violation\n'
            'over-refund = "refuse"        # a request that breaks it gets 400\n'
            'timestamp-future = "accept"   # and here it gets 200, also where enforcement is reject'
        ),
        table(
            ["flag", "variable", "name in TOML"],
            (
                (
                    code(option.flag),
                    code(env_name(name)),
                    code(name.replace("_", "-")),
                )
                for name, option in OPTIONS.items()
            ),
        ),
    )


def _command(parent: click.Context, name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name, parent=parent)
    usage = command.get_usage(context).removeprefix("Usage: ")
    options = [param for param in command.params if isinstance(param, click.Option)]
    heading = "##" if parent.parent is None else "###"
    parts = [
        f"{heading} {command_name(context)}",
        block(" ".join(usage.split())),
        angle(paragraphs((command.help or "").replace("\b", ""))),
        table(["option", "does"], ((_names(option), _help(option)) for option in options)),
    ]
    if isinstance(command, click.Group):
        inner = (
            (subcommand, command.get_command(context, subcommand))
            for subcommand in command.list_commands(context)
        )
        parts += [_command(context, item, found) for item, found in inner if found]
    return "\n\n".join(filter(None, parts))


def command_name(context: click.Context) -> str:
    """A command as it is typed, without the program's name."""
    return context.command_path.partition(" ")[2]


def _names(option: click.Option) -> str:
    names = ", ".join([*option.opts, *option.secondary_opts])
    if option.is_flag or option.count:
        return code(names)
    kind: Any = option.type
    choices = "|".join(map(str, kind.choices)) if isinstance(kind, click.Choice) else ""
    value = option.metavar or choices or kind.name.upper()
    return code(f"{names} {value}")


def _help(option: click.Option) -> str:
    sentences = [angle(" ".join((option.help or "").split()))]
    if option.multiple and "several times" not in sentences[0] and "repeatable" not in sentences[0]:
        sentences.append("May be given several times.")
    if option.show_default and option.default not in (None, False, ()):
        sentences.append(f"Default: {code(str(option.default))}.")
    if option.required:
        sentences.append("Required.")
    return " ".join(filter(None, sentences))
