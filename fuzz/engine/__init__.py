"""Campaigns: plans, failures, smaller counterexamples."""
