"""Versions on which results depend."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

_LIBRARIES = ("numpy", "scipy", "mpmath", "gmpy2", "python-flint", "sympy")


def versions(libraries: Iterable[str] = _LIBRARIES) -> dict[str, str]:
    """Versions of Python and of libraries, by default of those that compute.

    Examples
    --------
    >>> sorted(versions())[-2:]
    ['scipy', 'sympy']
    """
    found = {"python": platform.python_version()}
    for name in libraries:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
