"""Theorem E_n': for smaller steps, one component near the truth stays there from nearer others on.

To first order in the step only the pull along the near component's mean counts (Lemma V'):
``|v_i'|^2 = (1 - 2 eta)^2 |v_i|^2 - 2 eta (1 - 2 eta) D.v_i + eta^2 |D|^2``.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_check.certificates.small_steps import Region
from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.far_words import HALF, norm_square
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.lemma_pull import REGION, lemma_for
from proofs_check.proofs.level_words import RHO
from proofs_check.proofs.near_pace import AFTER, D2, FIRST
from proofs_check.proofs.near_words import APART, EPS, LEAST_FAR, NEAR2, Y, pull_near
from proofs_check.proofs.tactics.bounds import Generalise
from proofs_check.proofs.tactics.language import (
    ETA,
    I_,
    N_,
    K,
    Number,
    V,
    at_most,
    every,
    nonnegative,
    positive,
    real,
)
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import Lemma
from proofs_check.proofs.theorem_e_n import (
    CONCLUSIONS,
    REMARKS,
    WORDS,
    Keeping,
    instance,
    kept_hypotheses,
    kept_steps,
)

#: At least the pull of all others at step 0.
MOST = real("c")


def _budget(region: Region, share: Number) -> Term:
    """``2 (1 - 2 eta) (n - 1) 2 M + eta c^2 <= 4 (1 - eta) eps^2``."""
    along = 2 * (N_ - 1) * region.pull
    return at_most(
        2 * (1 - 2 * ETA) * along + ETA * MOST**2, share * (1 - ETA) * EPS**2
    )  # fmt: skip


def _radius_steps(region: Region) -> tuple[Step, ...]:
    """What the region's radii say."""
    return (
        shown("rho is far", "in the region", at_most(LEAST_FAR, RHO), (1, ("rho and the region",)),
              (region.far - LEAST_FAR, ())),
        shown("eps <= 1/2", "in the region", at_most(EPS, HALF), (1, ("eps and the region",)),
              (HALF - region.near, ())),
        shown("rho > 0", "it is far", positive(RHO), (1, ("rho is far",)), (LEAST_FAR, ())),
        shown("rho >= eps", "it is far", at_most(EPS, RHO), (1, ("rho is far",)),
              (1, ("eps <= 1/2",)), (LEAST_FAR - HALF, ())),
    )  # fmt: skip


def _keeping_steps(region: Region) -> tuple[Step, ...]:
    """``|v_i| <= eps`` after a step, by the pull along ``v_i``."""
    far = at_most(region.far**2 * APART, norm_square(V, K))
    slow = "1 - 2 eta >= 0"
    return (
        shown("near in the region", "eps is small", at_most(NEAR2, region.near**2),
              (1, ("near",)), (1, ("eps and the region", "eps and the region")),
              (2, ("eps and the region", "eps >= 0"))),
        shown("region squared", "rho is large", at_most(region.far**2, RHO**2),
              (1, ("rho and the region", "rho and the region")),
              (2 * region.far, ("rho and the region",))),
        shown("k in the region", "beyond rho", far, (1, ("others are far",)),
              (1, ("region squared", "apart >= 0"))),
        Step("others in the region", "for every k", every(far, K), Generalise((K,)),
             ("k in the region",)),
        Step("Lemma V'", "the pull along v_i",
             at_most(-pull_near(V, I_), 2 * (N_ - 1) * region.pull),
             Lemma(lemma_for(region), "Lemma V'"),
             ("uniform", "near in the region", "others in the region")),
        shown("pull and c", "no larger than at step 0", at_most(Y, MOST), (1, ("pull",)),
              (1, ("few",))),
        shown("|D|^2 and c", "squared", at_most(D2, MOST**2), (1, ("pull and c", "pull and c")),
              (2, ("pull and c", "|D| >= 0")), using=("|D| squared",)),
        shown("near next", "all three parts of the step",
              at_most(norm_square(AFTER, I_), EPS**2), (1, (slow, slow, "near")),
              (2, ("step size", slow, "Lemma V'")),
              (1, ("step size", "step size", "|D|^2 and c")), (1, ("step size", "slow")),
              using=("next v_i",)),
    )  # fmt: skip


def by_direction(region: Region, share: Number = 4) -> Keeping:
    """The pull along ``v_i`` is small, and so is the square of a step."""
    return Keeping(
        MOST,
        (
            Hypothesis("eps >= 0", nonnegative(EPS), "a radius"),
            Hypothesis("eps and the region", at_most(EPS, region.near), "a small one"),
            Hypothesis("rho and the region", at_most(region.far, RHO), "a large one"),
            Hypothesis("few", at_most(FIRST, MOST), "the pull of all others"),
            Hypothesis("slow", _budget(region, share), "the step is small for this pull"),
        ),
        _radius_steps(region),
        _keeping_steps(region),
    )


def theorem_e_n_prime(
    region: Region = REGION,
    *,
    share: Number = Fraction(1, 8),
    largest: Fraction = HALF,
    budget: Number = 4,
) -> Script:
    """Theorem E_n' for a region, with what can be changed to see the proof fail.

    Parameters
    ----------
    region : Region
    share : number
        The factor of ``(rho - eps)^2`` in beta.
    largest : Fraction
        Of the step sizes.
    budget : number
        The factor of ``(1 - eta) eps^2``.

    Examples
    --------
    >>> theorem_e_n_prime().conclusions[0]
    'near for ever'
    """
    keeping = by_direction(region, budget)
    return Script(
        "E-n-prime",
        "One component near the truth tends to it, all others, a little less far, escape",
        "derived for this project (Theorem E_n')",
        kept_hypotheses(keeping, share, largest),
        kept_steps(keeping, share),
        CONCLUSIONS,
        WORDS,
        f"all n, d, uniform weights, eps <= {region.near}, rho >= {region.far}",
        REMARKS,
        (
            instance(region.far + 2, (MOST, Fraction(1, 2)), eps=region.near,
                     eta=Fraction(1, 100)),
        ),
    )  # fmt: skip
