"""Servers that a command or a test starts, and clients to talk to them."""
