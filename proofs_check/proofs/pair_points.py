"""Two components of equal weight: all stationary points of the forward loss, in any dimension."""

from __future__ import annotations

from fractions import Fraction

from numerics.stationary.pair_classification import NEAR_GAP
from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.escape_words import HALF, I_, K
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.oracles.slice_equation import Slice, enclosure
from proofs_check.proofs.kernel.terms import number, replaced
from proofs_check.proofs.pair_cases import KNOWN, LOCATED, case_steps, line_steps
from proofs_check.proofs.pair_regions import (
    ALPHA,
    EPS,
    PairRegion,
    exponential_steps,
    inequality_steps,
    region_hypotheses,
)
from proofs_check.proofs.pair_score import (
    GAP,
    OF,
    RUN,
    SCORE_SUM,
    Crossing,
    W,
    score_steps,
)
from proofs_check.proofs.tactics.bounds import Asked, Contracted, Generalise, Linear
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
    total,
    v,
)
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import (
    TEACHER,
    Combination,
    Instance,
    Lemma,
    Specialise,
)
from proofs_check.proofs.tactics.vacuity import Proposal
from proofs_check.proofs.theorem_u import DIGITS, theorem_u

_SLICE = Slice(V, I_, K)
_ENDS = Fraction(2), Fraction(2829, 1000)
_AT = Crossing()
_FIRST = v(V, I_, A)
_THERE = {V: state("W")}


def pair_points(
    *,
    region: PairRegion | None = None,
    stationary: bool = True,
    nearer: bool = True,
) -> Script:
    """All stationary points of two equal components, with what can be changed to see it fail.

    Parameters
    ----------
    region : PairRegion, optional
        Edges of what is left to the covers.
    stationary : bool
        Whether the gradient is assumed to vanish.
    nearer : bool
        Whether ``|v_1| <= |v_2|`` is assumed.

    Examples
    --------
    >>> pair_points().scope
    'n = 2, uniform weights, all d'
    """
    region = PairRegion() if region is None else region
    slope = RUN.gradient(V, J, A)
    zero = equal(slope, 0) if stationary else equal(slope, slope)
    order = at_most(OF.near(V), OF.far(V)) if nearer else at_most(OF.near(V), OF.near(V))
    together = equal(v(V, K, A), _FIRST)
    hypotheses = (
        Hypothesis("two components", every(equal(delta(J, I_) + delta(J, K), 1), J),
                   "there are two components, i and l"),
        Hypothesis("weight", equal(pi(I_), HALF), "of equal weight"),
        Hypothesis("stationary", every(zero, J, A), "V is a stationary point"),
        Hypothesis("apart", positive(GAP), "the means differ; w = v_2 - v_1"),
        Hypothesis("nearer", order, "v_1 is the one nearer to the truth"),
        Hypothesis("together", every(together, A), "the means are equal", temporary=True),
        Hypothesis("stationary W", replaced(every(zero, J, A), _THERE), "W is a stationary point"),
        Hypothesis("together in W", replaced(every(together, A), _THERE), "its means are equal"),
        *region_hypotheses(_AT, region),
    )  # fmt: skip
    steps = (
        *score_steps(),
        *_together_steps(together),
        *exponential_steps(),
        *_equal_odds(region),
        *inequality_steps(_AT, region),
        *line_steps(_AT),
        *case_steps(_AT, region),
        *_point_steps(region),
        *_slice_steps(),
    )
    return Script(
        "F-stationary",
        "Two equal components are stationary in one way only",
        "derived for this project",
        hypotheses,
        steps,
        ("equal means", "v_1", "distance"),
        OF.words,
        "n = 2, uniform weights, all d",
        ("in words, v_1 is v_i and v_2 is v_l",
         "that there is such a point at this distance is Theorem U"),
        (_instance(),),
    )  # fmt: skip


def _instance() -> Proposal:
    """The stationary point to the digits of its enclosure."""
    place = ((Fraction(0),), (enclosure(*_ENDS, DIGITS)[0],))
    truth = ((Fraction(0),), (Fraction(0),))
    values = ((I_, 0), (K, 1), (A, 0), (V, place), (_THERE[V], truth))
    return Proposal((HALF, HALF), 1, values, 1e-6)


def _equal_odds(region: PairRegion) -> tuple[Step, ...]:
    """``lambda = 0``."""
    zero = number(0)
    return (
        Step("log odds", "exp(0) = 1", equal(exponential(zero) * pi(I_), pi(K)), Combination(),
             ("weights", "weight", "exp 0")),
        shown("odds low", "zero", at_most(-region.odds, zero), (region.odds, ())),
        shown("odds high", "zero", at_most(zero, region.odds), (region.odds, ())),
    )  # fmt: skip


def _together_steps(together: Term) -> tuple[Step, ...]:
    """Equal means: m is their common place."""
    return (
        Step("same place", "at this coordinate", together, Specialise((A,)), ("together",)),
        Step("m there", "the common place", equal(SCORE_SUM, _FIRST), Combination(),
             ("m", "C m", "same place")),
        Step("equal means of V", "so the sum of both gradients is twice that", equal(_FIRST, 0),
             Contracted("m there", number(1), (TEACHER,)), ("m there", "no sum")),
        Step("equal means", "of any state", replaced(equal(_FIRST, 0), _THERE), Instance(_THERE),
             ("equal means of V",)),
    )  # fmt: skip


def _point_steps(region: PairRegion) -> tuple[Step, ...]:
    """The search: ``alpha = 0``, and so ``v_1 = 0``."""
    return (
        Step("alpha = 0", "a complete search", equal(ALPHA, 0),
             Asked("pair points", (_AT.pair, NEAR_GAP, region.gap, region.up)),
             (*KNOWN, *LOCATED)),
        Step("v_1", "the nearer mean is at the truth", equal(_FIRST, 0),
             Linear(((1, "line"), (EPS * W, "alpha = 0"))), ("line", "alpha = 0")),
    )  # fmt: skip


def _slice_steps() -> tuple[Step, ...]:
    """Theorem U: where the other mean is."""
    outside = _SLICE.outside(*enclosure(*_ENDS, DIGITS))
    uses = ("two components", "weight", "at the truth", "v_2 > 0", "stationary")
    return (
        Step("at the truth", "v_1 = 0", every(equal(_FIRST, 0), A), Generalise((A,)), ("v_1",)),
        Step("|v_1|^2 = 0", "zero", equal(total(_FIRST**2, A), 0), Contracted("v_1", _FIRST, (A,)),
             ("v_1",)),
        Step("v_1.v_2", "zero", equal(total(_FIRST * v(V, K, A), A), 0),
             Contracted("v_1", v(V, K, A), (A,)), ("v_1",)),
        shown("v_2 > 0", "the means differ", positive(_SLICE.square), (1, ("apart",)),
              using=("|v_1|^2 = 0", "v_1.v_2")),
        Step("distance", "the other one is at the root of Theorem U", at_most(outside, 0),
             Lemma(theorem_u, "enclosed"), uses),
    )  # fmt: skip
