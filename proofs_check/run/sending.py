"""How another process comes by a claim: by its name, by its file, or whole.

Functions without a name that can be imported (``lambda``, anything of a script or a notebook)
cannot be sent. Where a claim stands in a claims file or an imported module the process loads that
instead; otherwise the claim has to run in the process that made it.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from numerics.errors import shorten
from proofs_check import registry
from proofs_check.claim import Claim
from proofs_check.loading.find import Found, claims_of
from proofs_check.loading.load import is_found_elsewhere, load
from proofs_check.loading.source import Source


class CannotBeSentError(Exception):
    """Why a claim has to run in the process that made it."""


@dataclass(frozen=True)
class Parcel:
    """A claim for another process.

    Attributes
    ----------
    identifier : str
    modules : tuple of str
        Imported first; they may register claims.
    source : Source or None
        Where the claim stands.
    pickled : bytes
        The claim itself, if it stands nowhere.
    """

    identifier: str
    modules: tuple[str, ...] = ()
    source: Source | None = None
    pickled: bytes = b""

    def unpack(self) -> Claim:
        """Return the claim.

        Raises
        ------
        InputError
            If it is not where it should be.
        """
        for module in self.modules:
            import_module(module)
        if self.pickled:
            claim: Claim = pickle.loads(self.pickled)
            return claim
        if self.source is None:
            return registry.get(self.identifier)
        for found in claims_of(load(self.source)):
            if found.claim.identifier == self.identifier:
                return found.claim
        raise KeyError(self.identifier)


def pack(found: Found, modules: Sequence[str] = ()) -> Parcel:
    """Make a claim ready to be sent.

    Raises
    ------
    CannotBeSentError
        If it holds something that belongs to this process alone.

    Examples
    --------
    >>> from proofs_check.loading.find import find
    >>> pack(find(["E6"])[0]).unpack().identifier
    'E6'
    """
    name = found.claim.identifier
    if found.source is not None:
        return Parcel(name, tuple(modules), found.source)
    if registry.is_registered(found.claim):
        return Parcel(name, tuple(modules))
    buffer = io.BytesIO()
    try:
        _Pickler(buffer).dump(found.claim)
    except Exception as error:  # whatever an object's own reduction raises
        raise CannotBeSentError(shorten(str(error), 120)) from error
    return Parcel(name, tuple(modules), None, buffer.getvalue())


def packed(
    found: Sequence[Found], modules: Sequence[str] = ()
) -> tuple[dict[str, Parcel], dict[str, str]]:
    """`pack` claims, by identifier; those that have to stay here, with the reason.

    Examples
    --------
    >>> from proofs_check.loading.find import find
    >>> sent, here = packed(find(["E6"]))
    >>> list(sent), here
    (['E6'], {})
    """
    parcels: dict[str, Parcel] = {}
    here: dict[str, str] = {}
    for each in found:
        try:
            parcels[each.claim.identifier] = pack(each, modules)
        except CannotBeSentError as error:
            here[each.claim.identifier] = str(error)
    return parcels, here


class _Pickler(pickle.Pickler):
    """Refuses what is found by name in modules that another process does not have."""

    def reducer_override(self, value: Any) -> Any:
        module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
        if not (isinstance(module, str) and isinstance(name, str)) or is_found_elsewhere(module):
            return NotImplemented
        where = "a script" if module == "__main__" else f"{module}, which is not found there"
        raise pickle.PicklingError(f"{name} is defined in {where}")
