"""`hakuna-mock explain RULE|CHECK`."""

import json

import click

from hakuna_mock.cli.completing import rules_and_checks
from hakuna_mock.cli.options import color_option, plain_format_option, wants_color, wants_links


@click.command("explain")
@click.argument("rule_id", metavar="RULE", shell_complete=rules_and_checks)
@plain_format_option
@color_option
def command(rule_id: str, output_format: str, color: str) -> int:
    """Say everything about one rule: why, source, fix, examples.

    The checks of verify and fuzz (reply-status and others) are explained, too, and the findings
    about the provider behind a proxy and its document.
    """
    from contracts.findings.outside import OUTSIDE
    from contracts.reference.rule_docs import describe
    from contracts.rules import RULES
    from contracts.suggestions import hint
    from fuzz.checks.catalogue import CHECKS
    from hakuna_mock.reports.text import check_explained, explained

    coloured, links = wants_color(color), wants_links(color)
    if rule_id in CHECKS:
        check = CHECKS[rule_id]
        if output_format == "json":
            click.echo(json.dumps(check.to_json(), indent=2))
        else:
            click.echo(check_explained(check, coloured=coloured, links=links), color=coloured)
        return 0
    if rule_id in OUTSIDE:
        outside = OUTSIDE[rule_id]
        shown = json.dumps(outside.to_json(), indent=2) if output_format == "json" else str(outside)
        click.echo(shown)
        return 0
    if rule_id not in RULES:
        known = [*RULES, *CHECKS, *OUTSIDE]
        more = hint(rule_id, known, "hakuna-mock rules lists them")
        raise click.UsageError(f"there is no rule {rule_id!r}{more}")
    rule = RULES[rule_id]
    if output_format == "json":
        click.echo(json.dumps(describe(rule), indent=2))
    else:
        click.echo(explained(rule, coloured=coloured, links=links), color=coloured)
    return 0
