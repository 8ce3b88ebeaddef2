"""What `hakuna-mock --version` prints: the version, the commit that it was made of, and Python."""

import platform
import subprocess
from contextlib import suppress
from pathlib import Path
from pkgutil import get_data

import click

PACKAGE = __package__.partition(".")[0]


def version_line() -> str:
    """One line; a bug report begins with it."""
    from contracts.version import __version__

    commit = _commit()
    made_of = f"commit {commit[:12]}, " if commit else ""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"hakuna-mock, version {__version__} ({made_of}{python}, {platform.system()})"


def _commit() -> str:
    """The commit: a wheel holds it, and in a checkout git knows it; empty where nobody does."""
    with suppress(OSError):
        recorded = get_data(PACKAGE, "commit.txt")
        if recorded is not None:
            return recorded.decode("utf-8").strip()
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return ""
    try:
        return subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude", "*"],  # noqa: S607 - git of the path
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
            timeout=5,
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def print_version(ctx: click.Context, _option: click.Parameter, expected: bool) -> None:  # noqa: FBT001 - click's
    """The option's callback."""
    if expected and not ctx.resilient_parsing:
        click.echo(version_line())
        ctx.exit()
