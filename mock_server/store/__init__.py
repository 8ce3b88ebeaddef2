"""Worlds and how they are kept: the protocol, the store in memory, what readers see, notices."""
