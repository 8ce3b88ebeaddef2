"""The events endpoint, from the bytes of a connection to the reply."""
