"""What a server's replies and state are held against."""
