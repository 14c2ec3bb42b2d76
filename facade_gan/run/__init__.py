"""A run's beginning, its end, and what repeats it."""
