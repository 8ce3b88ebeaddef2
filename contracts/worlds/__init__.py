"""The state of one API key: what it holds, and the effects that are the only way to change it."""
