"""`hakuna-mock convert INPUT`."""

from pathlib import Path

import click

from hakuna_mock.cli.options import INPUT_FORMS


@click.command("convert")
@click.argument("given", metavar="SHORTHAND|SCENARIO|PATH|-")
@click.option(
    "--to",
    "form",
    type=click.Choice(("scenario", "shorthand", "json", "jsonl", "har")),
    default="scenario",
    show_default=True,
    help="The form to write.",
)
@click.option(
    "--input",
    "read_as",
    type=click.Choice(INPUT_FORMS),
    default="auto",
    show_default=True,
    help="What a file holds.",
)
@click.option("--name", help="The scenario's name (default: from the input).")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file instead of printing.",
)
def command(given: str, form: str, read_as: str, name: str | None, output: Path | None) -> int:
    """Turn a sequence from one form into another.

    The input is shorthand, a shipped scenario's name, or a file or folder of events, recordings or
    an HTTP archive. From recordings, what was replied then becomes what is expected. API keys and
    other secrets are never written.
    """
    from hakuna_mock.cli.messages import notice
    from hakuna_mock.inputs.convert import FORMS, ConvertError, left_out, read_sequence
    from hakuna_mock.inputs.reading import InputError, Reading
    from hakuna_mock.runs.play import PlayError

    try:
        chosen = FORMS[form]
        reading = Reading(read_as, notice)
        scenario = read_sequence(given, name, reading, holds_faults=chosen.holds_faults)
        text = chosen.write(scenario)
    except (ConvertError, InputError, PlayError) as error:
        raise click.UsageError(str(error)) from None
    if reading.not_events:
        raise click.UsageError("\n".join(reading.not_events))
    if form == "shorthand" and left_out(scenario, text):
        notice("shorthand leaves out what it has no sign for: prices, titles, customers, headers")
    if output is None:
        click.echo(text)
        return 0
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text + "\n", "utf-8")
    except OSError as error:
        raise click.UsageError(f"{output}: {error.strerror}") from None
    return 0
