"""Recorded events in every form: JSON, JSON Lines, HAR, scenarios."""
