"""Scenarios on a server: read by name or from a file, and played into its worlds."""
