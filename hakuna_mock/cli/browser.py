"""Opening a page for `serve --open`, beside the server and without its output."""

import subprocess
import sys
import threading
import webbrowser

import click


def open_in_browser(url: str) -> None:
    """Open the page in a browser; where there is none, say so and go on.

    In a thread, for some browsers keep their caller waiting and the server listens meanwhile.
    """
    threading.Thread(target=_open, args=(url,), name="open", daemon=True).start()


def _open(url: str) -> None:
    try:
        opened = webbrowser.open(url)
    except (webbrowser.Error, OSError, subprocess.SubprocessError):
        opened = False
    if not opened and sys.stderr is not None:
        click.echo(f"hakuna-mock: no browser can be opened here; look at {url}", err=True)
