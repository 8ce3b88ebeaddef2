"""What commands do: check, play, verify, fuzz, minimize."""
