"""Two components of any weights in a range: at most one stationary point with a given one far."""

from __future__ import annotations

import math
from fractions import Fraction

from numerics.numbers.balls import precision
from numerics.stationary.pair_classification import BITS, NEAR_GAP
from numerics.stationary.pair_weights import continued
from proofs_check.proofs.escape_words import I_, K
from proofs_check.proofs.escape_words import ODDS as LAMBDA
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import replaced
from proofs_check.proofs.pair_cases import KNOWN, LOCATED, case_steps, line_steps
from proofs_check.proofs.pair_regions import (
    ALPHA,
    LENGTH,
    PairRegion,
    exponential_steps,
    inequality_steps,
    odds_bounds,
    region_hypotheses,
)
from proofs_check.proofs.pair_score import GAP, OF, RUN, Crossing, score_steps
from proofs_check.proofs.tactics.bounds import Asked
from proofs_check.proofs.tactics.language import (
    A,
    J,
    V,
    at_most,
    delta,
    equal,
    every,
    exponential,
    pi,
    positive,
    state,
)
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import Instance
from proofs_check.proofs.tactics.vacuity import Proposal

#: Weights from 1/10 to 9/10, ``log 9 < 11/5``; and weights near 1/2, which cost seconds.
WHOLE = PairRegion(
    Fraction(2), Fraction(25, 2), Fraction(10), Fraction(3, 20), odds=Fraction(11, 5)
)
SMALL = PairRegion(odds=Fraction(1, 20))

_AT = Crossing(LAMBDA)
_OTHER = state("W")
_THERE = {V: _OTHER}


def pair_weights(*, region: PairRegion = WHOLE, signed: bool = True) -> Script:
    """At most one stationary point for each quotient of weights.

    Parameters
    ----------
    region : PairRegion
        Edges of what is left to the covers, and the range of the odds.
    signed : bool
        Whether ``lambda`` enters the condition which of both means is ``v_1``.

    Examples
    --------
    >>> pair_weights().conclusions
    ('line', 'same distance', 'same place')
    """
    about = {
        "stationary": every(equal(RUN.gradient(V, J, A), 0), J, A),
        "apart": positive(GAP),
        "nearer": at_most(OF.near(V) + (2 * LAMBDA if signed else 0), OF.far(V)),
    }
    words = {
        "stationary": "V is a stationary point",
        "apart": "its means differ; w = v_2 - v_1",
        "nearer": "the truth lies where the first component is the likelier one",
    }
    hypotheses = (
        Hypothesis("two components", every(equal(delta(J, I_) + delta(J, K), 1), J),
                   "there are two components, i and l"),
        Hypothesis("log odds", equal(exponential(LAMBDA) * pi(I_), pi(K)),
                   "lambda = log(pi_2/pi_1)"),
        *odds_bounds(_AT, region),
        *(Hypothesis(name, formula, words[name]) for name, formula in about.items()),
        *(Hypothesis(f"{name} in W", replaced(formula, _THERE), f"in W: {words[name]}")
          for name, formula in about.items()),
        *region_hypotheses(_AT, region),
    )  # fmt: skip
    steps = (
        *score_steps(),
        *exponential_steps(),
        *inequality_steps(_AT, region),
        *line_steps(_AT),
        *case_steps(_AT, region),
        *_unique_steps(region),
    )
    return Script(
        "F-weights",
        "Two components are stationary in at most one way with a given one far",
        "derived for this project",
        hypotheses,
        steps,
        ("line", "same distance", "same place"),
        _AT.of.words,
        f"n = 2, weights with |log(pi_2/pi_1)| <= {region.odds}, all d",
        ("in words, v_1 is v_i and v_2 is v_l; exchanged, it is about the first one far",),
        (_instance(),),
    )  # fmt: skip


def _unique_steps(region: PairRegion) -> tuple[Step, ...]:
    """What is known of V is known of W, too; the search compares them."""
    formulas = _located(region)
    copies = tuple(
        Step(f"{name} in W", "likewise", replaced(formula, _THERE), Instance(_THERE), (name,))
        for name, formula in formulas.items()
    )
    uses = (*KNOWN, *LOCATED, *(step.name for step in copies))

    def same(name: str, which: str, value: Term) -> Step:
        edges = (region.odds, NEAR_GAP, region.gap, region.up)
        return Step(name, "one zero for each lambda", equal(value, replaced(value, _THERE)),
                    Asked("pair unique", (_AT.pair, _OTHER, which, *edges)), uses)  # fmt: skip

    return (
        *copies,
        same("same distance", "distance", LENGTH),
        same("same place", "alpha", ALPHA),
    )


def _located(region: PairRegion) -> dict[str, Term]:
    """The goals of the steps that the search needs."""
    known = (*line_steps(_AT), *case_steps(_AT, region), *score_steps())
    goals = {step.name: step.goal for step in (*known, *inequality_steps(_AT, region))}
    found = {name: goals[name] for name in ("place", *LOCATED)}
    return {name: goal for name, goal in found.items() if goal is not None}


def _instance() -> Proposal:
    """The stationary point of weights 49/100 and 51/100, to some digits, as V and as W."""
    weights = Fraction(49, 100), Fraction(51, 100)
    odds = math.log(weights[1] / weights[0])
    with precision(BITS):
        c, a = (float(x) for x in continued(Fraction(odds)))
    means = tuple((Fraction(c + odds / a + side * a / 2),) for side in (-1, 1))
    values = ((I_, 0), (K, 1), (A, 0), (V, means), (_OTHER, means), (LAMBDA, odds))
    return Proposal(weights, 1, values, 1e-6)
