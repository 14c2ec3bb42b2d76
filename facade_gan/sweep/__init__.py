"""Sweeps: what one job records, what all of them come to, and a search by Optuna."""
