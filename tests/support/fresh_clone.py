"""What a new user gets: the tracked files in an empty folder."""

import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


def copy_tracked_files(to: Path) -> None:
    """The files that git tracks or would track, as they are now."""
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in names:
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)


def copy_compiled(to: Path) -> None:
    """What Python compiled of the copied files: it is as good for the copies, which are as old."""
    for source in list(to.rglob("*.py")):
        compiled = ROOT / source.relative_to(to).parent / "__pycache__"
        for path in compiled.glob(f"{source.stem}.*.pyc"):
            (source.parent / "__pycache__").mkdir(exist_ok=True)
            shutil.copy2(path, source.parent / "__pycache__" / path.name)


@contextmanager
def started(command: list[str], ready: Path, cwd: Path, within: float = 300, **environ: str):
    """A server process, from its ready file to its end by SIGTERM; yields the file's content."""
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + within
        while not ready.is_file():
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"did not start: {process.stdout.read()}")
            time.sleep(0.05)
        yield json.loads(ready.read_text())
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=30)
