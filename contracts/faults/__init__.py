"""Faults on demand: what they do, when they play, and the retries that follow."""
