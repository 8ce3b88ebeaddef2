"""Documents that show a terminal: their commands are run, and what they print is compared.

In a block marked `console` a line with `$ ` is a command and what follows is what it prints. A line
`…` stands for any lines. What differs between runs (ids, times, durations) does not count.
"""

import re
import subprocess
from dataclasses import dataclass
from itertools import count
from pathlib import Path

CHANGING = re.compile(
    r"evt-[0-9a-f-]{36}|\d{4}-\d\d-\d\dT[\d:.]+Z|in [\d.]+s\b|uptime_s\": [\d.]+|sk_test_\w+"
)
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Shown:
    """A command as the document has it, and what the document says that it prints."""

    command: str
    printed: str


def terminals(text: str) -> list[list[Shown]]:
    """The commands of each block of a document."""
    return [_commands(block) for block in BLOCK.findall(text)]


def _commands(block: str) -> list[Shown]:
    found = []
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, printed = part.partition("\n")
        while command.endswith("\\"):
            more, _, printed = printed.partition("\n")
            command = f"{command}\n{more.removeprefix('> ')}"
        found.append(Shown(command, printed))
    return found


def same(shown: str, printed: str) -> bool:
    """Whether a command printed what the document shows."""
    expected = [re.escape(item) for item in _settled(shown).split("\n")]
    pattern = "\n".join(r"(?:.*\n)*?.*" if item == re.escape("…") else item for item in expected)
    return re.fullmatch(pattern, _settled(printed)) is not None


def _settled(text: str) -> str:
    return CHANGING.sub("<…>", text).strip("\n")


class Terminal:
    """One shell, as a reader has it: folder and environment stay from command to command."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self._ends = count()
        self._shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, command: str) -> tuple[int, str]:
        """Exit code and output."""
        end = f"-- the end of command {next(self._ends)} --"
        self.say(f"{{ {command}\n}} </dev/null\nprintf '\\n%s %s\\n' '{end}' $?")
        printed = ""
        for line in self._shell.stdout:
            if line.startswith(end):
                return int(line.split()[-1]), printed.removesuffix("\n")
            printed += line
        raise AssertionError(f"the shell ended: {printed}")

    def say(self, text: str) -> None:
        """Type something and do not wait."""
        self._shell.stdin.write(f"{text}\n")
        self._shell.stdin.flush()

    def read_until(self, last: str) -> str:
        """What is printed up to a line that begins like this."""
        printed = ""
        for line in self._shell.stdout:
            printed += line
            if line.startswith(last):
                return printed
        raise AssertionError(f"the shell ended: {printed}")

    def close(self, *, stop: bool = False) -> None:
        """End the shell; with `stop` what runs in it, which has taken its place by `exec`."""
        if stop:
            self._shell.terminate()
        self._shell.stdin.close()
        self._shell.wait(30)
        self._shell.stdout.close()
