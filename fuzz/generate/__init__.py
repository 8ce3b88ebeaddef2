"""What is sent: a simulated client, its events, valid variants and malformed ones."""
