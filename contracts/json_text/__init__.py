"""JSON as text: the strict parser, pointers, positions, and when two bodies are equal."""
