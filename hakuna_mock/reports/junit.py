"""The run as JUnit XML, which every CI shows: one test case an event."""

import re
from xml.etree import ElementTree as ET

from contracts.findings.finding import Finding
from contracts.money import sums
from contracts.printable import printable
from hakuna_mock.reports.location import place_of
from hakuna_mock.reports.model import Judged, Rendering, Report, counted
from hakuna_mock.reports.safe_text import log_safe

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, how: Rendering) -> str:
    """Events whose findings fail the run are failures; other findings are in system-out.

    The counts include clean events that a long run did not keep: those have no case of their own.
    """
    failing = set(map(id, report.failing(how.fail_on)))
    by_event: dict[int, list[Finding]] = {}
    for finding in report.findings:
        by_event.setdefault(report.judged_of(finding).number, []).append(finding)
    failed = sum(any(id(item) in failing for item in found) for found in by_event.values())
    tests = str(len(report.judged) + report.unlisted)
    counts = {"tests": tests, "failures": str(failed), "errors": "0", "time": "0"}
    root = ET.Element("testsuites", counts)
    skipped = str(sum(item.skipped is not None for item in report.judged))
    suite = ET.SubElement(root, "testsuite", {"name": "hakuna-mock", **counts, "skipped": skipped})
    if report.at_stake:
        properties = ET.SubElement(suite, "properties")
        ET.SubElement(properties, "property", name="at_stake", value=sums(report.at_stake))
    for item in report.judged:
        _case(suite, item, by_event.get(item.number, []), failing)
    if report.unlisted:
        out = ET.SubElement(suite, "system-out")
        out.text = f"{counted(report.unlisted, 'event')} without findings counted, but not listed"
    text = ET.tostring(root, encoding="unicode", xml_declaration=True)
    return text.replace("##[", "##&#91;")  # a command of GitHub's log, wherever it appears


def _case(suite: ET.Element, judged: Judged, found: list[Finding], failing: set[int]) -> None:
    name = f"{judged.label} {judged.order_id or ''}".strip()
    case = ET.SubElement(
        suite,
        "testcase",
        {"classname": printable(judged.source.name), "name": printable(name), "time": "0"},
    )
    if judged.skipped is not None:
        ET.SubElement(case, "skipped", {"message": printable(judged.skipped)})
    bad = [item for item in found if id(item) in failing]
    if bad:
        rules = ", ".join(dict.fromkeys(item.rule for item in bad))
        failure = ET.SubElement(case, "failure", {"type": bad[0].rule, "message": rules})
        failure.text = _clean("\n\n".join(_in_words(item, judged) for item in bad))
    others = [item for item in found if id(item) not in failing]
    if others:
        out = ET.SubElement(case, "system-out")
        out.text = _clean("\n\n".join(_in_words(item, judged) for item in others))


def _in_words(finding: Finding, judged: Judged) -> str:
    line, column = place_of(judged.source, finding.pointer)
    lines = [
        f"{finding.severity} {finding.rule} ({finding.basis}, {finding.state})",
        f"{judged.source.name}:{line}:{column}",
        finding.message,
        *([f"at stake: {finding.at_stake.in_words}"] if finding.at_stake else []),
        f"fix: {finding.fix}",
        f"source: {finding.source}",
        *judged.details,
    ]
    return log_safe("\n".join(map(printable, lines)))


def _clean(text: str) -> str:
    """Text as XML 1.0 may hold it."""
    return _NOT_XML.sub("?", text)
