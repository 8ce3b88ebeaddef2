"""What arrives: the request, its credentials, its idempotency key, its limits."""
