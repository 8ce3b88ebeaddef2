"""Worlds and how they are kept: the protocol, memory, the journal, retention."""
