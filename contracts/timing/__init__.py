"""Points in time, and the clock of a world."""
