"""Figures of the claims' pages, one module per claim; drawn as SVG that does not vary.

A module has one function, ``draw(axes, context)``, and imports no plotting library: ``axes`` has
the methods of `matplotlib.axes.Axes`. Its numbers come from ``numerics`` or the claim's checks.
"""
