"""`hakuna-mock schema [NAME]`."""

import json

import click


@click.command("schema")
@click.argument("name", required=False)
def command(name: str | None) -> int:
    """Print a JSON Schema document; without NAME list them. `openapi` is the OpenAPI document."""
    from contracts import schemas
    from contracts.reference.openapi import openapi
    from contracts.suggestions import hint

    known = (*schemas.NAMES, "openapi")
    if name is None:
        for one in schemas.NAMES:
            click.echo(f"{one:28} {schemas.schema(one)['title']}")
        click.echo(f"{'openapi':28} {openapi()['info']['title']}")
    elif name == "openapi":
        click.echo(json.dumps(openapi(), indent=2, ensure_ascii=False))
    elif name in known:
        click.echo(schemas.text(name), nl=False)
    else:
        more = hint(name, known, f"there are {', '.join(known)}")
        raise click.UsageError(f"there is no schema {name!r}{more}")
    return 0
