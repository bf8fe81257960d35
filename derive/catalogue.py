"""All derivations by name; nothing is derived before it is asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from derive.identities import by_name
from derive.steps.derivation import Derivation

#: Name of a derivation that is no identity, and what builds it: ``module:function``, arguments.
_BUILDERS: dict[str, tuple[Any, ...]] = {
    "density-rules": ("derive.mixtures.density:density_rules",),
    "translation-invariance": ("derive.mixtures.symmetries:translation",),
    "rotation-equivariance": ("derive.mixtures.symmetries:rotation",),
    "permutation-equivariance": ("derive.mixtures.symmetries:permutation",),
    "time-rescaling": ("derive.mixtures.symmetries:time_rescaling",),
    "coincident-groups": ("derive.mixtures.coincident_groups:coincident_groups",),
    "responsibility-mass": ("derive.mixtures.responsibilities:responsibility_mass",),
    "log-responsibility": ("derive.mixtures.responsibilities:log_responsibility",),
    "line-derivatives": ("derive.mixtures.line_derivatives:line_derivatives",),
    "line-halves": ("derive.mixtures.line_halves:line_halves",),
    "slice-0-a": ("derive.slices.slice_derivations:slice_zero_a",),
    "slice-0-a-minus-a": ("derive.slices.slice_derivations:slice_zero_a_minus_a",),
    "slice-truth-isolated": ("derive.slices.slice_derivations:truth_isolated",),
    "slice-law": ("derive.slices.slice_law:slice_law",),
    "forward-collinear-hessian": ("derive.slices.collinear:collinear_hessian", "forward"),
    "reverse-collinear-hessian": ("derive.slices.collinear:collinear_hessian", "reverse"),
    "kl-collinear-hessian": ("derive.slices.collinear:collinear_hessian", "kl"),
    "two-component-reduction": ("derive.two_components.reduction:two_component_reduction",),
    "residue-corrected-trapezoid": ("derive.two_components.residues:residue_corrected_trapezoid",),
    "escape-integrals": ("derive.two_components.escape_integrals:escape_integrals",),
    "escape-loss": ("derive.two_components.escape_loss:escape_loss",),
    "escape-across": ("derive.two_components.escape_loss:escape_across",),
    "forward-crossing": ("derive.two_components.crossing:crossing",),
    "family-limit": ("derive.two_components.family_limit:family_limit",),
    "escape-slice": ("derive.two_components.escape_slice:escape_slice",),
    "small-v-expansion": ("derive.limits.expansions:small_v_expansion", 4),
    "small-v-expansion-6": ("derive.limits.expansions:small_v_expansion", 6),
    "amplification-forward": ("derive.limits.amplification:near_a_cluster", "forward"),
    "amplification-reverse": ("derive.limits.amplification:near_a_cluster", "reverse"),
    "amplification-kl": ("derive.limits.amplification:near_a_cluster", "kl"),
    "forward-kl-bridge": ("derive.limits.bridge:forward_kl_bridge",),
    "slaved-velocities": ("derive.limits.bridge:slaved_velocities",),
    "kl-trap": ("derive.limits.trap:kl_trap",),
    "end-game": ("derive.limits.end_game:end_game",),
    "end-game-pair": ("derive.two_components.end_game_pair:end_game_pair",),
}


def names() -> tuple[str, ...]:
    """Names of all derivations.

    Examples
    --------
    >>> "lemma-2.2" in names()
    True
    """
    return tuple(sorted((*_BUILDERS, *by_name.identity_names()), key=str.lower))


@cache
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
    if name not in _BUILDERS:
        return by_name.derivation(name)
    path, *arguments = _BUILDERS[name]
    module, function = path.split(":")
    built: Derivation = getattr(import_module(module), function)(*arguments)
    return built
