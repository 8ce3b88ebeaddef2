"""The heart: one request and one world in, one verdict out. Start with `judge.py`."""
