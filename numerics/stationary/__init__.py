"""Stationary points: on slices, on a line, in the plane, and of two components."""
