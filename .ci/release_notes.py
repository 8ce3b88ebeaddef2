"""The part of CHANGELOG.md about one version: what a GitHub release says.

    python .ci/release_notes.py 0.2.0

Exit 1, with the reason, where the code has another version, or the changelog has no part about it
or still calls it unreleased.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def notes(version: str, changelog: str, code: str) -> str:
    """The text below the version's heading; ValueError where it cannot be released."""
    found = re.search(r'__version__ = "([^"]+)"', code)
    if found is None or found[1] != version:
        has = found[1] if found else "none"
        raise ValueError(f"the tag is for {version}, contracts/version.py has {has}")
    part = re.search(
        rf"^## {re.escape(version)}\b([^\n]*)\n(.*?)(?=^## |\Z)",
        changelog,
        re.DOTALL | re.MULTILINE,
    )
    if part is None:
        raise ValueError(f"CHANGELOG.md has no part `## {version}`")
    if "unreleased" in part[1].lower():
        raise ValueError(f"CHANGELOG.md calls {version} unreleased; write the date in its place")
    return part[2].strip() + "\n"


def main() -> int:
    """Print the notes."""
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    code = (ROOT / "contracts" / "version.py").read_text("utf-8")
    try:
        sys.stdout.write(notes(sys.argv[1], changelog, code))
    except ValueError as error:
        print(f"release_notes: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
