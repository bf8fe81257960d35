"""Numbers and their types: exact rationals, balls, MPFR numbers, decimal text."""
