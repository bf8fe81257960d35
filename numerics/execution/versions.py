"""Versions on which results depend."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

#: What is said instead of the version of a library that is not there.
MISSING = "not installed"
_LIBRARIES = ("numpy", "scipy", "mpmath", "gmpy2", "python-flint", "sympy")


def installed(libraries: Iterable[str]) -> dict[str, str]:
    """Versions of distributions; `MISSING` for those that are not there.

    Examples
    --------
    >>> installed(["no-such-library"])
    {'no-such-library': 'not installed'}
    """
    found = {}
    for name in libraries:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = MISSING
    return found


def versions(libraries: Iterable[str] = _LIBRARIES) -> dict[str, str]:
    """Versions of Python and of libraries, by default of those that compute.

    Examples
    --------
    >>> sorted(versions())[-2:]
    ['scipy', 'sympy']
    """
    return {"python": platform.python_version(), **installed(libraries)}
