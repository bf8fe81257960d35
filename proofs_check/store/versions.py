"""Versions and settings that a result depends on."""

from __future__ import annotations

from numerics.execution import versions as libraries
from proofs_check import __version__


def versions() -> dict[str, str]:
    """Versions of this package, Python and the libraries that compute.

    Examples
    --------
    >>> "python-flint" in versions()
    True
    """
    found = libraries.versions()
    return {"proofs-check": __version__, **found, **libraries.versions(["hypothesis"])}
