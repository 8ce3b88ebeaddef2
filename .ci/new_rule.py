"""Write the stubs of a new rule: rule, counterpart in the fuzzer's model, changelog line.

    make new-rule ID=gift-card-refund                 # a file of its own
    make new-rule ID=gift-card-refund FAMILY=customer # in the file of that family

The stub sees the values of an event (stage BODY), never fires, and has no examples yet: the tests
that demand examples fail until you fill them in, and no other test does.
"""

import argparse
import keyword
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "contracts" / "rules" / "families"
MODEL = ROOT / "fuzz" / "model"
CHANGELOG = ROOT / "CHANGELOG.md"

NAMES = ("HOUSE", "WARNING", "BodyContext", "Found", "Stage", "rule")
"""What a stub takes from contracts/rules/rule.py."""

MODULE = '''"""TODO: what the rules in this file have in common."""

from collections.abc import Iterator

from contracts.rules.rule import {names}
'''

RULE = '''

@rule(
    id="{id}",
    title="{title}",
    stage=Stage.BODY,
    severity=WARNING,
    basis=HOUSE,
    sources=("house",),
    because="TODO: why hakuna-mock has this rule",
    fix="TODO: what to do, so that following it works",
    passes=(),
    violates=(),
)
def {name}(context: BodyContext) -> Iterator[Found]:
    """TODO: what goes wrong in a shop that breaks this rule.

    TODO: yield Found(pointer, message) for each place in the body that breaks it.
    """
    del context
    yield from ()
'''

COUNTERPART = '''

def {name}(event: dict[str, Any]) -> int:
    """TODO: how often the event breaks the rule; written apart from contracts."""
    del event
    return 0


RULES["{id}"] = ("warning", {name})
'''


def main() -> int:
    """Write the stubs; 2 if the id or the family cannot be used."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("id", help="lowercase words with hyphens, such as gift-card-refund")
    parser.add_argument("--family", help="an existing family (default: a new file)")
    options = parser.parse_args()
    problem = _problem(options.id, options.family)
    if problem:
        print(f"make new-rule: {problem}", file=sys.stderr)
        return 2
    name = options.id.replace("-", "_")
    written = [_write_rule(options.id, name, options.family), _write_counterpart(options.id, name)]
    written.append(_write_changelog(options.id))
    _format(written[:2])
    _generate_docs()
    for path in written:
        print(f"wrote {path.relative_to(ROOT)}")
    print("next: fill in the TODOs and the examples, then: make lint docs test")
    return 0


def _problem(rule_id: str, family: str | None) -> str | None:
    """What is wrong with the arguments, and what to write instead."""
    if not re.fullmatch("[a-z]+(-[a-z0-9]+)+", rule_id):
        return f"{rule_id!r} is not an id of a rule; write two words or more: ID=gift-card-refund"
    if any(f'id="{rule_id}"' in path.read_text("utf-8") for path in RULES.glob("*.py")):
        return f"there is a rule {rule_id} already; choose another id"
    module = family or rule_id.replace("-", "_")
    exists = (RULES / f"{module}.py").exists()
    families = sorted(path.stem for path in RULES.glob("[a-z]*.py"))
    if family and not exists:
        return (
            f"there is no contracts/rules/families/{family}.py; choose one of {', '.join(families)}"
        )
    if not family and (exists or keyword.iskeyword(module)):
        return f"contracts/rules/families/{module}.py exists already; add FAMILY={module}"
    return None


def _write_rule(rule_id: str, name: str, family: str | None) -> Path:
    path = RULES / f"{family or name}.py"
    stub = RULE.format(id=rule_id, name=name, title=rule_id.replace("-", " ").capitalize())
    text = path.read_text("utf-8") if family else MODULE.format(names=", ".join(NAMES))
    if family:
        text = _with_imports(text)
    path.write_text(f"{text.rstrip()}\n{stub}", "utf-8")
    return path


def _with_imports(text: str) -> str:
    """The module with what a stub needs; the formatter merges and sorts the imports."""
    first = re.search(r"^from ", text, re.MULTILINE)
    place = first.start() if first else len(text)
    added = (
        "from collections.abc import Iterator\n"
        f"from contracts.rules.rule import {', '.join(NAMES)}\n"
    )
    return text[:place] + added + text[place:]


def _write_counterpart(rule_id: str, name: str) -> Path:
    path = MODEL / "value_rules.py"
    stub = COUNTERPART.format(id=rule_id, name=name)
    path.write_text(f"{path.read_text('utf-8').rstrip()}\n{stub}", "utf-8")
    return path


def _write_changelog(rule_id: str) -> Path:
    """A line at the end of the newest version's list of additions."""
    text = CHANGELOG.read_text("utf-8")
    place = text.index("### Added\n") + len("### Added\n")
    line = f"- Rule `{rule_id}`: TODO.\n"
    CHANGELOG.write_text(text[:place] + line + text[place:], "utf-8")
    return CHANGELOG


def _format(paths: list[Path]) -> None:
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["check", "--fix", "--quiet", "--select", "I,F"], ["format", "--quiet"]):
        subprocess.run([*ruff, *command, *map(str, paths)], cwd=ROOT, check=True)


def _generate_docs() -> None:
    subprocess.run([sys.executable, "docs/generate"], cwd=ROOT, check=True)


if __name__ == "__main__":
    sys.exit(main())
