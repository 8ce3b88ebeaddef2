"""One event loop for all clients: whose turn it is, long answers in slices, garbage in steps."""
