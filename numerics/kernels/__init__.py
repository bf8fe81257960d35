"""Kernels: lowered programs, shipped or derived, and their compilers for every number type.

Public is `load_program`; ``python -m numerics.kernels --write`` regenerates the shipped kernels.
"""

from numerics.kernels.library import load_program

__all__ = ["load_program"]
