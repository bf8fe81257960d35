"""The identities of the papers and of this project, by name."""

from __future__ import annotations

from functools import lru_cache

from derive.identities import distances
from derive.identities import gradients as gradient_identities
from derive.identities import radial as radial_identities
from derive.steps.derivation import Derivation
from derive.steps.identity import Identity

BUILDERS = {
    **gradient_identities.BUILDERS,
    **radial_identities.BUILDERS,
    **distances.BUILDERS,
}


def identity_names() -> tuple[str, ...]:
    """Names of the identities, without their false variants."""
    return tuple(BUILDERS)


def all_names() -> tuple[str, ...]:
    """Names that `named` accepts.

    Examples
    --------
    >>> set(identity_names()) < set(all_names())
    True
    """
    return (*BUILDERS, *gradient_identities.FALSE_VARIANTS)


@lru_cache(maxsize=64)
def named(name: str) -> Identity:
    """An identity, or a false variant of one, by name.

    Raises
    ------
    KeyError
        Unknown name.
    """
    return {**BUILDERS, **gradient_identities.FALSE_VARIANTS}[name]()


def derivation(name: str) -> Derivation:
    """An identity as a derivation: the differentiation rules, then the identity."""
    from derive.mixtures import density

    identity = named(name)
    rules = density.density_rules().steps
    return Derivation(
        identity.name,
        identity.title,
        identity.statement,
        ("unit covariances", "fixed positive weights that sum to one"),
        identity.scope(),
        (*rules, identity.step()),
        identity.source,
        identity.latex,
    )
