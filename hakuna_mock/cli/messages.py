"""What is said beside the results: notices on stderr, and errors, never with a secret in them."""

import re

import click

from contracts.http.credentials import mask_keys

_USER = re.compile(r"(?<=://)[^/@\s]+@")
"""User and password in a URL."""


def without_secrets(text: str) -> str:
    """A text with every API key and the user and password of every URL masked."""
    return _USER.sub("…@", mask_keys(text))


def notice(text: object) -> None:
    """One line on stderr."""
    click.echo(f"hakuna-mock: {without_secrets(str(text))}", err=True)
