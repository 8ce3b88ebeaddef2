"""What is written beside the results: notices and errors on stderr.

Neither holds a secret, nor anything that a terminal or the log of a build would act on.
"""

import click

from contracts.http.masking import mask_secrets
from contracts.printable import printable


def without_secrets(text: str) -> str:
    """A message as it may be written: no secret, no control character, no workflow command."""
    from hakuna_mock.reports.safe_text import log_safe

    return log_safe("\n".join(map(printable, mask_secrets(text).split("\n"))))


def notice(text: object) -> None:
    """A message on stderr."""
    click.echo(f"hakuna-mock: {without_secrets(str(text))}", err=True)
