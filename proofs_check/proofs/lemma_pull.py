"""Lemma V': what far components do to a near one along its own mean."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache, partial

from proofs_check.certificates.small_steps import Region
from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.far_words import HALF, along
from proofs_check.proofs.near_point import (
    ALONG,
    B2,
    OFFV,
    VW,
    function_steps,
    odds_steps,
    offset_square_steps,
    pull_gradient_step,
)
from proofs_check.proofs.near_words import (
    APART,
    FAR2,
    NEAR2,
    OTHERS,
    TRIPLE,
    P,
    S,
    near_hypotheses,
    pull_near,
)
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.bounds import Asked, Contracted, LargerOf, largest_of
from proofs_check.proofs.tactics.language import (
    I_,
    N_,
    A,
    K,
    V,
    X,
    at_most,
    equal,
    every,
    mean_q,
    nonnegative,
    term,
    total,
    v,
)
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import TEACHER, Derived, Specialise
from proofs_check.proofs.tactics.vacuity import Proposal

_ZERO = term(0)
#: ``v_i.(x - v_i)``, and ``v_i.w`` times it less 1; their positive parts.
AHEAD = along(V, I_, X) - NEAR2
PUSH = VW * (AHEAD - 1)
AHEAD_PART, PUSH_PART = largest_of(_ZERO, AHEAD), largest_of(_ZERO, PUSH)
#: The integrand of ``-D.v_i/2``, and what it is at most.
PULLED = OTHERS * NEAR2 - P * OFFV + P * ALONG * AHEAD
MOST_PULLED = (
    OTHERS * NEAR2
    + P * total(APART * S * PUSH_PART, K)
    + P * OTHERS * total(APART * S * B2, K) * AHEAD_PART
)
#: What the integral is about, for one of the others.
FUNCTIONS = (APART * S * term(1), APART * S * P, APART * S * (P * OTHERS))
SHARE_OF_K = NEAR2 * FUNCTIONS[0] + PUSH_PART * FUNCTIONS[1] + B2 * AHEAD_PART * FUNCTIONS[2]


#: Taken where no region is named.
REGION = Region(Fraction(21, 4), Fraction(38, 100), Fraction(2651, 100_000))


def _mean_steps(region: Region, triple: tuple[Fraction, ...]) -> tuple[Step, ...]:
    """``-D.v_i`` as a mean, and its integrand by the odds of the others."""
    pulled = -pull_near(V, I_)
    given = ((V, I_, K, X), FUNCTIONS, triple, region.near, region.far, region.pull)
    return (
        pull_gradient_step(),
        Step("-D.v_i", "times v_i, summed", equal(pulled, 2 * mean_q(PULLED)),
             Contracted("gradient", -v(V, I_, A), (A,)), ("gradient",)),
        *offset_square_steps(),
        Step("Z+", "a positive part", at_most(AHEAD, AHEAD_PART), LargerOf(_ZERO, AHEAD, 1)),
        Step("Z+ >= 0", "a positive part", nonnegative(AHEAD_PART), LargerOf(_ZERO, AHEAD, 0)),
        Step("U+", "a positive part", at_most(PUSH, PUSH_PART), LargerOf(_ZERO, PUSH, 1)),
        Step("Delta.v_i (Z - 1)", "averaged over k",
             at_most(OFFV * (AHEAD - 1), total(APART * S * PUSH_PART, K)),
             Average((K,), (S, APART)), ("U+",)),
        shown("at x", "Z is at most its positive part", at_most(PULLED, MOST_PULLED),
              (1, ("psi_i > 0", "Delta.v_i (Z - 1)")),
              (1, ("psi_i > 0", "|Delta|^2 >= 0", "Z+")),
              (1, ("psi_i > 0", "|Delta|^2", "Z+ >= 0"))),
        Step("averaged", "over x", at_most(mean_q(PULLED), mean_q(MOST_PULLED)),
             Average((TEACHER,)), ("at x",)),
        Step("as a sum", "over the others",
             equal(mean_q(MOST_PULLED), total(mean_q(SHARE_OF_K), K)), Derived()),
        Step("far", "for this k", at_most(region.far**2 * APART, FAR2), Specialise((K,)),
             ("far for all",)),
        Step("each", "an integral over a direction and one across",
             at_most(mean_q(SHARE_OF_K), region.pull * APART),
             Asked("pull integral", given, "ball cover", _OF_FUNCTIONS),
             (*_OF_FUNCTIONS, "uniform", "near", "far")),
        Step("all", "added", at_most(total(mean_q(SHARE_OF_K), K), (N_ - 1) * region.pull),
             Average((K,)), ("each",)),
        shown("Lemma V'", "together", at_most(pulled, 2 * (N_ - 1) * region.pull),
              (2, ("averaged",)), (2, ("all",)), using=("-D.v_i", "as a sum")),
    )  # fmt: skip


_OF_FUNCTIONS = ("share at every x", "product at every x", "triple at every x")


def lemma_pull(region: Region = REGION, *, triple: tuple[Fraction, ...] = TRIPLE) -> Script:
    """Lemma V' for a region, with a constant that can be changed to see the proof fail.

    Parameters
    ----------
    region : Region
    triple : tuple of Fraction
        The coefficients of the bound of ``psi_i psi_k (1 - psi_i)``.

    Examples
    --------
    >>> lemma_pull().conclusions
    ("Lemma V'",)
    """
    uniform = next(h for h in near_hypotheses() if h.name == "uniform")
    far = every(at_most(region.far**2 * APART, FAR2), K)
    hypotheses = (
        uniform,
        Hypothesis("near", at_most(NEAR2, region.near**2), f"|v_i| is at most {region.near}"),
        Hypothesis("far for all", far, f"every other is at least {region.far} away"),
    )
    return Script(
        "V-prime",
        "Far components hardly push a near one outwards along its own mean",
        "derived for this project (Lemma V')",
        hypotheses,
        (*odds_steps(), *function_steps(triple), *_mean_steps(region, triple)),
        ("Lemma V'",),
        ((pull_near, "D_i is the gradient at v_i, less 2 v_i: positive where it pulls inwards"),),
        f"all n, d, uniform weights, |v_i| <= {region.near}, all others >= {region.far}",
        instances=(
            Proposal(
                (HALF, HALF), 1,
                ((V, ((region.near / 2,), (region.far + 1,))), (I_, 0)),
            ),
        ),
    )  # fmt: skip


@cache
def lemma_for(region: Region) -> Callable[[], Script]:
    """What builds Lemma V' for a region; the same for the same one."""
    return partial(lemma_pull, region)
