"""Validated search: roots, zeros of systems, inertia, Chebyshev models; everything in balls."""
