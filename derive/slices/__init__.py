"""Slices of the space of means, and the laws of the losses along them."""
