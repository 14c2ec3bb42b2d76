"""Sweeps: what one job records, what all of them come to, and a search by Optuna.

Hydra's sweeper and launcher start the jobs, one ``main`` each; here is what stands around them.
"""
