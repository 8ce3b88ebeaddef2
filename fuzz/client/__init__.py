"""Talking to a server over HTTP: its events endpoint, and the control API of a hakuna-mock."""
