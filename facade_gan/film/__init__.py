"""Films: a walk through the noise, and a training by its grids."""
