"""What `make audit` says: of vulnerabilities, and of advisory services that say nothing."""

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "audit.py"

TOOL = """
import pathlib, sys
out = sys.argv[sys.argv.index("-o") + 1] if "-o" in sys.argv else None
{do}
"""
CLEAN = '{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}'
SICK = (
    '{"dependencies": [{"name": "a", "version": "1", "vulns": '
    '[{"id": "PYSEC-1", "fix_versions": ["2"]}]}, {"name": "b", "skip_reason": "not found"}]}'
)
UNKNOWN = '{"dependencies": [{"name": "a", "skip_reason": "not found"}]}'


@pytest.fixture
def audit(monkeypatch):
    spec = importlib.util.spec_from_file_location("audit_script", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "audit_script", module)
    spec.loader.exec_module(module)
    return module


def run(audit, monkeypatch, capsys, tmp_path, do: str) -> tuple[int, str]:
    """The script with a tool in place of pip-audit."""
    tool = tmp_path / "tool.py"
    tool.write_text(TOOL.format(do=do))
    monkeypatch.setattr(audit, "install", lambda: [sys.executable, str(tool)])
    return audit.main(), capsys.readouterr().out


def writing(report: str, code: int = 0) -> str:
    return f"pathlib.Path(out).write_text({report!r}); sys.exit({code})"


def test_a_clean_report_says_how_many_packages_were_audited(audit, monkeypatch, capsys, tmp_path):
    code, message = run(audit, monkeypatch, capsys, tmp_path, writing(CLEAN))
    assert code == 0
    assert message == "1 pinned packages audited (pypi)\nno known vulnerabilities\n"


def test_a_vulnerability_fails_the_build_and_says_what_mends_it(
    audit, monkeypatch, capsys, tmp_path
):
    code, message = run(audit, monkeypatch, capsys, tmp_path, writing(SICK, 1))
    assert code == 1
    assert "a 1: PYSEC-1 (fixed: 2)" in message
    assert "not audited: b" in message
    assert "no known" not in message


@pytest.mark.parametrize(
    "do",
    [
        "sys.exit('ConnectionError: api.example could not be resolved')",
        "sys.exit(1)",
        writing("{"),
        writing("[]"),
        writing(UNKNOWN),
    ],
    ids=["no network", "no word", "half a report", "another report", "nothing known"],
)
def test_a_service_that_says_nothing_does_not_fail_the_build_and_it_is_said(
    audit, monkeypatch, capsys, tmp_path, do
):
    code, message = run(audit, monkeypatch, capsys, tmp_path, do)
    assert code == 0
    assert message.startswith("NOT AUDITED: no advisory service could be asked")
    assert "pypi: " in message
    assert "osv: " in message
    assert "no known vulnerabilities" not in message


def test_where_the_tool_cannot_be_installed_it_is_said_as_well(audit, monkeypatch, capsys):
    monkeypatch.setattr(audit, "install", list)
    assert audit.main() == 0
    assert "pip-audit: it could not be installed" in capsys.readouterr().out
