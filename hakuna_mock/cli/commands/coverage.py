"""`hakuna-mock coverage FILE…`."""

import json
from pathlib import Path

import click

from hakuna_mock.cli.options import plain_format_option


@click.command("coverage")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--min",
    "least",
    type=click.FloatRange(0, 100),
    default=0.0,
    metavar="PERCENT",
    help="Exit with 1 if less than this was exercised.",
)
@plain_format_option
def command(files: tuple[Path, ...], least: float, output_format: str) -> int:
    """Show what one run or several together exercised of the contract.

    A FILE is what --coverage of check, play or verify wrote, or GET /_mock/v1/coverage answered.
    With --output-format json the merged coverage is printed, to be merged again.
    """
    from contracts.worlds.coverage import CoverageError, merged, read_coverage
    from hakuna_mock.inputs.json_file import read_json
    from hakuna_mock.inputs.reading import InputError
    from hakuna_mock.reports.coverage import coverage_text, percent

    runs = []
    for path in files:
        try:
            runs.append(read_coverage(read_json(path)))
        except InputError as error:
            raise click.UsageError(str(error)) from None
        except CoverageError as error:
            raise click.UsageError(f"{path}: {error}") from None
    document = merged(runs).to_json()
    if output_format == "json":
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo(coverage_text(document))
    if percent(document) < least:
        click.echo(
            f"hakuna-mock: {percent(document):.1f} % were exercised, --min asks for {least:g}",
            err=True,
        )
        return 1
    return 0
