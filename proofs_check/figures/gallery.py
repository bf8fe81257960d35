"""Figures that belong to no single claim, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from proofs_check.claim import Figure


@dataclass(frozen=True)
class Titled(Figure):
    """A figure with a title of its own, as it has no claim's.

    Attributes
    ----------
    title : str
        One line.
    """

    title: str = ""


#: Caption, module and title of each, by name.
FIGURES: Mapping[str, Titled] = {
    "fate-map": Titled(
        "Gradient descent on the forward loss with step 1/10 from a grid of starts $(v_1, v_2)$ on "
        "the line, in float64. Inside the circle Theorem F proves that both components "
        "converge, in the bars Lemma E that the far one escapes.",
        "proofs_check.figures.fate_map",
        title="Which of two components converge, by where they start",
    ),
    "star-region": Titled(
        r"Sign of $v\cdot\nabla L$ for two components of equal weight on the line, in float64. "
        "Lemma S proves it positive in the square and in the circle, for all n, d and weights.",
        "proofs_check.figures.star_region",
        title="Where the forward loss is star-shaped about the truth",
    ),
    "threshold-law": Titled(
        "Critical spread of two components at a distance $M_0$: both ends are certified in balls, "
        "at most 0.05 apart in the logarithm (`proofs-check threshold`). The line is the "
        "amplification law, its constant from the last point.",
        "proofs_check.figures.threshold_law",
        title="The spread that decides, and the amplification law",
    ),
    "precision-map": Titled(
        "Decimal digits that a descent needs by the rounding rule (docs/results/precision.md), two "
        "components, step 1/10. The lines are where number systems end.",
        "proofs_check.figures.precision_map",
        title="How many digits a descent needs",
    ),
    "end-games": Titled(
        r"$L\tau^2$ along gradient flows of ranks 1, 2 and 3, and the constants of claim F9. Rank "
        r"3, whose integrals have three dimensions, is followed to $\tau = 10^4$ only.",
        "proofs_check.figures.end_games",
        title="The end game: four flows and their constants",
    ),
}
