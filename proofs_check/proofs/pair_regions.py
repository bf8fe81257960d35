"""Where two components cannot be stationary: inequalities near the truth and far from it.

In the words of `proofs_check.proofs.pair_score`; ``c`` is the crossing point of the two terms of
the density along w, ``z = a c`` there.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from numerics.stationary.pair_classification import GAP as GAP_EDGE
from numerics.stationary.pair_classification import RIGHT_SLOPE, UP, UP_SLOPE
from proofs_check.proofs.cluster_tactics import Absurd, shown
from proofs_check.proofs.escape_words import HALF, I_, K
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.pair_score import (
    GAP,
    INNER,
    MIDWAY,
    MU,
    OF,
    QUARTER,
    Crossing,
    P,
    Q,
    Z,
    moment_steps,
    odds_steps,
)
from proofs_check.proofs.tactics.arithmetic import Reciprocal
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.bounds import Linear, RootOf, SquareRoot
from proofs_check.proofs.tactics.exponentials import ExponentialGrows, ExponentialSign, NoOdds
from proofs_check.proofs.tactics.language import (
    Operand,
    V,
    at_most,
    below,
    define,
    equal,
    exponential,
    inverse,
    mean_q,
    nonnegative,
    positive,
    term,
)
from proofs_check.proofs.tactics.script import Hypothesis, Step
from proofs_check.proofs.tactics.steps import (
    TEACHER,
    Axiom,
    Cases,
    Combination,
    Derived,
    Discharge,
    Oracle,
)

LENGTH, EPS, ALPHA = OF.a(V), OF.eps(V), OF.alpha(V)
#: An upper bound of ``exp(-1)``.
PEAK = Fraction(46, 125)
#: ``z`` is far where it exceeds that part of ``a c``.
FAR = Fraction(4, 5)
#: Below the distance of two means that differ and are stationary.
_SHORTEST = Fraction(7, 5)
#: Beyond it a bound of the logarithm of the odds is small beside ``a c``.
_MEDIUM = Fraction(6)


@dataclass(frozen=True)
class PairRegion:
    """Edges of what is left to the covers, which can be changed to see the proof fail.

    Attributes
    ----------
    least : Fraction
        ``|w|^2`` is at least that at a stationary point.
    gap, up : Fraction
        Edges of the compact part.
    right_slope, up_slope : Fraction
        Of the cone beyond it.
    odds : Fraction
        A bound of the logarithm of the quotient of the weights.
    """

    least: Fraction = Fraction(2)
    gap: Fraction = GAP_EDGE
    up: Fraction = UP
    right_slope: Fraction = RIGHT_SLOPE
    up_slope: Fraction = UP_SLOPE
    odds: Fraction = Fraction(0)


def _reach(at: Crossing) -> Term:
    """``h``, beyond which z is far."""
    parts = () if at.equal else (at.odds,)
    return define("h", FAR * LENGTH * at.middle, V, I_, K, *parts)(V, I_, K, *parts)


def region_hypotheses(at: Crossing, region: PairRegion) -> tuple[Hypothesis, ...]:
    """Cases, each discharged."""
    middle, h = at.middle, _reach(at)
    cases = {
        "close": at_most(GAP, region.least),
        "not close": below(region.least, GAP),
        "short": at_most(LENGTH, region.gap),
        "long": below(region.gap, LENGTH),
        "low": at_most(middle, region.up),
        "high": below(region.up, middle),
        "flat": at_most(middle, region.right_slope * LENGTH),
        "not flat": below(region.right_slope * LENGTH, middle),
        "in the cone": at_most(middle, region.up_slope * LENGTH),
        "beyond the cone": below(region.up_slope * LENGTH, middle),
        "up": at_most(region.up, middle),
        "steep": at_most(region.up_slope * LENGTH, middle),
        "beyond h": at_most(h, Z),
        "before h": below(Z, h),
        "no length": at_most(LENGTH, 0),
        "some length": below(0, LENGTH),
        "c > 0": positive(middle),
        "medium": at_most(LENGTH, _MEDIUM),
        "not medium": below(_MEDIUM, LENGTH),
    }
    return tuple(Hypothesis(name, case, "a case", temporary=True) for name, case in cases.items())


def near_steps(region: PairRegion) -> tuple[Step, ...]:
    """Not stationary if ``|w|^2 <= 2``: the integrand of I3 is positive."""
    radial = MU**2 * (1 - 2 * GAP * Q) + Q**2 * GAP**3
    return (
        Step("radial", "v_1.grad_1 + v_2.grad_2, times |w|^2", equal(mean_q(radial), 0),
             Combination(), ("sum", "second")),
        shown("radial at x", "q <= 1/4 and |w|^2 <= 2", positive(radial),
              (HALF, ("close",), (MU,)),
              (2, ("apart",), (MU * (HALF - P),)),
              (1, ("apart",) * 3 + ("p > 0",) * 2 + ("1 - p > 0",) * 2),
              (1 - HALF * region.least, (), (MU,))),
        Step("radial > 0", "averaged", positive(mean_q(radial)), Average((TEACHER,)),
             ("radial at x",)),
        Step("radial = 0", "stationary", at_most(mean_q(radial), 0), Combination(), ("radial",)),
        Step("not so close", "it would move", at_most(1, 0), Absurd("radial > 0", "radial = 0"),
             ("radial > 0", "radial = 0")),
    )  # fmt: skip


def place_steps(at: Crossing, region: PairRegion) -> tuple[Step, ...]:
    """``a^2 = |w|^2``, ``eps = 1/a``, ``a c = v_1.w + |w|^2/2 - lambda``, and ``c >= 0``."""
    middle, least = at.middle, region.least
    inside = OF.pair(V).dot("apart", "apart")
    near, far = OF.near(V), OF.far(V)
    return (
        shown("|w|^2 >= 0", "w is not 0", nonnegative(GAP), (1, ("apart",))),
        Step("a^2", "a root", equal(LENGTH**2, GAP), RootOf(inside), ("|w|^2 >= 0",)),
        Step("a >= 0", "a root", nonnegative(LENGTH), RootOf(inside), ("|w|^2 >= 0",)),
        shown("a > 0 if not", "its square is positive", positive(LENGTH),
              (1, ("a >= 0",)), (1, ("apart",)), (1, ("a >= 0", "no length")), using=("a^2",)),
        shown("a > 0 else", "the other case", positive(LENGTH), (1, ("some length",))),
        Step("a > 0", "in both cases", positive(LENGTH),
             Cases(LENGTH, number(0), "a > 0 if not", "a > 0 else"),
             ("a > 0 if not", "a > 0 else")),
        Step("eps", "1/a", equal(LENGTH * EPS, 1), Reciprocal(), ("a > 0",)),
        shown("eps >= 0", "a eps^2", nonnegative(EPS), (1, ("a >= 0",), (EPS,)), using=("eps",)),
        Step("alpha", "v_1.w/a", equal(ALPHA, EPS * INNER), Derived()),
        Step("inner", "a alpha", equal(INNER, LENGTH * ALPHA),
             Linear(((-LENGTH, "alpha"), (-INNER, "eps"))), ("alpha", "eps")),
        Step("c", "a/2 + alpha - lambda/a",
             equal(middle, HALF * LENGTH + ALPHA - at.odds * EPS), Derived()),
        Step("b", "a c", equal(at.place, LENGTH * middle), Combination(),
             ("c", "inner", "a^2", "eps")),
        Step("|v_2|^2", "v_2 = v_1 + w", equal(far, near + 2 * INNER + GAP), Derived()),
        shown("a c >= 0", "v_2 is not nearer than v_1", nonnegative(LENGTH * middle),
              (HALF, ("nearer",)), using=("|v_2|^2", "b")),
        shown("c >= 0", "a divided out", nonnegative(middle), (1, ("a c >= 0", "eps >= 0")),
              using=("eps",)),
        shown("49/25 and a", "not close", at_most(_SHORTEST**2, LENGTH**2), (1, ("not close",)),
              (least - _SHORTEST**2, ()), using=("a^2",)),
        Step("a from below", "the root", at_most(_SHORTEST, LENGTH),
             SquareRoot("49/25 and a", "a >= 0"), ("49/25 and a", "a >= 0")),
    )  # fmt: skip


def _sum_of(first: Operand, second: Operand) -> Axiom:
    return Axiom("exponential of a sum", (term(first), term(second)))


def exponential_steps() -> tuple[Step, ...]:
    """``exp(0)``, and a bound of ``exp(-1)``."""
    bound = Oracle("exponential", (Fraction(-1), PEAK), kind="ball cover")
    return (
        Step("exp 0", "one", equal(exponential(0), 1), NoOdds()),
        Step("exp -1", "a number", at_most(exponential(-1), PEAK), bound),
    )


def inequality_steps(at: Crossing, region: PairRegion) -> tuple[Step, ...]:
    """All of it, but for what `exponential_steps` shows and for what is known of the weights."""
    return (
        *odds_steps(at),
        *moment_steps(),
        *place_steps(at, region),
        *near_steps(region),
        *steep_steps(at, region),
        *flat_steps(at, region),
    )


def steep_steps(at: Crossing, region: PairRegion) -> tuple[Step, ...]:
    """Not stationary if ``c >= up`` and ``c >= up_slope a``: p is too small where x is.

    ``v_1.w <= (v_1.w + |w|^2) E[z p]``, and ``z p <= z^6/h^5 + (z + a)^2 exp(-(a c - h))/(4 a)``.
    """
    low, slope, bound = region.up, region.up_slope, region.odds
    middle, t, quotient, h = at.middle, at.t, at.quotient, _reach(at)
    inverse_h, decay = inverse(h), exponential((FAR - 1) * at.place)
    first = 15 / (FAR**5 * low**4 * slope)
    second = PEAK / (2 * (1 - FAR) * low)
    whole = INNER + GAP
    tail = Z**6 * inverse_h**5 + QUARTER * EPS * (Z + LENGTH) ** 2 * decay
    back = ("1/h >= 0",) * 5
    shrunk = (1 - FAR) * at.place
    part = first + second
    bent = HALF * (1 + part)
    rest = (1 - part) * low - bent * (_SHORTEST + _MEDIUM)
    return (
        Step("h", "a part of a c", equal(h, FAR * LENGTH * middle), Derived()),
        shown("h > 0", "a product", positive(h), (FAR, ("a > 0", "c > 0")), using=("h",)),
        Step("1/h", "its reciprocal", equal(h * inverse_h, 1), Reciprocal(), ("h > 0",)),
        shown("1/h >= 0", "h (1/h)^2", nonnegative(inverse_h), (1, ("h > 0",), (inverse_h,)),
              using=("1/h",)),
        Step("(1/h)^5", "a power", equal(h**5 * inverse_h**5, 1), Combination(), ("1/h",)),
        Step("decay >= 0", "an exponential", nonnegative(decay), ExponentialSign()),
        shown("z >= 0", "beyond h", nonnegative(Z), (1, ("beyond h",)), (1, ("h > 0",))),
        shown("z^6 beyond h", "z >= h", at_most(h**5 * Z, Z**6),
              (1, ("beyond h", "z >= 0"), (Z**2,)),
              (1, ("beyond h", "z >= 0", "z >= 0", "h > 0"), (Z,)),
              (1, ("beyond h", "z >= 0"), (Z * h,)),
              (1, ("beyond h", "z >= 0", "z >= 0", "h > 0"), (h,)),
              (1, ("beyond h", "z >= 0"), (h**2,))),
        shown("tail beyond h", "p <= 1", at_most(Z * P, tail),
              (1, ("z^6 beyond h", *back)), (1, ("1 - p > 0", "z >= 0")),
              (QUARTER, ("eps >= 0", "decay >= 0"), (Z + LENGTH,)), using=("(1/h)^5",)),
        shown("t before h", "t = z - a c", at_most(t, -shrunk), (1, ("before h",)),
              using=("h", "b")),
        Step("exp(t) before h", "the exponential grows", at_most(quotient, decay),
             ExponentialGrows(), ("t before h",)),
        shown("p before h", "p <= exp(t)", at_most(P, decay), (1, ("exp(t) before h",)),
              (1, ("exp(t) >= 0", "p > 0")), using=("odds",)),
        shown("tail before h", "4 a z <= (z + a)^2", at_most(Z * P, tail),
              (1, back, (Z**3,)), (QUARTER, ("p before h", "eps >= 0"), (Z + LENGTH,)),
              (QUARTER, ("p > 0", "eps >= 0"), (Z - LENGTH,)), using=("eps",)),
        Step("tail", "in both cases", at_most(Z * P, tail),
             Cases(h, Z, "tail beyond h", "tail before h"), ("tail beyond h", "tail before h")),
        Step("mean tail", "averaged",
             at_most(mean_q(Z * P), 15 * GAP**3 * inverse_h**5 + HALF * LENGTH * decay),
             Average((TEACHER,)), ("tail", "E z", "E z^2", "E z^6", "eps", "a^2")),
        shown("c^5", "c is at least up and at least a multiple of a",
              at_most(low**4 * slope * LENGTH, middle**5),
              (1, ("up",), (middle**2,)), (low, ("up", "c >= 0"), (middle,)),
              (low**2, ("up",), (middle,)), (low**3, ("up", "c >= 0")), (low**4, ("steep",))),
        shown("a^6", "so h is large", at_most(15 * GAP**3, first * h**5),
              (first * FAR**5, ("c^5", *("a >= 0",) * 5)), using=("h", "a^2")),
        shown("first part", "times (1/h)^5", at_most(15 * GAP**3 * inverse_h**5, first),
              (1, ("a^6", *back)), using=("(1/h)^5",)),
        Step("tangent at s", "of the exponential", at_most(shrunk, exponential(shrunk - 1)),
             Axiom("tangent", (shrunk - 1,))),
        Step("exp(s - 1)", "a product", equal(exponential(-1), decay * exponential(shrunk - 1)),
             _sum_of(-shrunk, shrunk - 1)),
        shown("s exp(-s)", "at most exp(-1)", at_most(shrunk * decay, exponential(-1)),
              (1, ("tangent at s", "decay >= 0")), using=("exp(s - 1)",)),
        shown("second part", "a up <= a c", at_most(HALF * LENGTH * decay, second),
              (HALF / low, ("up", "a >= 0", "decay >= 0")),
              (HALF / ((1 - FAR) * low), ("s exp(-s)",)),
              (HALF / ((1 - FAR) * low), ("exp -1",)), using=("b",)),
        Step("E p", "a mean", positive(mean_q(P)), Average((TEACHER,)), ("p > 0",)),
        shown("q (1 - p)", "a product", positive(Q * (1 - P)),
              (1, ("p > 0", "1 - p > 0", "1 - p > 0"))),
        Step("E q (1 - p)", "a mean", positive(mean_q(Q * (1 - P))), Average((TEACHER,)),
             ("q (1 - p)",)),
        shown("sum and z p", "m.w lies between v_1.w and v_2.w",
              at_most(INNER, whole * mean_q(Z * P)),
              (1, ("apart", "apart", "E q (1 - p)")), (1, ("apart", "E p")),
              using=("sum", "E z p")),
        shown("v_2.w >= 0", "a (c + a/2) + lambda", nonnegative(whole), (1, ("up", "a >= 0")),
              (low, ("a from below",)), (low * _SHORTEST - bound, ()), (1, ("odds low",)),
              (HALF, ("|w|^2 >= 0",)), using=("b",)),
        shown("v_1.w is small", "both parts", at_most(INNER, part * whole),
              (1, ("sum and z p",)), (1, ("v_2.w >= 0", "mean tail")),
              (1, ("v_2.w >= 0", "first part")), (1, ("v_2.w >= 0", "second part"))),
        shown("medium case", "c is at least up", below(part * whole, INNER),
              (1 - part, ("up", "a >= 0")), (1 - part, ("odds low",)),
              (bent, ("a from below", "medium")), (rest, ("a from below",)),
              (rest * _SHORTEST + bent * _SHORTEST * _MEDIUM - (1 - part) * bound, ()),
              using=("b", "a^2")),
        shown("long case of v_1.w", "c is at least a multiple of a", below(part * whole, INNER),
              (1 - part, ("steep", "a >= 0")), (1 - part, ("odds low",)),
              ((1 - part) * slope - bent, ("not medium", "not medium")),
              (2 * _MEDIUM * ((1 - part) * slope - bent), ("not medium",)),
              (_MEDIUM**2 * ((1 - part) * slope - bent) - (1 - part) * bound, ()),
              using=("b", "a^2")),
        Step("v_1.w is large", "in both cases", below(part * whole, INNER),
             Cases(LENGTH, number(_MEDIUM), "medium case", "long case of v_1.w"),
             ("medium case", "long case of v_1.w")),
        Step("absurd if steep", "it would move", at_most(1, 0),
             Absurd("v_1.w is large", "v_1.w is small"), ("v_1.w is large", "v_1.w is small")),
        shown("c is positive", "it is at least up", positive(middle), (1, ("up",)), (low, ())),
        Step("not so steep", "whatever c", at_most(1, 0),
             Discharge("absurd if steep", ("c is positive",)),
             ("absurd if steep", "c is positive")),
    )  # fmt: skip


def flat_steps(at: Crossing, region: PairRegion) -> tuple[Step, ...]:
    """Not stationary if ``a >= gap`` and ``c <= right_slope a``: the means are pulled together."""
    slope, bound, odds = region.right_slope, region.odds, at.odds
    middle, t, quotient = at.middle, at.t, at.quotient
    integrand = MU * (P - HALF) + MU * (Z - MIDWAY) * Q
    part = HALF + PEAK
    lost = bound * part + QUARTER * bound**2
    share = 1 + HALF * bound
    whole = share + bound * slope
    least = QUARTER - slope * part
    room = least * region.gap - HALF * whole
    away, down, further = exponential(-t), exponential(-t - 1), exponential(t - 1)
    both = ("p > 0", "1 - p > 0")
    return (
        Step("exp(-t)", "the reciprocal", equal(exponential(0), away * quotient), _sum_of(-t, t)),
        Step("exp(-t - 1)", "a product", equal(down, away * exponential(-1)), _sum_of(-t, -1)),
        Step("exp(t - 1)", "a product", equal(further, quotient * exponential(-1)), _sum_of(t, -1)),
        Step("tangent", "of the exponential", at_most(-t, down), Axiom("tangent", (-t - 1,))),
        Step("tangent at t", "likewise", at_most(t, further), Axiom("tangent", (t - 1,))),
        Step("p exp(-t)", "the other responsibility", equal(P * away, 1 - P),
             Linear(((away, "odds"), (P - 1, "exp(-t)"), (1 - P, "exp 0"))),
             ("odds", "exp(-t)", "exp 0")),
        shown("-t p", "p exp(-t) = 1 - p", at_most(-t * P, PEAK * (1 - P)),
              (1, ("tangent", "p > 0")), (1, ("exp -1", "1 - p > 0")),
              using=("p exp(-t)", "exp(-t - 1)")),
        shown("t (1 - p)", "(1 - p) exp(t) = p", at_most(t * (1 - P), PEAK * P),
              (1, ("tangent at t", "1 - p > 0")), (1, ("exp -1", "p > 0")),
              using=("odds", "exp(t - 1)")),
        shown("-t q", "times the other", at_most(-t * Q, PEAK), (1, ("-t p", "1 - p > 0")),
              (PEAK, ("p > 0",)), (PEAK, both)),
        shown("t q", "likewise", at_most(t * Q, PEAK), (1, ("t (1 - p)", "p > 0")),
              (PEAK, ("1 - p > 0",)), (PEAK, both)),
        Step("approach", "w.(grad_2 - grad_1)/4, by Stein's identity", equal(mean_q(integrand), 0),
             Combination(), ("sum", "second", "E z mu q")),
        shown("approach at x", "m.w = a c + lambda + |w|^2 (p - 1/2)",
              at_most(QUARTER * GAP - part * LENGTH * middle - lost - share * GAP * Q
                      - bound * LENGTH * middle * Q, integrand),
              (1, ("a c >= 0", "p > 0")), (1, ("a c >= 0", "-t q")),
              (HALF, ("|w|^2 >= 0", "t (2 p - 1)", *both)),
              (HALF, ("odds low", "p > 0")), (HALF, ("odds high", "1 - p > 0")),
              (HALF, ("odds low", "-t q")), (HALF, ("odds high", "t q")),
              (1, ("odds high", "a c >= 0", *both)),
              (1, (), (odds * (HALF - P),)), (QUARTER, ("odds low", "odds high")),
              (HALF, ("|w|^2 >= 0", "odds low", "1 - p > 0", *both)),
              (HALF, ("|w|^2 >= 0", "odds high", "p > 0", *both)), using=("b",)),
        Step("mean approach", "averaged",
             at_most(QUARTER * GAP - part * LENGTH * middle - lost,
                     share * mean_q(Z * P) + bound * LENGTH * middle * mean_q(Q)),
             Average((TEACHER,)), ("approach at x", "approach", "E z p")),
        shown("q > 0", "a product", positive(Q), (1, both)),
        Step("E q", "a mean", positive(mean_q(Q)), Average((TEACHER,)), ("q > 0",)),
        shown("z p at x", "a square", at_most(LENGTH * Z * (P - HALF), QUARTER * (Z**2 + GAP)),
              (1, (), (HALF * Z - LENGTH * (P - HALF),)), (1, ("apart", *both)), using=("a^2",)),
        Step("mean z p", "averaged", at_most(LENGTH * mean_q(Z * P), HALF * GAP),
             Average((TEACHER,)), ("z p at x", "E z", "E z^2")),
        shown("small", "both bounds", at_most(LENGTH * (GAP * least - lost), HALF * whole * GAP),
              (whole, ("mean z p",)), (1, ("a >= 0", "mean approach")),
              (part, ("a >= 0", "a >= 0", "flat")),
              (bound, ("a >= 0", "a >= 0", "flat", "E q")), using=("a^2", "E z p")),
        shown("large", "a is at least gap",
              below(HALF * whole * GAP, LENGTH * (GAP * least - lost)),
              (least, ("long", "apart")), (room, ("long", "a >= 0")),
              (room * region.gap - lost, ("a > 0",)), using=("a^2",)),
        Step("not so flat", "it would move", at_most(1, 0), Absurd("large", "small"),
             ("large", "small")),
    )  # fmt: skip


def odds_bounds(at: Crossing, region: PairRegion) -> tuple[Hypothesis, ...]:
    """``-bound <= lambda <= bound``."""
    bounds = {
        "odds low": at_most(-region.odds, at.odds),
        "odds high": at_most(at.odds, region.odds),
    }
    return tuple(Hypothesis(name, bound, "of the odds") for name, bound in bounds.items())
