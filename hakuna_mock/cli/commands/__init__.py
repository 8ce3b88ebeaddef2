"""One file per command; each holds `command` and imports what it needs when it runs."""
