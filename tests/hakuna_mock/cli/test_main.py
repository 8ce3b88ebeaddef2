import subprocess
import sys

import pytest

from contracts.version import __version__
from hakuna_mock.cli.main import COMMANDS, root


def test_the_version_is_that_of_the_contracts(run):
    assert __version__ in run("--version").out


def test_help_lists_every_command_without_importing_them(run):
    out = run("--help").out
    for name in COMMANDS:
        assert name in out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_its_summary(run, name):
    ran = run(name, "--help")
    assert ran.code == 0
    assert "Usage: hakuna-mock" in ran.out


def test_a_misspelt_command_is_a_usage_error_with_the_nearest_name(run):
    ran = run("chek")
    assert ran.code == 2
    assert "did you mean check?" in ran.err


def test_an_unknown_option_is_a_usage_error(run):
    assert run("check", "--nonsense", "x").code == 2


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_nothing_that_they_do_not_need(option):
    code = (
        "import sys; from hakuna_mock.cli.main import main\n"
        f"try: main(['{option}'])\n"
        "except SystemExit: pass\n"
        "loaded = {'aiohttp', 'jsonschema', 'jsonschema_rs', 'hypothesis', 'contracts.rules',"
        " 'contracts.schemas', 'contracts.judging.judge', 'mock_server'} & set(sys.modules)\n"
        "sys.exit(str(loaded) if loaded else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_server_starts_without_the_slow_validator_and_without_templates():
    code = (
        "import sys; import mock_server.serving\n"
        "loaded = {'jsonschema', 'jinja2'} & set(sys.modules)\n"
        "sys.exit(str(loaded) if loaded else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_output_into_a_closed_pipe_is_no_error():
    code = "from hakuna_mock.cli.main import main; main(['rules', '--output-format', 'json'])"
    command = f'{sys.executable} -c "{code}" | head -1; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0


def test_an_interrupt_leaves_with_130(run, monkeypatch):
    def interrupted(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(root, "main", interrupted)
    ran = run("rules")
    assert ran.code == 130
    assert ran.err == "interrupted\n"
