"""GET /metrics: what Prometheus scrapes. Counting needs nothing, the text prometheus-client."""
