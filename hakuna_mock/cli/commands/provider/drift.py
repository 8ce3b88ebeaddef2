"""`hakuna-mock drift FILE…`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hakuna_mock.cli.options import color_option, verbosity_options, wants_color
from hakuna_mock.reports.drift import FORMATS, render

if TYPE_CHECKING:
    from contracts.drift.assumption import Assumption
    from contracts.drift.drift import Drift

FAIL_ON = ("refuted", "unexplained", "never")


@click.command("drift")
@click.argument("files", metavar="FILE…", nargs=-1, type=click.Path(path_type=Path))
@click.option("--list", "lists", is_flag=True, help="List all assumptions, and read no file.")
@click.option(
    "--profile",
    "profile_path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PATH",
    help="Write settings that make the mock accept and refuse as the provider did.",
)
@click.option(
    "--output-format",
    type=click.Choice(tuple(FORMATS)),
    default="text",
    show_default=True,
    help="How results are printed.",
)
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default="refuted",
    show_default=True,
    help="Exit with 1 if an assumption is refuted; unexplained: or a refusal has no known reason.",
)
@color_option
@verbosity_options[0]
def command(  # noqa: PLR0913 - one argument per option
    files: tuple[Path, ...],
    lists: bool,  # noqa: FBT001 - click passes flags so
    profile_path: Path | None,
    output_format: str,
    fail_on: str,
    color: str,
    quiet: bool,  # noqa: FBT001
) -> int:
    """Show what a provider did beside what is assumed; several files are merged.

    A FILE is what --drift of proxy, verify or fuzz wrote, or GET /_mock/v1/drift answered. With
    --output-format json the merged document is printed, to be merged again. --profile writes a
    file for serve --config and lists what settings cannot express.
    """
    from contracts.drift.attribution import settled, standings
    from contracts.drift.drift import merged
    from hakuna_mock.cli.delivery import refuse_to_overwrite
    from hakuna_mock.reports.model import Rendering

    refuse_to_overwrite("--profile ", profile_path, files)
    if lists:
        click.echo(_list(output_format))
        return 0
    if not files:
        raise click.UsageError("name a FILE that --drift wrote, or --list")
    runs = [_read(path) for path in files]
    drift = runs[0] if len(runs) == 1 else merged([settled(run) for run in runs])
    if profile_path is not None:
        _write_profile(drift, profile_path)
    coloured = wants_color(color)
    text = render(drift, output_format, Rendering("violation", coloured, quiet=quiet))
    of_text = output_format == "text"
    click.echo(text if of_text else text.encode("utf-8", "replace"), color=coloured)
    found = standings(drift)
    if fail_on == "never":
        return 0
    if found.refuted:
        return 1
    return int(fail_on == "unexplained" and bool(found.unexplained or found.unclear))


def _read(path: Path) -> "Drift":
    from contracts.drift.document import DriftError, from_json
    from hakuna_mock.inputs.json_file import read_json
    from hakuna_mock.inputs.reading import InputError

    try:
        return from_json(read_json(path))
    except InputError as error:
        raise click.UsageError(str(error)) from None
    except DriftError as error:
        raise click.UsageError(f"{path}: {error}") from None


def _write_profile(drift: "Drift", path: Path) -> None:
    from contracts.drift.profile import profile_of
    from contracts.http.masking import mask_secrets
    from hakuna_mock.cli.messages import notice
    from hakuna_mock.reports.model import counted

    profile = profile_of(drift)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(mask_secrets(profile.to_toml()), "utf-8")
    except OSError as error:
        raise click.UsageError(f"--profile {path}: {error.strerror}") from None
    settings = len(profile.rules) + (profile.auth is not None)
    notice(
        f"{path} has {counted(settings, 'setting')}; hakuna-mock serve --config {path} uses them"
    )
    for name, why in profile.missing:
        notice(f"settings cannot express {name}: {why}")


def _list(output_format: str) -> str:
    from contracts.drift.assumption import ASSUMPTIONS

    if output_format == "json":
        rows = [assumption.to_json() for assumption in ASSUMPTIONS.values()]
        return json.dumps(rows, indent=2, ensure_ascii=False)
    if output_format == "html":
        raise click.UsageError("--list has the formats text and json")
    return "\n".join(_listed(list(ASSUMPTIONS.values())))


def _listed(assumptions: "Sequence[Assumption]") -> list[str]:
    lines = []
    for assumption in assumptions:
        number = f"{assumption.number}." if assumption.number is not None else "-"
        lines.append(f"{number:>3} {assumption.id}  ({assumption.basis}; {assumption.source})")
        lines.append(f"    {assumption.assumed}")
        if assumption.never_sent:
            lines.append(f"    never exercised: {assumption.never_sent}")
        else:
            lines.append(f"    ask: {assumption.question}")
    return [*lines, "", f"{len(assumptions)} assumptions"]
