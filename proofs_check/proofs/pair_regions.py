"""Where two equal components cannot be stationary: inequalities near the truth and far from it.

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
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.pair_score import GAP, INNER, MU, ODDS, OF, PLACE, QUARTER, P, Q, T, Z
from proofs_check.proofs.tactics.bounds import Linear, Reciprocal, RootOf
from proofs_check.proofs.tactics.exponentials import ExponentialGrows, ExponentialSign
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
    Average,
    Axiom,
    Cases,
    Combination,
    Derived,
    Discharge,
    Oracle,
)

LENGTH, EPS, ALPHA, MIDDLE = OF.a(V), OF.eps(V), OF.alpha(V), OF.y(V)
#: An upper bound of ``exp(-1)``.
PEAK = Fraction(46, 125)
#: ``z`` is far where it exceeds that part of ``a c``.
FAR = Fraction(4, 5)
reach = define("h", FAR * LENGTH * MIDDLE, V, I_, K)
_Y = reach(V, I_, K)
_BACK = inverse(_Y)
_DECAY = exponential((FAR - 1) * PLACE)


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
    """

    least: Fraction = Fraction(2)
    gap: Fraction = GAP_EDGE
    up: Fraction = UP
    right_slope: Fraction = RIGHT_SLOPE
    up_slope: Fraction = UP_SLOPE


def region_hypotheses(region: PairRegion) -> tuple[Hypothesis, ...]:
    """Cases, each discharged."""
    cases = {
        "close": at_most(GAP, region.least),
        "not close": below(region.least, GAP),
        "short": at_most(LENGTH, region.gap),
        "long": below(region.gap, LENGTH),
        "low": at_most(MIDDLE, region.up),
        "high": below(region.up, MIDDLE),
        "flat": at_most(MIDDLE, region.right_slope * LENGTH),
        "not flat": below(region.right_slope * LENGTH, MIDDLE),
        "in the cone": at_most(MIDDLE, region.up_slope * LENGTH),
        "beyond the cone": below(region.up_slope * LENGTH, MIDDLE),
        "up": at_most(region.up, MIDDLE),
        "steep": at_most(region.up_slope * LENGTH, MIDDLE),
        "beyond h": at_most(_Y, Z),
        "before h": below(Z, _Y),
        "no length": at_most(LENGTH, 0),
        "some length": below(0, LENGTH),
        "c > 0": positive(MIDDLE),
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


def place_steps() -> tuple[Step, ...]:
    """``a^2 = |w|^2``, ``eps = 1/a``, ``a c = v_1.w + |w|^2/2``, and ``c >= 0``."""
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
        Step("c", "a/2 + alpha", equal(MIDDLE, HALF * LENGTH + ALPHA), Derived()),
        Step("b", "a c", equal(PLACE, LENGTH * MIDDLE), Combination(), ("c", "inner", "a^2")),
        Step("|v_2|^2", "v_2 = v_1 + w", equal(far, near + 2 * INNER + GAP), Derived()),
        shown("a c >= 0", "v_2 is not nearer than v_1", nonnegative(LENGTH * MIDDLE),
              (HALF, ("nearer",)), using=("|v_2|^2", "b")),
        shown("c >= 0", "a divided out", nonnegative(MIDDLE), (1, ("a c >= 0", "eps >= 0")),
              using=("eps",)),
    )  # fmt: skip


def _sum_of(first: Operand, second: Operand) -> Axiom:
    return Axiom("exponential of a sum", (term(first), term(second)))


def exponential_steps() -> tuple[Step, ...]:
    """A bound of ``exp(-1)``."""
    bound = Oracle("exponential", (Fraction(-1), PEAK), kind="ball cover")
    return (Step("exp -1", "a number", at_most(exponential(-1), PEAK), bound),)


