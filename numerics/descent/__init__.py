"""Gradient descent: problem, steps, recording, checkpoints, certificates."""
