"""Cited theorems and verified computations that the kernel takes, each with its tag."""
