"""What rules report, where a claim comes from, and what was evicted."""
