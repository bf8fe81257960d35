"""What may be asked of an evaluation: a backend and digits; anything else is refused."""

from __future__ import annotations

import math

import numpy as np

from numerics.errors import InputError

BACKENDS = ("float64", "mpmath", "ball")
#: Most digits of the float64 backend and of the others.
FLOAT_DIGITS = 15
MOST_DIGITS = 10_000
#: Most rows of a Hessian, components times coordinates.
MOST_ROWS = 1000
#: Highest rank of an integral on the scalar backends (mpmath and balls).
SCALAR_RANK = 3
#: Digits by which the parts of an expansion are more accurate than their sum.
PART_DIGITS = 2


def check_digits(digits: object, backend: object) -> None:
    """Refuse an unknown backend, or digits that it does not have."""
    if backend not in BACKENDS:
        raise InputError("backend", backend, "one of " + ", ".join(BACKENDS))
    if not is_integer(digits) or not 1 <= digits <= MOST_DIGITS:  # type: ignore[operator]
        raise InputError("digits", digits, f"an integer from 1 to {MOST_DIGITS}")
    if backend == "float64" and digits > FLOAT_DIGITS:  # type: ignore[operator]
        raise InputError(
            "digits",
            digits,
            f'1 to {FLOAT_DIGITS} with backend "float64"; '
            'use backend "mpmath" or "ball" for more digits',
        )


def check_settings(digits: object, backend: object, max_nodes: object, seed: object) -> None:
    """Refuse also a limit of nodes or a seed that is none."""
    check_digits(digits, backend)
    if max_nodes is not None and not (is_integer(max_nodes) and max_nodes >= 1):  # type: ignore[operator]
        raise InputError("max_nodes", max_nodes, "a positive integer")
    if not (is_integer(seed) and seed >= 0):  # type: ignore[operator]
        raise InputError("seed", seed, "a non-negative integer")


def is_integer(value: object) -> bool:
    """Whether a value is an integer (a truth value is none)."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool | np.bool_)


def log_share(digits: int) -> float:
    """Logarithm of the part of the tolerance that what an expansion leaves out may take."""
    return -math.log(10) * digits - math.log(16)
