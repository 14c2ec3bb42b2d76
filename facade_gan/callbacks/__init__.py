"""What watches a run: grids, figures, the progress bar, checkpoints, metrics."""
