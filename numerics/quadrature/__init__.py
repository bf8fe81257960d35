"""Quadrature rules and the bounds that come with them."""
