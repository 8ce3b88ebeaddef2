"""Servers that a command or a test starts, and how they are asked."""
