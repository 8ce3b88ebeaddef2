"""The naive model: what any server that claims the contract must answer."""
