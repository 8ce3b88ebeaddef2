"""What the benchmarks share: servers, load, requests, and how figures are shown."""
