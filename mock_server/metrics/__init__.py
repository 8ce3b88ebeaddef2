"""GET /metrics: what Prometheus scrapes. Counting needs nothing; the text needs prometheus-client."""
