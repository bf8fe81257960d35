"""Versions on which results depend, compared before work is sent to another machine."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

_DISTRIBUTIONS = ("proofs-check", "numpy", "scipy", "mpmath", "gmpy2", "python-flint", "sympy")


def versions() -> dict[str, str]:
    """Versions of Python, this project and the libraries that compute.

    Examples
    --------
    >>> sorted(versions())[-2:]
    ['scipy', 'sympy']
    """
    found = {"python": platform.python_version()}
    for name in _DISTRIBUTIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
