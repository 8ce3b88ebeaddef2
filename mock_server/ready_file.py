"""The file that says that the server listens, and where: there while it does, and not before."""

import json
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from mock_server.start_error import StartError

Publish = Callable[[str], None]
"""Puts the content into its place, in one step."""


@contextmanager
def ready_file(path: Path) -> Iterator[Publish]:
    """Remove what an earlier run left, yield a function that publishes, and clean up at the end."""
    if _is_special(path):
        # It is put in its place by a rename, which would take the place of a device as well.
        raise _unwritable(path, "this is not a regular file")
    try:
        if not _is_of_a_running_server(path):
            path.unlink(missing_ok=True)
        # The name cannot be guessed and the file is made anew: no link of anybody is followed.
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from error
    temporary = Path(name)
    published: list[str] = []

    def publish(content: str) -> None:
        try:
            temporary.chmod(0o644)
            temporary.write_text(content, "utf-8")
            temporary.replace(path)
        except OSError as error:
            raise _unwritable(path, error) from error
        published.append(content)

    os.close(handle)
    try:
        yield publish
    finally:
        temporary.unlink(missing_ok=True)
        # Another server may have put its own there meanwhile.
        with suppress(OSError, ValueError):
            if path.read_text("utf-8") in published:
                path.unlink()


def _unwritable(path: Path, error: Exception | str) -> StartError:
    reason = getattr(error, "strerror", None) or (
        error if isinstance(error, str) else "it names no file"
    )
    return StartError(f"cannot write --ready-file {path}: {reason}")


def _is_special(path: Path) -> bool:
    try:
        return path.exists() and not path.is_file()
    except (OSError, ValueError):
        return False  # writing it will say what is wrong


def _is_of_a_running_server(path: Path) -> bool:
    """Whether a server of another process listens where the file says."""
    try:
        content = json.loads(path.read_text("utf-8"))
        url = urlsplit(str(content["url"]))
        if content["pid"] == os.getpid():
            return False
        with socket.create_connection((url.hostname or "", url.port or 0), timeout=1):
            return True
    except (OSError, ValueError, TypeError, KeyError):
        return False
