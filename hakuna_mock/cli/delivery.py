"""Where a report goes: standard output, files, and on GitHub the job's page."""

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import click

from contracts.drift.document import to_json
from contracts.values import dataclass
from hakuna_mock.reports.formats import render
from hakuna_mock.reports.github import write_summary
from hakuna_mock.reports.model import Rendering, Report
from hakuna_mock.reports.safe_text import dumps


@dataclass(frozen=True)
class Delivery:
    """Where the command line wants its results: printed, in report files, as coverage, as drift.

    Made before the run: a file that cannot be written is a usage error at once, and its folders
    are made.
    """

    output_format: str
    fail_on: str
    coloured: bool
    reports: Sequence[tuple[str, Path]] = ()
    coverage: Path | None = None
    links: bool = False
    """Whether the terminal shows links."""
    drift: Path | None = None

    def __post_init__(self) -> None:
        for option, path in self._files():
            _writing(option, path, _prepare)

    def _files(self) -> list[tuple[str, Path]]:
        others = [("--coverage ", self.coverage), ("--drift ", self.drift)]
        reports = [(f"--report {kind}:", path) for kind, path in self.reports]
        return reports + [(option, path) for option, path in others if path]

    def deliver(
        self,
        report: Report,
        notice: Callable[[str], None],
        *,
        quiet: bool = False,
        verbose: bool = False,
        play: bool = False,
    ) -> None:
        """Write the files, then print; what could not be written is a usage error at the end."""
        how = Rendering(self.fail_on, self.coloured, self.links, quiet, verbose, play)
        try:
            for kind, path in self.reports:
                text = render(report, kind, Rendering(self.fail_on))
                _writing(f"--report {kind}:", path, partial(_write, text))
            if self.coverage is not None:
                self._write_coverage(report, self.coverage)
            if self.drift is not None and report.drift is not None:
                text = dumps(to_json(report.drift), indent=1)
                _writing("--drift ", self.drift, partial(_write, text))
        finally:
            write_summary(report, self.fail_on, notice)
            self._print(render(report, self.output_format, how))

    def _write_coverage(self, report: Report, path: Path) -> None:
        if report.coverage is None:
            raise click.UsageError(
                "--coverage: a server counts its own coverage; get it from GET /_mock/v1/coverage"
            )
        text = dumps(report.coverage, indent=2)
        _writing("--coverage ", path, partial(_write, text))

    def _print(self, text: str) -> None:
        try:
            # What programs read is UTF-8, whatever the terminal can show.
            of_text = self.output_format == "text"
            click.echo(text if of_text else text.encode("utf-8", "replace"), color=self.coloured)
        except BrokenPipeError:
            # The reader of our output has gone, as `head` does; the exit code is still the verdict.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def refuse_to_overwrite(option: str, path: Path | None, inputs: Iterable[str | Path]) -> None:
    """A usage error where an output is one of the files that are read: it would be lost."""
    if path is None or not path.exists():
        return
    for item in map(Path, inputs):
        if item.is_file() and path.samefile(item):
            raise click.UsageError(f"{option}{path}: this is the input itself; name another file")


def _prepare(path: Path) -> None:
    """Make the folders of a file, and see that it can be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    existed = path.exists()
    with path.open("ab"):
        pass
    if not existed:
        path.unlink()  # a run that ends early leaves no empty report


def _write(text: str, path: Path) -> None:
    path.write_text(text + "\n", "utf-8")


def _writing(option: str, path: Path, write: Callable[[Path], None]) -> None:
    try:
        write(path)
    except OSError as error:
        raise click.UsageError(f"{option}{path}: {error.strerror}") from None
