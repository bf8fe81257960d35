"""Number systems in which the kernels are evaluated: float64, mpmath, Arb balls."""
