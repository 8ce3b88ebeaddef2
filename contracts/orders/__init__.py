"""Events and the order that they build: lines, quantities, pairs."""
