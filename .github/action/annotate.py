"""The last step of the action: annotations of what is open, the verdict, the job's page.

    python annotate.py URL FAIL_ON MIN_EVENTS

Exit 1 where the verdict fails. Runs with the Python that hakuna-mock is installed in.
"""

import os
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from hakuna_mock.contracts.printable import printable
from hakuna_mock.fuzz.client.control_client import ControlClient
from hakuna_mock.fuzz.client.http_client import Target

LEVELS = {"violation": "error", "warning": "warning", "advice": "notice"}
MAX_ANNOTATIONS = 10
"""GitHub shows no more of each level in one step."""


def escaped(text: str, *, in_property: bool = False) -> str:
    """A text as a workflow command takes it; nothing in it can begin another command."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if in_property else text


def annotation(finding: dict[str, Any]) -> str:
    """One line that GitHub turns into an annotation."""
    level = LEVELS.get(str(finding["severity"]), "warning")
    order = f" (order {finding['order_id']})" if finding.get("order_id") else ""
    title = escaped(printable(f"{finding['rule']}{order}", 120), in_property=True)
    message = escaped(printable(f"{finding['message']}; fix: {finding['fix']}", 1000))
    return f"::{level} title={title}::{message}"


def main() -> int:
    """Print the annotations and the verdict."""
    url, fail_on, at_least = sys.argv[1:]
    with closing(Target(url)) as target:
        control = ControlClient(url, target.ask)
        shown = dict.fromkeys(LEVELS, 0)
        found = control.rows("/findings?state=open", None)
        for finding in sorted(found, key=lambda one: list(LEVELS).index(str(one["severity"]))):
            severity = str(finding["severity"])
            shown[severity] = shown.get(severity, 0) + 1
            if shown[severity] <= MAX_ANNOTATIONS:
                print(annotation(finding))
        path = f"/_mock/v1/verdict?fail_on={fail_on}&min_events={at_least}"
        reply = target.ask("GET", path)
        verdict = reply.json()
    if reply.status not in (200, 409):
        print(f"::error title=hakuna-mock::{escaped(str(verdict))}")
        return 1
    print(printable_lines(verdict["text"]))
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        passed = "passed" if verdict["passed"] else "failed"
        text = printable_lines(verdict["text"]).replace("```", "'''")
        with Path(summary).open("a", encoding="utf-8") as page:
            page.write(f"### Hakuna events: {passed}\n\n```text\n{text}\n```\n")
    return 0 if verdict["passed"] else 1


def printable_lines(text: str) -> str:
    """The lines of a text without what a log would act on."""
    return "\n".join(printable(line).replace("::", ":\u200b:") for line in text.split("\n"))


if __name__ == "__main__":
    sys.exit(main())
