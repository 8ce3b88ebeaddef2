"""What this mock assumes of the provider, held against what the provider did."""
