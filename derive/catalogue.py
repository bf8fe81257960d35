"""All derivations by name; nothing is derived before it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from importlib import import_module

from derive.derivation import Derivation

#: Modules whose ``derivations()`` lists objects that are cheap to build.
_MODULES = (
    "derive.density",
    "derive.symmetries",
    "derive.reductions",
    "derive.coincident_groups",
    "derive.slice_derivations",
    "derive.slice_law",
    "derive.expansions",
    "derive.amplification",
    "derive.bridge",
    "derive.trap",
    "derive.collinear",
    "derive.residues",
    "derive.escape_integrals",
    "derive.crossing",
    "derive.crossing_bounds",
    "derive.family_limit",
    "derive.escape_slice",
    "derive.end_game",
    "derive.masses",
    "derive.responsibility_floor",
)


@lru_cache(maxsize=1)
def _table() -> dict[str, Callable[[], Derivation]]:
    from derive import identities

    table: dict[str, Callable[[], Derivation]] = {}
    for module in _MODULES:
        for derivation_object in import_module(module).derivations():
            table[derivation_object.name] = partial(_known, derivation_object)
    for name in identities.identity_names():
        table[name] = partial(identities.derivation, name)
    return dict(sorted(table.items(), key=lambda item: item[0].lower()))


def _known(derivation_object: Derivation) -> Derivation:
    return derivation_object


def names() -> tuple[str, ...]:
    """Names of all derivations.

    Examples
    --------
    >>> "lemma-2.2" in names()
    True
    """
    return tuple(_table())


def derivation(name: str) -> Derivation:
    """A derivation by name.

    Raises
    ------
    KeyError
        Unknown name.

    Examples
    --------
    >>> bool(derivation("I1").verify())
    True
    """
    return _table()[name]()
