"""A request in the words of other tools, ready to paste.

Keys are never part of it: each form reads the key from the environment, under the same name.
Bodies are written as ASCII JSON, so that no invisible character travels through a clipboard.
"""

import json
import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from contracts.faults.fault import FAULT_HEADER
from contracts.findings.finding import Finding, Severity
from contracts.http.idempotency import KEY_HEADER
from contracts.http.request import joined
from contracts.scenarios.format import Scenario, StepExpectation, write_scenario
from contracts.scenarios.step_from_request import (
    CREDENTIALS,
    MASKED_KEY,
    changed_headers,
    step_from_request,
    unmasked,
)
from contracts.shorthand import ShorthandError, bodies, show
from contracts.values import dataclass

KEY_VARIABLE = "HAKUNA_API_KEY"
_KEPT = ("content-type", "hakuna-version", KEY_HEADER.lower(), FAULT_HEADER.lower())
"""Headers that travel along; the rest is the client's own business."""


@dataclass(frozen=True)
class Sent:
    """What is copied: the last of `bodies` is the request, the others came before it.

    Bodies are raw text; `headers` are the request's, with masked keys (or {key}); `status` and
    `findings` are its outcome. `title` names it. `fault` is what was played on demand; a copy asks
    for it by header. `allowed` are the rules that the events before it broke. `expects_clean`: a
    test of it fails as long as any rule is broken.
    """

    url: str
    bodies: Sequence[str]
    headers: Sequence[tuple[str, str]]
    status: int
    findings: Sequence[Finding]
    title: str
    fault: str | None = None
    allowed: Sequence[str] = ()
    expects_clean: bool = False

    @property
    def body(self) -> str:
        """The request's own body, as ASCII where it is JSON."""
        return _ascii(self.bodies[-1])

    @property
    def names(self) -> dict[str, str]:
        """The headers to send, with `$KEY` for the key; none of the key's where none was sent."""
        asked = joined(self.headers)
        if self.fault:
            asked.setdefault(FAULT_HEADER.lower(), self.fault)
        names = {name: asked[name] for name in _KEPT if name in asked}
        if "authorization" in asked:
            names = {"authorization": "Bearer $KEY", **names}
        elif "bearer" in asked:
            names = {"bearer": "$KEY", **names}
        return {_title(name): value for name, value in names.items()}


