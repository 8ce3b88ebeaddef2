"""A request as code to copy."""
