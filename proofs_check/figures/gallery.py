"""Figures that belong to no single claim, by name."""

from __future__ import annotations

from collections.abc import Mapping

from proofs_check.claim import Figure

#: Name, caption and module of each.
FIGURES: Mapping[str, Figure] = {
    "fate-map": Figure(
        "Gradient descent on the forward loss with step 1/10 from a grid of starts `(v_1, v_2)` on "
        "the line, in float64. Inside the circle Theorem F proves that both components "
        "converge, in the bars Lemma E that the far one escapes.",
        "proofs_check.figures.fate_map",
    ),
    "star-region": Figure(
        "Sign of `v.grad L` for two components of equal weight on the line, in float64. Lemma S "
        "proves it positive in the square and in the circle, for all n, d and weights.",
        "proofs_check.figures.star_region",
    ),
    "threshold-law": Figure(
        "Critical spread of two components at a distance `M_0`: both ends are certified in balls, "
        "at most 0.05 apart in the logarithm (`proofs-check threshold`). The line is the "
        "amplification law, its constant from the last point.",
        "proofs_check.figures.threshold_law",
    ),
    "precision-map": Figure(
        "Decimal digits that a descent needs by the rounding rule (docs/results/precision.md), two "
        "components, step 1/10. The lines are where number systems end.",
        "proofs_check.figures.precision_map",
    ),
    "end-games": Figure(
        "`L tau^2` along gradient flows of ranks 1, 2 and 3, and the constants of claim F9.",
        "proofs_check.figures.end_games",
    ),
}
