"""The way to the provider: which address may be used, sending a request on, the file of drift."""
