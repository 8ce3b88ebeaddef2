"""Commands about the real provider: the proxy in front of it, and what was found."""
