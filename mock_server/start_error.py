"""The one error of a server that cannot start, whatever the reason."""


class StartError(Exception):
    """The server cannot start; the message says why, and what to do."""
