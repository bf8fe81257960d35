"""Sweeps: declared grids and samples of descents, their fates, and the dataset that holds them."""
