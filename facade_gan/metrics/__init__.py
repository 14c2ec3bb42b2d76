"""How good the generated images are: features, distances between sets, and closest photos."""
