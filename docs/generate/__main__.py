"""Write the reference pages from the code they describe: `python docs/generate`.

The event types are also filled into the schema of the envelope. `--check` writes nothing and exits
with 1 if something is not what the code says.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import assumptions_page
import checks_page
import command_page
import control_page
import envelope_schema
import faults_page
import limits_page
import pytest_page
import rules_page

ROOT = Path(__file__).parents[2]
GENERATED: dict[str, Callable[[], str]] = {
    "contracts/schemas/envelope.json": envelope_schema.text,
    "docs/reference/assumptions.md": assumptions_page.text,
    "docs/reference/checks.md": checks_page.text,
    "docs/reference/command-line.md": command_page.text,
    "docs/reference/control-api.md": control_page.text,
    "docs/reference/faults.md": faults_page.text,
    "docs/reference/limits.md": limits_page.text,
    "docs/reference/pytest.md": pytest_page.text,
    "docs/reference/rules.md": rules_page.text,
}


def main(arguments: list[str]) -> int:
    """Write or check every file; the exit code."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python docs/generate [--check]\n")
        return 2
    stale = 0
    for name, text in GENERATED.items():
        path = ROOT / name
        expected = text()
        if path.is_file() and path.read_text("utf-8") == expected:
            continue
        stale += 1
        if arguments:
            sys.stdout.write(f"{name} is not current: python docs/generate\n")
            continue
        path.parent.mkdir(exist_ok=True)
        path.write_text(expected, "utf-8")
        sys.stdout.write(f"wrote {name}\n")
    return 1 if stale and arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
