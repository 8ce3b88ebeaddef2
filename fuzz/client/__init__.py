"""How a server is asked over HTTP."""
