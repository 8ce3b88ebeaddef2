"""All rules with their evidence."""

from collections import Counter
from typing import Any

from markdown import angle, code, page, paragraphs, table

from contracts.findings.finding import Basis, Severity
from contracts.findings.sources import PAGES
from contracts.reference.rule_docs import in_words
from contracts.rules import RULES, Rule, Stage

WHEN = {
    Stage.REQUEST: "the request itself",
    Stage.SCHEMA: "faults against the schema",
    Stage.BODY: "the values of a valid event",
    Stage.ARRIVAL: "an event when it arrives",
    Stage.STATE: "what an event does to its order",
    Stage.RETRY: "a fault on demand, and the attempts that follow it",
}


def text() -> str:
    """The page."""
    rules = list(RULES.values())
    counts = Counter((rule.severity, rule.basis) for rule in rules)
    return page(
        "Rules",
        f"There are {len(rules)}. `hakuna-mock rules` lists them, `hakuna-mock explain RULE` "
        "prints what stands here. `PUT /_mock/v1/settings` switches a rule off in a world, or "
        "gives it another severity there.",
        "**Severity.** A violation breaks a must, a warning something strongly implied; advice "
        "fails nothing by default. **Basis.** `documented`: a public page of the provider says it. "
        "`inferred`: it follows from the published examples. `house`: a choice of hakuna-mock. "
        "[Fidelity](../explanation/fidelity.md) says what that is worth.",
        table(
            ["", *Basis, "all"],
            (
                (
                    str(severity),
                    *(str(counts[severity, basis]) for basis in Basis),
                    str(sum(counts[severity, basis] for basis in Basis)),
                )
                for severity in Severity
            ),
        ),
        table(
            ["rule", "severity", "basis", "says"],
            (
                (f"[{rule.id}](#{rule.id})", rule.severity, rule.basis, angle(rule.title))
                for rule in rules
            ),
        ),
        *map(_rule, rules),
    )


def _rule(rule: Rule[Any]) -> str:
    events = "all events" if len(rule.events) == 5 else ", ".join(map(code, rule.events))
    facts = [
        ("severity", f"{rule.severity}{f' ({angle(rule.variants)})' if rule.variants else ''}"),
        ("basis", f"{rule.basis}{f': {angle(rule.because)}' if rule.because else ''}"),
        ("looks at", f"{WHEN.get(rule.stage, rule.stage.name.lower())}; {events}"),
        ("passes", "<br>".join(code(in_words(example)) for example in rule.passes)),
        ("violates", "<br>".join(code(in_words(example)) for example in rule.violates)),
        ("fix", angle(rule.fix)),
        ("source", "; ".join(_source(source) for source in rule.sources)),
    ]
    if rule.always_refuses:
        facts.insert(1, ("refused", "in every enforcement"))
    return "\n\n".join(
        [
            f"## {rule.id}",
            f"{angle(rule.title[:1].upper() + rule.title[1:])}.",
            angle(paragraphs(rule.why)),
            table(["", ""], facts),
        ]
    )


def _source(short: str) -> str:
    title, address = PAGES[short]
    return f"[{title}]({address})" if address else title
