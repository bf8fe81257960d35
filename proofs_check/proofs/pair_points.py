"""Two components of equal weight: all stationary points of the forward loss, in any dimension."""

from __future__ import annotations

from fractions import Fraction

from numerics.stationary.pair_classification import NEAR_GAP
from proofs_check.proofs.cluster_tactics import Absurd, Row, shown
from proofs_check.proofs.escape_words import HALF, I_, K
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.oracles.slice_equation import Slice, enclosure
from proofs_check.proofs.kernel.terms import number, replaced
from proofs_check.proofs.pair_regions import (
    ALPHA,
    EPS,
    LENGTH,
    MIDDLE,
    PairRegion,
    exponential_steps,
    flat_steps,
    near_steps,
    place_steps,
    region_hypotheses,
    steep_steps,
)
from proofs_check.proofs.pair_score import (
    GAP,
    OF,
    PAIR,
    RUN,
    SCORE_SUM,
    W,
    moment_steps,
    odds_steps,
    score_steps,
)
from proofs_check.proofs.tactics.bounds import Asked, Contracted, Generalise, Linear
from proofs_check.proofs.tactics.language import (
    A,
    J,
    V,
    at_most,
    below,
    delta,
    equal,
    every,
    nonnegative,
    pi,
    positive,
    state,
    total,
    v,
)
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import (
    TEACHER,
    Cases,
    Combination,
    Derived,
    Discharge,
    Instance,
    Lemma,
    Specialise,
    Vanishes,
)
from proofs_check.proofs.tactics.vacuity import Proposal
from proofs_check.proofs.theorem_u import DIGITS, theorem_u

_SLICE = Slice(V, I_, K)
_ENDS = Fraction(2), Fraction(2829, 1000)
_FIRST = v(V, I_, A)
_THERE = {V: state("W")}
#: What every case shows.
_GOAL = at_most(ALPHA**2, 0)


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
        *region_hypotheses(region),
    )  # fmt: skip
    steps = (
        *score_steps(),
        *_together_steps(together),
        *odds_steps(),
        *moment_steps(),
        *place_steps(),
        *exponential_steps(),
        *near_steps(region),
        *steep_steps(region),
        *flat_steps(region),
        *_cover_steps(region),
        *_case_steps(region),
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


def _cover_steps(region: PairRegion) -> tuple[Step, ...]:
    """On a line through the truth; what covers of balls exclude, or find."""
    outward, pull = OF.outward(V), OF.pull(V)
    both = PAIR.gradient("near", A) + PAIR.gradient("far", A)
    groups = ("two components", "place", "near weight")
    gap, low, high = region.gap, region.right_slope, region.up_slope
    return (
        Step("near weight", "the only member", equal(total(delta(J, I_) * pi(J), J), HALF),
             Derived(), ("weight",)),
        Step("no first gradient", "stationary", equal(RUN.gradient(V, I_, A), 0),
             Specialise((I_, A)), ("stationary",)),
        Step("no gradients", "of either", equal(both, 0), Combination(),
             ("no first gradient", "no second gradient")),
        Step("F", "w.grad_2/a", equal(outward, 0), Contracted("no second gradient", EPS * W, (A,)),
             ("no second gradient",)),
        Step("Q", "w.(grad_1 + grad_2 - 2 v_1)/a", equal(pull, -2 * ALPHA),
             Contracted("no gradients", EPS * W, (A,)), ("no gradients",)),
        Step("grad_1 + grad_2", "x drops out", equal(both, 2 * _FIRST + EPS * pull * W),
             Asked("escape gradient", (PAIR, "both", A), "symbolic identity"),
             (*groups, "apart")),
        Step("line", "v_1 is along w", equal(_FIRST, EPS * ALPHA * W), Combination(),
             ("grad_1 + grad_2", "no gradients", "Q")),
        shown("|w|^2 from below", "the searched region", at_most(NEAR_GAP**2, GAP),
              (1, ("not close",)), (region.least - NEAR_GAP**2, ())),
        shown("|w|^2 from above", "the searched region", at_most(GAP, gap**2),
              (1, ("short", "short")), (2, ("short", "a >= 0")), using=("a^2",)),
        Step("compact part", "a complete search", equal(ALPHA, 0),
             Asked("pair points", (PAIR, NEAR_GAP, gap, region.up)),
             (*groups, "F", "Q", "|w|^2 from below", "|w|^2 from above", "c >= 0", "low")),
        shown("|w|^2 beyond", "a is at least gap", at_most(gap**2, GAP),
              (1, ("long", "long")), (2 * gap, ("long",)), using=("a^2",)),
        shown("c beyond", "not flat", at_most(low * LENGTH, MIDDLE), (1, ("not flat",))),
        Step("F < 0", "a cover of balls", below(outward, 0),
             Asked("pair cone", (PAIR, gap, low, high)),
             (*groups, "|w|^2 beyond", "c beyond", "in the cone")),
        Step("F >= 0", "stationary", nonnegative(outward), Combination(), ("F",)),
        Step("not in the cone", "it would move", at_most(1, 0), Absurd("F < 0", "F >= 0"),
             ("F < 0", "F >= 0")),
    )  # fmt: skip


def _case_steps(region: PairRegion) -> tuple[Step, ...]:
    """The cases together: ``alpha = 0``."""
    up, slope, gap = region.up, region.up_slope, region.gap

    def excluded(name: str, absurd: str) -> Step:
        return shown(name, "excluded", _GOAL, (1, (absurd,), (ALPHA,)))

    def steep(name: str, from_up: tuple[Row, ...], from_slope: tuple[Row, ...]) -> tuple[Step, ...]:
        parts = f"{name}: up", f"{name}: steep"
        return (
            shown(parts[0], "a case", at_most(up, MIDDLE), *from_up),
            shown(parts[1], "a case", at_most(slope * LENGTH, MIDDLE), *from_slope),
            Step(f"{name}: absurd", "it would move", at_most(1, 0),
                 Discharge("not so steep", parts), ("not so steep", *parts)),
            excluded(name, f"{name}: absurd"),
        )  # fmt: skip

    def both(name: str, left: Term, right: Term | Fraction, first: str, second: str) -> Step:
        edge = right if isinstance(right, Term) else number(right)
        return Step(name, "in both cases", _GOAL, Cases(left, edge, first, second),
                    (first, second))  # fmt: skip

    return (
        Step("low if short", "the search", _GOAL, Combination(), ("compact part",)),
        *steep("high if short", ((1, ("high",)),),
               ((1, ("high",)), (slope, ("short",)), (up - slope * gap, ()))),
        both("short case", MIDDLE, up, "low if short", "high if short"),
        excluded("flat if long", "not so flat"),
        excluded("cone if long", "not in the cone"),
        *steep("beyond if long",
               ((1, ("beyond the cone",)), (slope, ("long",)), (slope * gap - up, ())),
               ((1, ("beyond the cone",)),)),
        both("not flat if long", MIDDLE, slope * LENGTH, "cone if long", "beyond if long"),
        both("long case", MIDDLE, region.right_slope * LENGTH, "flat if long", "not flat if long"),
        both("far case", LENGTH, gap, "short case", "long case"),
        excluded("close case", "not so close"),
        both("alpha^2", GAP, region.least, "close case", "far case"),
        Step("alpha = 0", "its square is not positive", equal(ALPHA, 0), Vanishes(ALPHA),
             ("alpha^2",)),
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
