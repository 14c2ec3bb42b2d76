"""What is done with a generator's noise: shrinking it, choosing, moving along it, walking."""