def _title(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


def _ascii(text: str) -> str:
    try:
        return json.dumps(json.loads(text))
    except (ValueError, RecursionError):
        return text


def curl(sent: Sent) -> str:
    """A command line; the key comes from the environment."""
    lines = [f"curl -i {shlex.quote(sent.url)}"]
    for name, value in sent.names.items():
        lines.append(f"-H {_shell(f'{name}: {value}')}")
    # Not --data-binary: for a body that begins with @ it would send a file.
    lines.append(f"--data-raw {shlex.quote(sent.body)}")
    return " \\\n  ".join(lines) + "\n"


def httpie(sent: Sent) -> str:
    """A command line of HTTPie."""
    parts = [f"http POST {shlex.quote(sent.url)}"]
    parts += [_shell(f"{name}:{value}") for name, value in sent.names.items()]
    return f"printf %s {shlex.quote(sent.body)} | " + " \\\n  ".join(parts) + "\n"


def _shell(text: str) -> str:
    """A shell word in which $KEY is read from the environment and nothing else is."""
    before, mark, after = text.partition("$KEY")
    if not mark:
        return shlex.quote(text)
    return f'{shlex.quote(before)}"${KEY_VARIABLE}"{shlex.quote(after) if after else ""}'


def _quoted(value: str, code: Callable[[str], str], variable: str, plus: str) -> str:
    """A header's value as an expression of a language; `variable` is the key there."""
    first, *others = (code(part) if part else "" for part in value.split("$KEY"))
    parts = [first]
    for part in others:
        parts += [variable, part]
    return f" {plus} ".join(part for part in parts if part) or code(value)


def python(sent: Sent) -> str:
    """A script with requests."""
    key = f'os.environ["{KEY_VARIABLE}"]'
    headers = "".join(
        f"        {name!r}: {_quoted(value, repr, key, '+')},\n"
        for name, value in sent.names.items()
    )
    return (
        "import os\n\nimport requests\n\n"
        "reply = requests.post(\n"
        f"    {sent.url!r},\n    headers={{\n{headers}    }},\n"
        f"    data={sent.body.encode('utf-8', 'replace')!r},\n    timeout=10,\n)\n"
        "print(reply.status_code, reply.json())\n"
        'print(reply.headers.get("Hakuna-Mock-Findings", "no findings"))\n'
    )


def node(sent: Sent) -> str:
    """A script with fetch, as an ES module."""
    key = f"process.env.{KEY_VARIABLE}"
    headers = "".join(
        f"    {json.dumps(name)}: {_quoted(value, json.dumps, key, '+')},\n"
        for name, value in sent.names.items()
    )
    return (
        f"const reply = await fetch({json.dumps(sent.url)}, {{\n  method: 'POST',\n"
        f"  headers: {{\n{headers}  }},\n  body: {json.dumps(sent.body)},\n}});\n"
        "console.log(reply.status, await reply.json());\n"
        "console.log(reply.headers.get('hakuna-mock-findings') ?? 'no findings');\n"
    )


def php(sent: Sent) -> str:
    """A script with PHP's curl."""
    key = f"getenv('{KEY_VARIABLE}')"
    headers = "".join(
        f"        {_quoted(f'{name}: {value}', _php, key, '.')},\n"
        for name, value in sent.names.items()
    )
    return (
        f"<?php\n$request = curl_init({_php(sent.url)});\ncurl_setopt_array($request, [\n"
        "    CURLOPT_POST => true,\n    CURLOPT_RETURNTRANSFER => true,\n"
        f"    CURLOPT_HTTPHEADER => [\n{headers}    ],\n"
        f"    CURLOPT_POSTFIELDS => {_php(sent.body)},\n]);\n"
        "echo curl_exec($request), PHP_EOL;\n"
    )


def _php(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def pytest_case(sent: Sent) -> str:
    """A test with hakuna-mock's plugin: what came before, then this request."""
    rules = _rules(sent, Severity.VIOLATION, Severity.WARNING)
    permitted = [] if sent.expects_clean else sorted({*rules, *sent.allowed})
    allowed = (
        f"@pytest.mark.hakuna(allow=[{', '.join(map(_text, permitted))}])\n" if permitted else ""
    )
    lines = _in_one_line(sent)
    if lines is None:
        lines = [f"hakuna.send({_literal(body)})" for body in sent.bodies[:-1]]
        lines += _last_send(sent)
    lines += [f"hakuna.expect_finding({_text(rule)})" for rule in rules]
    name = "".join(item if item.isascii() and item.isalnum() else "_" for item in sent.title)[:60]
    imports = "import pytest\n\n" if permitted or sent.status == 0 else ""
    if sent.status == 0:  # the test's client says so when the connection ends without a reply
        imports += "from fuzz.client.http_client import TargetError\n\n"
    imports += "\n" if imports else ""
    code = "".join(f"    {line}\n" for line in lines)
    return f"{imports}{allowed}def test_{name.lower()}(hakuna):\n{code}"


def _in_one_line(sent: Sent) -> list[str] | None:
    """The whole sequence as shorthand, where that says exactly what was sent; None elsewhere."""
    changes = _changes(sent)
    # Other headers that are missing are worth an advice at most.
    if sent.status != 200 or any(changes.values()) or "Authorization" in changes:
        return None
    try:
        events = [json.loads(body) for body in sent.bodies]
        text = show(events)
        same = bodies(text) == events
    except (ShorthandError, ValueError, RecursionError):
        return None
    return [f"hakuna.play({_text(text)})"] if same and text.isascii() else None


def _last_send(sent: Sent) -> list[str]:
    """The request itself: its fault, where its headers differ from a good client's, its status."""
    changes = [
        f"{_text(name)}: {_quoted(value.replace('{key}', '$KEY'), _text, 'hakuna.api_key', '+')}"
        if value
        else f"{_text(name)}: None"
        for name, value in _changes(sent).items()
        if name != FAULT_HEADER
    ]
    headers = f", headers={{{', '.join(changes)}}}" if changes else ""
    call = f"hakuna.send({_literal(sent.bodies[-1])}{headers})"
    lines = [f"hakuna.fault({_text(sent.fault)})"] if sent.fault else []
    if sent.status == 0:
        return [*lines, "with pytest.raises(TargetError):", f"    {call}".replace("\n", "\n    ")]
    if sent.status == 200:
        return [*lines, call]
    return [*lines, f"reply = {call}", f"assert reply.status == {sent.status}"]


def _literal(body: str) -> str:
    """A body as it is written in Python code: JSON as a dictionary, other text as text."""
    try:
        value = json.loads(body)
        return _written(value, "    ") if isinstance(value, dict) else ascii(body)
    except (ValueError, RecursionError):
        return ascii(body)


def _written(value: Any, indent: str) -> str:
    """A JSON value as Python code, a line for each member, in ASCII."""
    inner = indent + "    "
    if isinstance(value, dict) and value:
        members = [f"{_text(name)}: {_written(item, inner)}" for name, item in value.items()]
        opens, closes = "{", "}"
    elif isinstance(value, list) and value:
        members, opens, closes = [_written(item, inner) for item in value], "[", "]"
    else:
        return _text(value) if isinstance(value, str) else repr(value)
    lines = "".join(f"{inner}{member},\n" for member in members)
    return f"{opens}\n{lines}{indent}{closes}"


def _text(text: str) -> str:
    """A string as Python formatters like it."""
    quoted = ascii(text)
    return quoted if '"' in quoted or "\\'" in quoted else f'"{quoted[1:-1]}"'


def scenario(sent: Sent) -> str:
    """A scenario file that plays it and expects the same outcome."""
    return json.dumps(scenario_document(sent), indent=2) + "\n"


def scenario_document(sent: Sent) -> dict[str, Any]:
    """The scenario as a document; its last step expects what was answered."""
    before = [step_from_request(None, body.encode()) for body in sent.bodies[:-1]]
    last = replace(
        step_from_request(None, sent.bodies[-1].encode()),
        headers=_changes(sent),
        expect=StepExpectation(
            sent.status or None,
            frozenset(_rules(sent, Severity.VIOLATION, Severity.WARNING)),
        ),
    )
    if sent.expects_clean:
        last = replace(last, expect=StepExpectation(200))
    name = "".join(
        item if item.isascii() and item.isalnum() else "-" for item in sent.title.lower()
    )
    return write_scenario(
        Scenario(
            name.strip("-")[:60] or "copied",
            (*before, last),
            title="Copied from the inspector",
            open_findings=frozenset() if sent.expects_clean else None,
        )
    )


def _without_bug(sent: Sent) -> Sent:
    """The same for a test that holds the shop to the contract: no fault, no rule broken."""
    return replace(
        sent,
        status=200,
        findings=(),
        fault=None,
        expects_clean=True,
        title=f"{sent.title} breaks no rule",
        headers=[pair for pair in sent.headers if pair[0].lower() != FAULT_HEADER.lower()],
    )


def failing_pytest(sent: Sent) -> str:
    """A test that fails while the shop sends this, and passes with the corrected event."""
    return (
        "# Fails while the shop sends what is below; passes as soon as the last event is right.\n"
        "# Put the call of your own code in the place of that event.\n\n"
        f"{pytest_case(_without_bug(sent))}"
    )


def failing_scenario(sent: Sent) -> str:
    """The same as a scenario file: nothing must be open after its last step."""
    return scenario(_without_bug(sent))


def _changes(sent: Sent) -> dict[str, str | None]:
    """Where the request's headers differ from a good client's; keys and ids are everyone's own."""
    asked = joined(sent.headers)
    sent_keys = (MASKED_KEY.search(asked.get(name.lower(), "")) for name in CREDENTIALS)
    masked = next((key[0] for key in sent_keys if key and key[1] == "sk_test_"), "")
    headers = unmasked(sent.headers, masked, "{key}", refused=sent.status == 401)
    if sent.fault and FAULT_HEADER.lower() not in asked:
        headers.append((FAULT_HEADER, sent.fault))
    changed = changed_headers(headers)
    return {name: value for name, value in changed.items() if name != KEY_HEADER or value is None}


def _rules(sent: Sent, *severities: Severity) -> list[str]:
    return sorted({finding.rule for finding in sent.findings if finding.severity in severities})


def shorthand(sent: Sent) -> str:
    """The sequence in one line, where the notation can hold it."""
    try:
        return show(json.loads(body) for body in sent.bodies) + "\n"
    except (ShorthandError, ValueError, RecursionError) as error:
        return f"# this cannot be written as shorthand: {error}\n"


FORMS: dict[str, tuple[str, Callable[[Sent], str]]] = {
    "curl": ("curl", curl),
    "httpie": ("HTTPie", httpie),
    "python": ("Python", python),
    "node": ("Node", node),
    "php": ("PHP", php),
    "pytest": ("pytest", pytest_case),
    "scenario": ("Scenario", scenario),
    "shorthand": ("Shorthand", shorthand),
    "failing-pytest": ("Failing test", failing_pytest),
    "failing-scenario": ("Failing scenario", failing_scenario),
}
"""What each form is called, and how it is made."""

SEQUENCES = ("scenario", "pytest", "shorthand", "failing-pytest", "failing-scenario")
"""The forms that hold a whole order."""
