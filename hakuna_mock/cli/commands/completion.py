"""`hakuna-mock completion SHELL`."""

import click
from click.shell_completion import get_completion_class

PROGRAM = "hakuna-mock"
VARIABLE = "_HAKUNA_MOCK_COMPLETE"
SHELLS = {
    "bash": 'eval "$(hakuna-mock completion bash)"     # in ~/.bashrc',
    "zsh": 'eval "$(hakuna-mock completion zsh)"      # in ~/.zshrc, after compinit',
    "fish": "hakuna-mock completion fish | source      # in ~/.config/fish/config.fish",
}


@click.command(
    "completion",
    epilog="\b\nPut one line into your shell's start file:\n" + "\n".join(SHELLS.values()),
)
@click.argument("shell", type=click.Choice(tuple(SHELLS)))
def command(shell: str) -> int:
    """Print what makes your shell complete commands, options, rules and scenarios.

    bash 4.4 or newer, zsh, fish.
    """
    from hakuna_mock.cli.main import root

    made = get_completion_class(shell)
    assert made is not None  # noqa: S101 - click knows these three
    # click asks the bash of the PATH for its version in `source()`; the text needs none of it.
    script = made(root, {}, PROGRAM, VARIABLE)
    click.echo(script.source_template % script.source_vars())
    return 0
