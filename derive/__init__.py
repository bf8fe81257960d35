"""Formulas only: losses, gradients, Hessians and identities, derived symbolically.

Nothing here knows a number: every object is exact and symbolic. The submodules are imported
on demand, so that reading a lowered kernel does not load SymPy.
"""
