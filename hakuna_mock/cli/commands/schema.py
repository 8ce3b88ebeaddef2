"""`hakuna-mock schema [NAME]`."""

import json

import click


@click.command("schema")
@click.argument("name", required=False)
def command(name: str | None) -> int:
    """Print a JSON Schema document; without NAME list them.

    `config` is the schema of the table [tool.hakuna-mock], `openapi` the OpenAPI document.
    """
    from contracts import schemas
    from contracts.reference.openapi import openapi
    from contracts.suggestions import hint
    from mock_server.settings_schema import settings_schema

    known = (*schemas.NAMES, "config", "openapi")
    if name is None:
        for item in schemas.NAMES:
            click.echo(f"{item:28} {schemas.schema(item)['title']}")
        click.echo(f"{'config':28} {settings_schema()['title']}")
        click.echo(f"{'openapi':28} {openapi()['info']['title']}")
    elif name == "config":
        click.echo(json.dumps(settings_schema(), indent=2, ensure_ascii=False))
    elif name == "openapi":
        click.echo(json.dumps(openapi(), indent=2, ensure_ascii=False))
    elif name in known:
        click.echo(schemas.text(name), nl=False)
    else:
        more = hint(name, known, f"there are {', '.join(known)}")
        raise click.UsageError(f"there is no schema {name!r}{more}")
    return 0
