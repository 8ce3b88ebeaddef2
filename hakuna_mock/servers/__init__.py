"""Servers that a command or a test starts, and clients for them."""
