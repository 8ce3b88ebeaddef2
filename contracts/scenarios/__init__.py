"""Scenarios: their format, how they are played and compared, the shipped catalogue."""
