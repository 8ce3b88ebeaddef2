"""`hakuna-mock rules`."""

import json

import click

from hakuna_mock.cli.options import color_option, plain_format_option, wants_color


@click.command("rules")
@plain_format_option
@color_option
def command(output_format: str, color: str) -> int:
    """List all rules: severity, basis, id, title."""
    from contracts.reference.rule_docs import describe
    from contracts.rules import RULES
    from hakuna_mock.reports.text import paint

    if output_format == "json":
        click.echo(json.dumps([describe(rule) for rule in RULES.values()], indent=2))
        return 0
    coloured = wants_color(color)
    width = max(len(rule_id) for rule_id in RULES)
    for rule in sorted(RULES.values(), key=lambda item: (item.family, item.severity.rank)):
        severity = paint(f"{rule.severity:9}", rule.severity, coloured=coloured)
        click.echo(f"{severity} {rule.basis:10} {rule.id:{width}}  {rule.title}", color=coloured)
    click.echo(f"\n{len(RULES)} rules; hakuna-mock explain RULE says more", color=coloured)
    return 0
