"""The inspector, one page a file."""
