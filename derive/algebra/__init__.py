"""Symbols, their rules, and programs: index polynomials and what is computed with them."""
