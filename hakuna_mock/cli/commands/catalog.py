"""`hakuna-mock catalog`."""

import json

import click

from hakuna_mock.cli.options import plain_format_option


@click.command("catalog")
@plain_format_option
def command(output_format: str) -> int:
    """List the faults that the server plays on demand, and what a good client does then."""
    from contracts.faults.catalogue import CATALOGUE

    if output_format == "json":
        click.echo(json.dumps([kind.to_json() for kind in CATALOGUE.values()], indent=2))
        return 0
    for kind in CATALOGUE.values():
        click.echo(f"{kind.name}: {kind.title.lower()}")
        click.echo(f"  the client sees  {kind.sees}")
        click.echo(f"  the event is     {'stored' if kind.processed else 'not stored'}")
        click.echo(f"  a good client    {kind.good}")
    click.echo(
        "\nAsk for one with the header Hakuna-Mock-Fault: unavailable; times=2"
        "\n              or an order id ord-1--mock-unavailable-x2"
        '\n              or POST /_mock/v1/faults {"effect": "unavailable", "times": 2}'
    )
    return 0
