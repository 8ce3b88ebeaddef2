"""Write the reference pages from the code they describe: `python docs/generate`.

`--check` writes nothing and exits with 1 if a page is not what the code says.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import assumptions_page
import checks_page
import command_page
import control_page
import faults_page
import limits_page
import pytest_page
import rules_page

REFERENCE = Path(__file__).parents[1] / "reference"
PAGES: dict[str, Callable[[], str]] = {
    "assumptions.md": assumptions_page.text,
    "checks.md": checks_page.text,
    "command-line.md": command_page.text,
    "control-api.md": control_page.text,
    "faults.md": faults_page.text,
    "limits.md": limits_page.text,
    "pytest.md": pytest_page.text,
    "rules.md": rules_page.text,
}


def main(arguments: list[str]) -> int:
    """Write or check every page; the exit code."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python docs/generate [--check]\n")
        return 2
    stale = 0
    for name, text in PAGES.items():
        path = REFERENCE / name
        wanted = text()
        if path.is_file() and path.read_text("utf-8") == wanted:
            continue
        stale += 1
        if arguments:
            sys.stdout.write(f"docs/reference/{name} is not current: python docs/generate\n")
            continue
        REFERENCE.mkdir(exist_ok=True)
        path.write_text(wanted, "utf-8")
        sys.stdout.write(f"wrote docs/reference/{name}\n")
    return 1 if stale and arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
