"""All proofs by name; a proof is built when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from proofs_check.proofs.tactics.script import Script

#: Name of a proof, and ``module:function`` that builds it.
BUILDERS = {
    "I1": "proofs_check.proofs.identity_proofs:i1",
    "I2": "proofs_check.proofs.identity_proofs:i2",
    "I3": "proofs_check.proofs.identity_proofs:i3",
    "I4": "proofs_check.proofs.identity_proofs:i4",
    "I5": "proofs_check.proofs.identity_proofs:i5",
    "I6": "proofs_check.proofs.identity_i6:i6",
    "R": "proofs_check.proofs.theorem_r:theorem_r",
    "R-means": "proofs_check.proofs.reverse_means:convergence_of_means",
    "R-stationary": "proofs_check.proofs.reverse_limits:no_other_stationary_point",
    "TV": "proofs_check.proofs.divergence_bounds:total_variation",
    "K": "proofs_check.proofs.theorem_k:theorem_k",
    "K-stationary": "proofs_check.proofs.kl_limits:no_other_stationary_point",
    "S": "proofs_check.proofs.lemma_s:lemma_s",
    "F": "proofs_check.proofs.theorem_f:theorem_f",
    "B": "proofs_check.proofs.theorem_b:theorem_b",
    "A": "proofs_check.proofs.theorem_a:theorem_a",
    "A-prime": "proofs_check.proofs.theorem_a_prime:theorem_a_prime",
    "C": "proofs_check.proofs.proposition_c:proposition_c",
    "A-source": "proofs_check.proofs.theorem_a_source:theorem_a_source",
    "A-steps": "proofs_check.proofs.theorem_a_steps:theorem_a_steps",
    "A-upper": "proofs_check.proofs.theorem_a_steps:large_steps",
    "A-radius": "proofs_check.proofs.theorem_a_radius:theorem_a_radius",
    "A-large-step": "proofs_check.proofs.theorem_a_large_step:theorem_a_large_step",
    "E": "proofs_check.proofs.lemma_e:lemma_e",
    "E-groups": "proofs_check.proofs.region_e:region_e",
    "F-far": "proofs_check.proofs.lemma_far:lemma_far",
    "L-critical": "proofs_check.proofs.critical_points:critical_points",
    "N-critical": "proofs_check.proofs.critical_near:critical_near",
    "P-critical": "proofs_check.proofs.critical_plane:critical_plane",
    "L-hessian": "proofs_check.proofs.hessian_bound:hessian_bound",
    "L": "proofs_check.proofs.theorem_l:theorem_l",
    "V": "proofs_check.proofs.lemma_near:lemma_near",
    "V-prime": "proofs_check.proofs.lemma_pull:lemma_pull",
    "E-n": "proofs_check.proofs.theorem_e_n:theorem_e_n",
    "E-n-prime": "proofs_check.proofs.theorem_e_n_prime:theorem_e_n_prime",
    "F-stationary": "proofs_check.proofs.pair_points:pair_points",
    "F-weights": "proofs_check.proofs.pair_weights:pair_weights",
    "U": "proofs_check.proofs.theorem_u:theorem_u",
}


def names() -> tuple[str, ...]:
    """Names of all proofs.

    Examples
    --------
    >>> "K" in names()
    True
    """
    return tuple(BUILDERS)


def proof(name: str) -> Script:
    """Build a proof by name.

    Raises
    ------
    KeyError
        Unknown name.

    Examples
    --------
    >>> proof("K").scope
    'all n, d, weights, initializations'
    """
    return builder(name)()


def builder(name: str) -> Callable[[], Script]:
    """What builds a proof.

    Raises
    ------
    KeyError
        Unknown name.
    """
    module, function = BUILDERS[name].split(":")
    found: Callable[[], Script] = getattr(import_module(module), function)
    return found
