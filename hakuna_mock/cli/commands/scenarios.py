"""`hakuna-mock scenarios`."""

import json

import click

from hakuna_mock.cli.completing import scenarios
from hakuna_mock.cli.options import plain_format_option


@click.command("scenarios")
@click.argument("name", required=False, shell_complete=scenarios)
@plain_format_option
def command(name: str | None, output_format: str) -> int:
    """List the shipped scenarios; with NAME explain one of them."""
    from contracts.scenarios.catalogue import shipped
    from contracts.scenarios.format import write_scenario
    from contracts.suggestions import hint

    catalogue = shipped()
    if name is None:
        if output_format == "json":
            click.echo(json.dumps([write_scenario(item) for item in catalogue.values()], indent=2))
            return 0
        width = max(len(item) for item in catalogue)
        for item in catalogue.values():
            click.echo(f"{item.name:{width}}  {item.title}")
        click.echo(f"\n{len(catalogue)} scenarios; hakuna-mock play NAME plays one")
        return 0
    if name not in catalogue:
        part_of = next((item for item in catalogue if name in item), None)
        otherwise = f"did you mean {part_of}?" if part_of else "hakuna-mock scenarios lists them"
        more = hint(name, catalogue, otherwise)
        raise click.UsageError(f"there is no scenario {name!r}{more}")
    document = write_scenario(catalogue[name])
    if output_format == "json":
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return 0
    click.echo(f"{name}: {document.get('title', '')}\n\n{document.get('about', '')}\n")
    for number, step in enumerate(document["steps"], start=1):
        sent = step.get("shorthand") or step.get("raw") or json.dumps(step.get("body"))
        expect = step.get("expect", {})
        rules = [*expect.get("findings", []), *expect.get("advice", [])]
        click.echo(f"{number:3}. {sent if len(sent) <= 90 else sent[:89] + '…'}")
        if step.get("headers") or step.get("key"):
            headers = json.dumps(step.get("headers", {}))
            click.echo(f"     key {step.get('key', 'main')}, headers {headers}")
        click.echo(f"     {expect.get('status', 'any')}: {', '.join(rules) or 'nothing to say'}")
    return 0
