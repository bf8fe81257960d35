"""Gradient flow over very long times, in float64 and at any precision."""
