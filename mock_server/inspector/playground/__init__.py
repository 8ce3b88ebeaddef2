"""What the playground offers: samples, mistakes, and faults for the next requests."""
