"""API keys from the environment: named by the user, sandbox keys only, never printed."""

import os

import click


def key_from(variable: str | None) -> str | None:
    """The key in that variable; a usage error where there is none or it is not a sandbox key."""
    if variable is None:
        return None
    key = os.environ.get(variable)
    if not key:
        raise click.UsageError(f"--key-env: the environment has no variable {variable}")
    if not key.startswith("sk_test_"):
        raise click.UsageError(f"--key-env: {variable} holds no sandbox key (sk_test_…)")
    return key
