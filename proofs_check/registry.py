"""The registry: claims by identifier, found in ``proofs_check/claims`` on first use."""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module

from numerics.errors import InputError
from proofs_check.claim import Claim

_CLAIMS: dict[str, Claim] = {}
_loaded = False


def register(claim: Claim) -> Claim:
    """Add a claim; returns it.

    Raises
    ------
    ValueError
        If another claim has its identifier.
    """
    if _CLAIMS.get(claim.identifier, claim) is not claim:
        raise ValueError(f"claim {claim.identifier} is registered already")
    _CLAIMS[claim.identifier] = claim
    return claim


def all_claims() -> tuple[Claim, ...]:
    """All registered claims, ordered by identifier (F2 before F10)."""
    _load()
    return tuple(sorted(_CLAIMS.values(), key=lambda claim: natural_order(claim.identifier)))


def get(identifier: str) -> Claim:
    """Return the claim with an identifier.

    Raises
    ------
    InputError
        If there is none.

    Examples
    --------
    >>> get("Z99")
    Traceback (most recent call last):
    ...
    numerics.errors.InputError: ID: got Z99; allowed: ...
    """
    if identifier not in _CLAIMS:
        _load()
    if identifier not in _CLAIMS:
        known = ", ".join(claim.identifier for claim in all_claims())
        raise InputError("ID", identifier, f"one of {known}")
    return _CLAIMS[identifier]


def is_registered(claim: Claim) -> bool:
    """Whether this very claim is the registry's.

    Examples
    --------
    >>> is_registered(get("E6"))
    True
    """
    _load()
    return _CLAIMS.get(claim.identifier) is claim


def _load() -> None:
    """Register ``CLAIMS`` of every module in ``proofs_check.claims``, once."""
    global _loaded
    if _loaded:
        return
    package = import_module("proofs_check.claims")
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda found: found.name):
        for claim in getattr(import_module(f"proofs_check.claims.{module.name}"), "CLAIMS", ()):
            register(claim)
    _loaded = True


def natural_order(identifier: str) -> list[tuple[int, str]]:
    """Sort key of identifiers that orders numbers by size.

    Examples
    --------
    >>> sorted(["F10", "E1", "F2"], key=natural_order)
    ['E1', 'F2', 'F10']
    """
    return [
        (int(part or 0), "") if part.isdigit() else (0, part)
        for part in re.split(r"(\d+)", identifier)
    ]
