"""The command line, run in this process: exit code, stdout, stderr."""

from dataclasses import dataclass

import pytest

from hakuna_mock.cli.main import main


@dataclass
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def run_it(*args: str) -> Ran:
        with pytest.raises(SystemExit) as left:
            main(list(args))
        message = capsys.readouterr()
        printed = message.out + message.err
        assert "Traceback" not in printed, printed
        return Ran(int(left.value.code or 0), message.out, message.err)

    return run_it
