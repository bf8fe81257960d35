"""Versions and settings that a result depends on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from proofs_check import __version__

_LIBRARIES = ("numpy", "scipy", "mpmath", "gmpy2", "python-flint", "sympy", "hypothesis")


def versions() -> dict[str, str]:
    """Versions of this package, Python and the libraries that compute.

    Examples
    --------
    >>> "python-flint" in versions()
    True
    """
    found = {"proofs-check": __version__, "python": platform.python_version()}
    for library in _LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            found[library] = "not installed"
    return found
