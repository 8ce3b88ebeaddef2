"""`hakuna-mock state info|check|export|import|compact TARGET`."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hakuna_mock.cli.options import INPUT_FORMS, plain_format_option
from hakuna_mock.cli.setting_options import policy_options

if TYPE_CHECKING:
    from contracts.worlds.policy import Policy
    from mock_server.store.log.database import Database

target_argument = click.argument("target", metavar="PATH|URL")


@click.group("state")
def command() -> None:
    """Look at what `serve --state` keeps: a SQLite file, or a PostgreSQL database by its URL.

    A file can only be opened while no server uses it; of a database everything but `import` works
    while servers run.
    """


@contextmanager
def _opened(target: str, *, make: bool = False) -> Iterator["Database"]:
    """The database of a state; a usage error where it cannot be used."""
    from mock_server.start_error import StartError
    from mock_server.store.state_target import check_state

    try:
        check_state(target)
    except ValueError as error:
        raise click.UsageError(f"TARGET {error}") from None
    try:
        from hakuna_mock.runs.state import opened
    except ModuleNotFoundError as error:
        from mock_server.store.opening import missing

        raise click.UsageError(missing(error.name or "", target)) from None
    from mock_server.store.log.database import DatabaseError

    try:
        with opened(target, make=make) as database:
            yield database
    except StartError as error:
        raise click.UsageError(str(error).removeprefix("--state ")) from None
    except DatabaseError as error:
        raise click.UsageError(f"{database.where}: {error}") from None


@contextmanager
def _whole_or_absent(target: str) -> Iterator[None]:
    """A file that did not exist before does not remain if what it was made for fails."""
    from mock_server.store.state_target import is_postgres

    path = None if is_postgres(target) or Path(target).exists() else Path(target)
    try:
        yield
    except BaseException:
        if path is not None:
            path.unlink(missing_ok=True)
        raise


def _readable(run: Callable[..., int]) -> Callable[..., int]:
    """What a damaged log means for every command but `check`."""

    @wraps(run)
    def guarded(*arguments: Any, **options: Any) -> int:
        try:
            from mock_server.store.log.rows import DamagedLogError
        except ModuleNotFoundError:
            return run(*arguments, **options)
        try:
            return run(*arguments, **options)
        except DamagedLogError as error:
            raise click.UsageError(f"{error}; `hakuna-mock state check` says more") from None

    return guarded


@command.command("info")
@target_argument
@plain_format_option
@_readable
def info(target: str, output_format: str) -> int:
    """What is kept, how much, and how large it is."""
    with _opened(target) as database:
        from hakuna_mock.runs.state import facts, load

        found = facts(target, database, load(database))
    if output_format == "json":
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    from hakuna_mock.reports.model import counted

    size, events = found["size_bytes"], found["events"]
    per_event = f", {size // events:,} a kept event" if events else ""
    click.echo(f"{found['state']}: {found['kind']}, {size:,} bytes{per_event}")
    since = f"since the snapshot at position {found['snapshot_position']:,}"
    click.echo(f"position {found['position']:,}; {counted(found['log_rows'], 'row')} {since}")
    for world in found["worlds"]:
        kept = ", ".join(counted(world[f"{noun}s"], noun) for noun in ("order", "event", "request"))
        is_open = ", ".join(counted(count, name) for name, count in world["open_findings"].items())
        click.echo(f"  {world['id']}  {world['key_masked']}  {kept}; open: {is_open}")
    if not found["worlds"]:
        click.echo("  no worlds: nothing was received")
    return 0


@command.command("check")
@target_argument
@plain_format_option
def check(target: str, output_format: str) -> int:
    """Whether everything can be read and nothing contradicts itself; exit 1 where it does not."""
    with _opened(target) as database:
        from hakuna_mock.reports.model import counted
        from hakuna_mock.runs.state import contradictions, load
        from mock_server.store.log.rows import DamagedLogError

        problems = database.check()
        events = 0
        try:
            loaded = load(database)
            events = sum(len(world.events) for world in loaded.worlds.by_id.values())
            problems += contradictions(loaded.worlds)
        except DamagedLogError as error:
            problems.append(str(error))
    if output_format == "json":
        click.echo(json.dumps({"problems": problems, "events": events}, indent=2))
    else:
        for problem in problems:
            click.echo(problem)
        click.echo(
            f"{counted(len(problems), 'problem')}; restore a copy, or start a new state"
            if problems
            else f"no problems in {events:,} events: every row can be read, ids are unique, and "
            "each order is what its events make of it"
        )
    return 1 if problems else 0


@command.command("export")
@target_argument
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file instead of printing.",
)
@_readable
def export(target: str, output: Path | None) -> int:
    """Write the requests that are kept as JSON Lines, which `check` and `state import` read.

    Keys are not among them, for none is kept: worlds are named by their ids.
    """
    from hakuna_mock.cli.delivery import refuse_to_overwrite

    refuse_to_overwrite("--output ", output, (target,))
    with _opened(target) as database:
        from hakuna_mock.runs.state import load, recordings

        lines = map(_line, recordings(load(database).worlds))
        if output is None:
            for line in lines:
                click.echo(line)
            return 0
        try:
            with output.open("w", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines)
        except OSError as error:
            raise click.UsageError(f"{output}: {error.strerror}") from None
    return 0


def _line(row: dict[str, Any]) -> str:
    text = json.dumps(row, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(row)
    return text


@command.command("import")
@target_argument
@click.argument("path", metavar="FILE|-")
@click.option(
    "--input",
    "read_as",
    type=click.Choice(INPUT_FORMS),
    default="auto",
    show_default=True,
    help="What the file holds.",
)
@policy_options
@_readable
def import_(target: str, path: str, read_as: str, policy: "Policy") -> int:
    """Fill a new state with recordings: an export, or what `check` reads.

    Each request is judged anew, under the settings that are given here. Requests of an export go
    back to their worlds, others into that of the key sk_test_demo.
    """
    from hakuna_mock.cli.messages import notice
    from hakuna_mock.inputs.reading import InputError, Reading
    from hakuna_mock.reports.model import counted
    from mock_server.settings import Settings

    with _whole_or_absent(target):
        with _opened(target, make=True) as database:
            from hakuna_mock.inputs.state_import import import_into, recorded_in

            reading = Reading(read_as, notice)
            try:
                done = import_into(database, recorded_in(path, reading), policy, Settings().bounds)
            except InputError as error:
                raise click.UsageError(str(error)) from None
        if reading.not_events:
            raise click.UsageError("\n".join(reading.not_events))
    requests, events = counted(done.requests, "request"), counted(done.events, "event")
    click.echo(f"{requests} imported, {events} accepted")
    if done.otherwise:
        notice(
            f"{done.otherwise} of them were answered otherwise when they were recorded; were other "
            "settings in force? (--enforcement, --rule)"
        )
    return 0


@command.command("compact")
@target_argument
@_readable
def compact(target: str) -> int:
    """Replace the log by what it made, and give the room back.

    Servers do this by themselves, too, when the log has become long.
    """
    with _opened(target) as database:
        from hakuna_mock.runs.state import load
        from mock_server.store.log.rows import freeze

        before = database.size()
        loaded = load(database)
        if not database.compact(freeze(loaded.worlds, loaded.position), loaded.head.generation):
            raise click.UsageError("a server compacted it in the meantime; nothing is left to do")
        database.shrink(whole=True)
        click.echo(f"{before:,} bytes before, {database.size():,} bytes now")
    return 0