def steep_steps(region: PairRegion) -> tuple[Step, ...]:
    """Not stationary if ``c >= up`` and ``c >= up_slope a``: p is too small where x is.

    ``v_1.w <= (v_1.w + |w|^2) E[z p]``, and ``z p <= z^6/h^5 + (z + a)^2 exp(-(a c - h))/(4 a)``.
    """
    low, slope = region.up, region.up_slope
    first = 15 / (FAR**5 * low**4 * slope)
    second = PEAK / (2 * (1 - FAR) * low)
    whole = INNER + GAP
    tail = Z**6 * _BACK**5 + QUARTER * EPS * (Z + LENGTH) ** 2 * _DECAY
    back = ("1/h >= 0",) * 5
    shrunk = (1 - FAR) * PLACE
    room = 1 - HALF / slope - (first + second) * (1 + HALF / slope)
    return (
        Step("h", "a part of a c", equal(_Y, FAR * LENGTH * MIDDLE), Derived()),
        shown("h > 0", "a product", positive(_Y), (FAR, ("a > 0", "c > 0")), using=("h",)),
        Step("1/h", "its reciprocal", equal(_Y * _BACK, 1), Reciprocal(), ("h > 0",)),
        shown("1/h >= 0", "h (1/h)^2", nonnegative(_BACK), (1, ("h > 0",), (_BACK,)),
              using=("1/h",)),
        Step("(1/h)^5", "a power", equal(_Y**5 * _BACK**5, 1), Combination(), ("1/h",)),
        Step("decay >= 0", "an exponential", nonnegative(_DECAY), ExponentialSign()),
        shown("z >= 0", "beyond h", nonnegative(Z), (1, ("beyond h",)), (1, ("h > 0",))),
        shown("z^6 beyond h", "z >= h", at_most(_Y**5 * Z, Z**6),
              (1, ("beyond h", "z >= 0"), (Z**2,)),
              (1, ("beyond h", "z >= 0", "z >= 0", "h > 0"), (Z,)),
              (1, ("beyond h", "z >= 0"), (Z * _Y,)),
              (1, ("beyond h", "z >= 0", "z >= 0", "h > 0"), (_Y,)),
              (1, ("beyond h", "z >= 0"), (_Y**2,))),
        shown("tail beyond h", "p <= 1", at_most(Z * P, tail),
              (1, ("z^6 beyond h", *back)), (1, ("1 - p > 0", "z >= 0")),
              (QUARTER, ("eps >= 0", "decay >= 0"), (Z + LENGTH,)), using=("(1/h)^5",)),
        shown("t before h", "t = z - a c", at_most(ODDS, -shrunk), (1, ("before h",)),
              using=("h", "b")),
        Step("exp(t) before h", "the exponential grows", at_most(T, _DECAY), ExponentialGrows(),
             ("t before h",)),
        shown("p before h", "p <= exp(t)", at_most(P, _DECAY), (1, ("exp(t) before h",)),
              (1, ("exp(t) >= 0", "p > 0")), using=("odds",)),
        shown("tail before h", "4 a z <= (z + a)^2", at_most(Z * P, tail),
              (1, back, (Z**3,)), (QUARTER, ("p before h", "eps >= 0"), (Z + LENGTH,)),
              (QUARTER, ("p > 0", "eps >= 0"), (Z - LENGTH,)), using=("eps",)),
        Step("tail", "in both cases", at_most(Z * P, tail),
             Cases(_Y, Z, "tail beyond h", "tail before h"), ("tail beyond h", "tail before h")),
        Step("mean tail", "averaged",
             at_most(mean_q(Z * P), 15 * GAP**3 * _BACK**5 + HALF * LENGTH * _DECAY),
             Average((TEACHER,)), ("tail", "E z", "E z^2", "E z^6", "eps", "a^2")),
        shown("c^5", "c is at least up and at least a multiple of a",
              at_most(low**4 * slope * LENGTH, MIDDLE**5),
              (1, ("up",), (MIDDLE**2,)), (low, ("up", "c >= 0"), (MIDDLE,)),
              (low**2, ("up",), (MIDDLE,)), (low**3, ("up", "c >= 0")), (low**4, ("steep",))),
        shown("a^6", "so h is large", at_most(15 * GAP**3, first * _Y**5),
              (first * FAR**5, ("c^5", *("a >= 0",) * 5)), using=("h", "a^2")),
        shown("first part", "times (1/h)^5", at_most(15 * GAP**3 * _BACK**5, first),
              (1, ("a^6", *back)), using=("(1/h)^5",)),
        Step("tangent at s", "of the exponential", at_most(shrunk, exponential(shrunk - 1)),
             Axiom("tangent", (shrunk - 1,))),
        Step("exp(s - 1)", "a product", equal(exponential(-1), _DECAY * exponential(shrunk - 1)),
             _sum_of(-shrunk, shrunk - 1)),
        shown("s exp(-s)", "at most exp(-1)", at_most(shrunk * _DECAY, exponential(-1)),
              (1, ("tangent at s", "decay >= 0")), using=("exp(s - 1)",)),
        shown("second part", "a up <= a c", at_most(HALF * LENGTH * _DECAY, second),
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
        shown("v_2.w >= 0", "a (c + a/2)", nonnegative(whole), (1, ("a >= 0", "c >= 0")),
              (HALF, ("|w|^2 >= 0",)), using=("b",)),
        shown("v_1.w is small", "both parts", at_most(INNER, (first + second) * whole),
              (1, ("sum and z p",)), (1, ("v_2.w >= 0", "mean tail")),
              (1, ("v_2.w >= 0", "first part")), (1, ("v_2.w >= 0", "second part"))),
        shown("v_1.w is large", "a (c - a/2)", below((first + second) * whole, INNER),
              (1 - first - second, ("steep", "a >= 0")), (slope * room, ("apart",)),
              using=("b", "a^2")),
        Step("absurd if steep", "it would move", at_most(1, 0),
             Absurd("v_1.w is large", "v_1.w is small"), ("v_1.w is large", "v_1.w is small")),
        shown("c is positive", "it is at least up", positive(MIDDLE), (1, ("up",)), (low, ())),
        Step("not so steep", "whatever c", at_most(1, 0),
             Discharge("absurd if steep", ("c is positive",)),
             ("absurd if steep", "c is positive")),
    )  # fmt: skip


def flat_steps(region: PairRegion) -> tuple[Step, ...]:
    """Not stationary if ``a >= gap`` and ``c <= right_slope a``: the means are pulled together."""
    slope = region.right_slope
    integrand = MU * (P - HALF) + MU * ODDS * Q
    part = HALF + PEAK
    least = QUARTER - slope * part
    away, down = exponential(-ODDS), exponential(-ODDS - 1)
    return (
        Step("exp(-t)", "the reciprocal", equal(exponential(0), away * T),
             _sum_of(-ODDS, ODDS)),
        Step("exp(-t - 1)", "a product", equal(down, away * exponential(-1)),
             _sum_of(-ODDS, -1)),
        Step("tangent", "of the exponential", at_most(-ODDS, down), Axiom("tangent", (-ODDS - 1,))),
        Step("p exp(-t)", "the other responsibility", equal(P * away, 1 - P),
             Linear(((away, "odds"), (P - 1, "exp(-t)"), (1 - P, "exp 0"))),
             ("odds", "exp(-t)", "exp 0")),
        shown("-t p", "p exp(-t) = 1 - p", at_most(-ODDS * P, PEAK * (1 - P)),
              (1, ("tangent", "p > 0")), (1, ("exp -1", "1 - p > 0")),
              using=("p exp(-t)", "exp(-t - 1)")),
        Step("approach", "w.(grad_2 - grad_1)/4, by Stein's identity", equal(mean_q(integrand), 0),
             Combination(), ("sum", "second", "E z mu q")),
        shown("approach at x", "m.w = a c + |w|^2 (p - 1/2)",
              at_most(QUARTER * GAP - part * LENGTH * MIDDLE - GAP * Q, integrand),
              (1, ("a c >= 0", "p > 0")), (1, ("a c >= 0", "-t p", "1 - p > 0")),
              (PEAK, ("a c >= 0", "p > 0")), (PEAK, ("a c >= 0", "p > 0", "1 - p > 0")),
              (HALF, ("|w|^2 >= 0", "t (2 p - 1)", "p > 0", "1 - p > 0")), using=("b",)),
        Step("mean approach", "averaged",
             at_most(QUARTER * GAP - part * LENGTH * MIDDLE, mean_q(Z * P)),
             Average((TEACHER,)), ("approach at x", "approach", "E z p")),
        shown("z p at x", "a square", at_most(LENGTH * Z * (P - HALF), QUARTER * (Z**2 + GAP)),
              (1, (), (HALF * Z - LENGTH * (P - HALF),)),
              (1, ("apart", "p > 0", "1 - p > 0")), using=("a^2",)),
        Step("mean z p", "averaged", at_most(LENGTH * mean_q(Z * P), HALF * GAP),
             Average((TEACHER,)), ("z p at x", "E z", "E z^2")),
        shown("small", "both bounds", at_most(LENGTH * GAP * least, HALF * GAP),
              (1, ("mean z p",)), (1, ("a >= 0", "mean approach")),
              (part, ("a >= 0", "a >= 0", "flat")), using=("a^2",)),
        shown("large", "a is at least gap", below(HALF * GAP, LENGTH * GAP * least),
              (least, ("long", "apart")), (least * region.gap - HALF, ("apart",))),
        Step("not so flat", "it would move", at_most(1, 0), Absurd("large", "small"),
             ("large", "small")),
    )  # fmt: skip
