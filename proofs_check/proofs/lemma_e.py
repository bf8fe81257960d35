"""Lemma E: one of two components escapes."""

from __future__ import annotations

from fractions import Fraction

from numerics.fates.escape_region import DRIFT, FAR
from proofs_check.proofs.escape import CONCLUSIONS, escape
from proofs_check.proofs.escape_words import (
    HALF,
    I_,
    EscapeConstants,
    EscapeRegion,
    Groups,
    K,
    instance,
    odds_statement,
)
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.exponentials import (
    NoOdds,
)
from proofs_check.proofs.tactics.language import (
    A,
    J,
    V,
    at_most,
    delta,
    equal,
    every,
    nonnegative,
    pi,
    total,
    v,
)
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import Combination, Derived, Specialise


def lemma_e(
    *,
    near_weight: Fraction = HALF,
    far: Fraction = FAR,
    growth: Fraction | None = None,
    drift: Fraction = DRIFT,
    boxes: tuple[str, ...] | None = None,
    largest_step: Fraction = HALF,
    covariance_term: bool = True,
) -> Script:
    """Lemma E, with constants that can be changed to see the proof fail.

    Parameters
    ----------
    near_weight : Fraction
        Weight of the component near the truth.
    far : Fraction
        ``|v_2| >= far``.
    growth, drift, covariance_term
        See `EscapeConstants`.
    boxes : tuple of str or None
        The boxes of the cover; ``None``: regenerated.
    largest_step : Fraction

    Examples
    --------
    >>> lemma_e().scope
    'n = 2, uniform weights, all d'
    """
    near, other = delta(J, I_), delta(J, K)
    groups = Groups((near, other), (), (number(1), number(1)), ("two components", "place"))
    constants = EscapeConstants(growth, drift, covariance_term)
    core = escape(groups, EscapeRegion(near_weight, far, boxes), constants)
    run, pair, odds = core.of.run, core.of.pair(V), core.of.odds
    eta = run.size
    belongs = equal(near + other, 1)
    zero = odds == number(0)
    hypotheses = (
        Hypothesis("two components", every(belongs, J), "there are two components, i and l"),
        Hypothesis("weight", equal(pi(I_), near_weight), f"weight {near_weight} near the truth"),
        *(() if zero else (
            Hypothesis("log odds", odds_statement(odds, near_weight), "lambda = log(pi_2/pi_1)"),)),
        *core.hypotheses,
        Hypothesis("eta >= 0", nonnegative(eta), "the step size is not negative"),
        Hypothesis("largest eta", at_most(eta, largest_step), f"eta <= {largest_step}"),
        *core.late_hypotheses,
    )  # fmt: skip
    steps = (
        Step("belongs", "component j is i or l", belongs, Specialise((J,)), ("two components",)),
        Step("place", "so its mean is v_1 or v_2",
             equal(v(V, J, A), near * v(V, I_, A) + other * v(V, K, A)),
             Average((), (v(V, J, A),)), ("belongs",)),
        Step("near weight", "the only member", equal(total(near * pi(J), J), near_weight),
             Derived(), ("weight",)),
        *((Step("log odds", "exp(0) = 1", odds_statement(odds, near_weight), NoOdds()),)
          if zero else ()),
        Step("member 1", "the only member",
             equal(run.gradient(V, I_, A), pair.gradient("near", A)), Derived()),
        Step("member 2", "the only member",
             equal(run.gradient(V, K, A), pair.gradient("far", A)), Derived()),
        Step("step size", "eta_1 = eta", nonnegative(core.of.steps[0]),
             Combination(((1, ("eta >= 0",)),)), ("eta >= 0",)),
        Step("far step", "eta_2 = eta", nonnegative(core.of.steps[1]),
             Combination(((1, ("eta >= 0",)),)), ("eta >= 0",)),
        Step("largest step", "eta_1 = eta", at_most(core.of.steps[0], largest_step),
             Combination(((1, ("largest eta",)),)), ("largest eta",)),
        *core.steps,
    )  # fmt: skip
    weights = "uniform weights" if near_weight == HALF else f"weight {near_weight} near the truth"
    return Script(
        "E",
        "One component near the truth, one far away: the far one escapes",
        "derived for this project (Lemma E)",
        hypotheses,
        steps,
        CONCLUSIONS,
        core.of.words,
        f"n = 2, {weights}, all d",
        ("in words, v_1 is v_i and v_2 is v_l",),
        (instance((near_weight, 1 - near_weight), 4, eta, None if zero else odds),),
    )
