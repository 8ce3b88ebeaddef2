"""Are there known vulnerabilities in what constraints.txt pins? `make audit`; part of CI.

pip-audit asks an advisory service over the network, from a virtual environment of its own. Exit 1
where it knows a vulnerability. Where nobody could be asked the build goes on, and says so in words:
"no known vulnerabilities" would be a lie then.
"""

import json
import os
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PLACE = ROOT / ".venv-audit"
TOOLS = ROOT / ".ci" / "audit-requirements.txt"
PINNED = ROOT / "constraints.txt"
SERVICES = ("pypi", "osv")
PATIENCE = 300
"""Seconds that an installation or an audit may take."""


@dataclass
class Audit:
    """What a service said of the pinned packages; `trouble` where it said nothing."""

    service: str
    checked: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    vulnerable: list[str] = field(default_factory=list)
    trouble: str = ""


def read(service: str, report: Any) -> Audit:
    """The report of pip-audit; a package that a service does not know was not audited."""
    audit = Audit(service)
    for item in report["dependencies"]:
        if "skip_reason" in item:
            audit.unknown.append(item["name"])
            continue
        audit.checked.append(item["name"])
        for each in item["vulns"]:
            fixed = ", ".join(each["fix_versions"]) or "no fixed version yet"
            audit.vulnerable.append(
                f"{item['name']} {item['version']}: {each['id']} (fixed: {fixed})"
            )
    if not audit.checked:
        audit.trouble = f"it knows none of the {len(audit.unknown)} packages"
    return audit


def ask(service: str, command: list[str]) -> Audit:
    """Run pip-audit against one service."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "report.json"
        options = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "-f", "json"]
        done = _run([*command, "-r", str(PINNED), "-s", service, *options, "-o", str(out)])
        try:
            return read(service, json.loads(out.read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            lines = done.stderr.strip().splitlines() or ["no report was written"]
            return Audit(service, trouble=lines[-1][:300])


def install() -> list[str]:
    """The command of pip-audit, installed where it is not yet; empty where it cannot be."""
    program = PLACE / ("Scripts" if os.name == "nt" else "bin") / "python"
    command = [str(program), "-m", "pip_audit"]
    if _run([*command, "--version"]).returncode == 0:
        return command
    venv.create(PLACE, with_pip=True, clear=True)
    pip = [str(program), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return command if _run([*pip, "-r", str(TOOLS)]).returncode == 0 else []


def _run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))


def said(audits: list[Audit]) -> tuple[int, list[str]]:
    """The exit code, and the lines to print."""
    heard = [audit for audit in audits if not audit.trouble]
    if not heard:
        lines = ["NOT AUDITED: no advisory service could be asked about constraints.txt."]
        lines += [f"  {audit.service}: {audit.trouble}" for audit in audits]
        lines.append("Nothing is known of the pinned packages; run `make audit` with a network.")
        return 0, lines
    best = max(heard, key=lambda item: len(item.checked))
    lines = [f"{len(best.checked)} pinned packages audited ({best.service})"]
    if best.unknown:
        lines.append(f"not known there, not audited: {', '.join(best.unknown)}")
    found = sorted({line for item in heard for line in item.vulnerable})
    lines += found or ["no known vulnerabilities"]
    return int(bool(found)), lines


def main() -> int:
    """Audit and print."""
    command = install()
    audits = []
    if not command:
        audits.append(Audit("pip-audit", trouble="it could not be installed"))
    for service in SERVICES if command else ():
        audits.append(ask(service, command))
        if audits[-1].checked:
            break
    code, lines = said(audits)
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main())
