"""The version of the tool; it is sent as the `Hakuna-Mock` header of every reply."""

__version__ = "0.1.0"
