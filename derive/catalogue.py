"""All derivations by name; nothing is derived before it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from importlib import import_module

from derive.steps.derivation import Derivation

#: Modules whose ``derivations()`` lists objects that are cheap to build.
_MODULES = (
    "derive.mixtures.density",
    "derive.mixtures.symmetries",
    "derive.two_components.reduction",
    "derive.mixtures.coincident_groups",
    "derive.slices.slice_derivations",
    "derive.slices.slice_law",
    "derive.limits.expansions",
    "derive.limits.amplification",
    "derive.limits.bridge",
    "derive.limits.trap",
    "derive.slices.collinear",
    "derive.two_components.residues",
    "derive.two_components.escape_integrals",
    "derive.two_components.crossing",
    "derive.two_components.crossing_bounds",
    "derive.two_components.family_limit",
    "derive.two_components.escape_slice",
    "derive.limits.end_game",
    "derive.mixtures.masses",
    "derive.mixtures.log_responsibility",
)


@lru_cache(maxsize=1)
def _table() -> dict[str, Callable[[], Derivation]]:
    from derive.identities import by_name as identities

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
