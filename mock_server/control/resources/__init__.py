"""The control API, one resource a file."""
