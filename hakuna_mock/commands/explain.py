"""`hakuna-mock explain RULE`."""

import json

import click

from hakuna_mock.options import color_option, plain_format_option, wants_color


@click.command("explain")
@click.argument("rule_id", metavar="RULE")
@plain_format_option
@color_option
def command(rule_id: str, output_format: str, color: str) -> int:
    """Say everything about one rule: why, source, fix, examples."""
    from contracts.catalogue import describe
    from contracts.names import hint
    from contracts.rules import RULES
    from hakuna_mock.reports.words import explained

    if rule_id not in RULES:
        more = hint(rule_id, RULES, "hakuna-mock rules lists them")
        raise click.UsageError(f"there is no rule {rule_id!r}{more}")
    rule = RULES[rule_id]
    if output_format == "json":
        click.echo(json.dumps(describe(rule), indent=2))
    else:
        coloured = wants_color(color)
        click.echo(explained(rule, coloured=coloured), color=coloured)
    return 0
