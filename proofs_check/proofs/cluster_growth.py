"""The growth of the deviations along the linear orbit, and how it changes with the start.

``Lambda_N(s) = sum_(i<N) ln(1 + 4 h s q^(2 i))``, ``q = 1 - 2 h``: the logarithm of what the first
N steps of the linear law do to the deviations of a cluster with ``|c|^2 = s``.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_tactics import Certificate, shown
from proofs_check.proofs.cluster_words import H
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import number, replaced
from proofs_check.proofs.tactics.arithmetic import Cancel
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.bounds import Instantiated, Linear
from proofs_check.proofs.tactics.exponentials import (
    ExponentialSign,
    LogarithmBound,
    LogarithmOf,
    LogarithmsAgree,
    NoOdds,
)
from proofs_check.proofs.tactics.language import (
    START,
    at_most,
    count,
    define,
    equal,
    exponential,
    following,
    inverse,
    logarithm,
    nonnegative,
    positive,
    real,
    step,
    total_steps,
)
from proofs_check.proofs.tactics.script import Hypothesis, Step
from proofs_check.proofs.tactics.steps import Axiom, Induction, Instance, steps_before

F = Fraction
#: A factor of the product, and how many there are; two values of ``|c|^2`` and their difference.
I_, P_ = step("i"), step("p")
S, T, GAP = real("s"), real("t"), real("w")
LOG_Q = logarithm(1 - 2 * H)
#: ``g = 1/(1 - h)``.
GAMMA = inverse(1 - H)
decay = define("q^(2{0})", exponential(2 * count(I_) * LOG_Q), I_, H, latex="q^{{2{0}}}")
growth = define(
    "Lambda_{0}({2})",
    total_steps(logarithm(1 + 4 * H * S * decay(I_, H)), I_, P_),
    P_, H, S,
    latex=r"\Lambda_{{{0}}}({2})",
)  # fmt: skip


#: A factor of the product, and its logarithm.
def _factor(s: Term, i: Term = I_) -> Term:
    return 1 + 4 * H * s * decay(i, H)


_POWERS = equal(4 * H * (1 - H) * total_steps(decay(I_, H), I_, P_), 1 - decay(P_, H))
_FIRST = equal(
    logarithm(1 + 4 * H * S) + growth(P_, H, (1 - 2 * H) ** 2 * S), growth(following(P_), H, S)
)


def growth_hypotheses() -> tuple[Hypothesis, ...]:
    """``0 <= s``, ``0 <= t``, ``0 <= w``, ``s - t <= w``; claims of the inductions."""
    return (
        Hypothesis("s >= 0", nonnegative(S), "a value of |c|^2", temporary=True),
        Hypothesis("t >= 0", nonnegative(T), "another", temporary=True),
        Hypothesis("w >= 0", nonnegative(GAP), "a gain", temporary=True),
        Hypothesis("s - t", at_most(S - T, GAP), "the first is at most w larger", temporary=True),
        Hypothesis("powers so far", _POWERS, "so far", temporary=True),
        Hypothesis("first factor so far", _FIRST, "so far", temporary=True),
    )


def growth_steps(largest: Fraction) -> tuple[Step, ...]:
    """``Lambda_N(s) <= Lambda_N(t) + g w``, and the first factor of ``Lambda_(N + 1)``."""
    return (*_decay_steps(largest), *_difference_steps(), *_first_factor_steps())


def _decay_steps(largest: Fraction) -> tuple[Step, ...]:
    """``q^0 = 1``, ``q^(2 (i + 1)) = q^2 q^(2 i)``, and the geometric sum."""
    powers = exponential(2 * count(I_) * LOG_Q)
    one_more = equal(decay(following(I_), H), (1 - 2 * H) ** 2 * decay(I_, H))
    return (
        shown(
            "q > 0", "h is small", positive(1 - 2 * H), (2, ("largest h",)), (1 - 2 * largest, ())
        ),
        Step(
            "exp(ln q)",
            "the logarithm",
            equal(exponential(LOG_Q), 1 - 2 * H),
            LogarithmOf(),
            ("q > 0",),
        ),
        Step("exp(0) = 1", "no factor", equal(exponential(number(0)), 1), NoOdds()),
        shown("q^0", "exp(0)", equal(decay(START, H), 1), using=("exp(0) = 1",)),
        Step(
            "exp(2 ln q)",
            "exp(s + t) = exp(s) exp(t)",
            equal(exponential(2 * LOG_Q), exponential(LOG_Q) ** 2),
            Axiom("exponential of a sum", (LOG_Q, LOG_Q)),
        ),
        Step(
            "power i + 1",
            "exp(s + t) = exp(s) exp(t)",
            equal(exponential(2 * count(I_) * LOG_Q + 2 * LOG_Q), powers * exponential(2 * LOG_Q)),
            Axiom("exponential of a sum", (2 * count(I_) * LOG_Q, 2 * LOG_Q)),
        ),
        Step(
            "power and q^2",
            "q^2 taken out",
            equal(exponential(2 * count(following(I_)) * LOG_Q), (1 - 2 * H) ** 2 * powers),
            Linear(
                (
                    (1, "power i + 1"),
                    (powers, "exp(2 ln q)"),
                    (powers * (exponential(LOG_Q) + 1 - 2 * H), "exp(ln q)"),
                )
            ),
            ("power i + 1", "exp(2 ln q)", "exp(ln q)"),
        ),
        shown("q^(i + 1)", "one factor more", one_more, using=("power and q^2",)),
        Step("power >= 0", "a square", nonnegative(powers), ExponentialSign()),
        shown("q^i >= 0", "a power", nonnegative(decay(I_, H)), (1, ("power >= 0",))),
        Step(
            "q^(p + 1)",
            "one factor more",
            replaced(one_more, {I_: P_}),
            Instance({I_: P_}),
            ("q^(i + 1)",),
        ),
        shown("no powers", "nothing to sum", replaced(_POWERS, {P_: START}), using=("q^0",)),
        shown(
            "one power more",
            "1 - q^2 = 4 h (1 - h)",
            replaced(_POWERS, {P_: following(P_)}),
            using=("powers so far", "q^(p + 1)"),
        ),
        Step(
            "sum of powers",
            "the geometric sum, by induction",
            _POWERS,
            Induction(P_, "no powers", "one power more"),
            ("no powers", "one power more"),
        ),
    )


def _positive_factor(s: Term, sign: str, name: str) -> tuple[Step, ...]:
    """``0 < 1 + 4 h s q^(2 i)``, and its logarithm."""
    factor = _factor(s)
    return (
        shown(
            f"factor at {name}",
            "at least one",
            positive(factor),
            (4, ("h >= 0", sign, "q^i >= 0")),
            (1, ()),
        ),
        Step(
            f"its logarithm at {name}",
            "the logarithm",
            equal(exponential(logarithm(factor)), factor),
            LogarithmOf(),
            (f"factor at {name}",),
        ),
    )


def _difference_steps() -> tuple[Step, ...]:
    """``ln(1 + 4 h s q^(2 i)) - ln(1 + 4 h t q^(2 i)) <= 4 h w q^(2 i)``, and the sum over i."""
    q = decay(I_, H)
    first, second = logarithm(_factor(S)), logarithm(_factor(T))
    rest = first - second
    powers = total_steps(q, I_, P_)
    return (
        *_positive_factor(S, "s >= 0", "s"),
        *_positive_factor(T, "t >= 0", "t"),
        Step(
            "quotient of factors",
            "exp(s + t) = exp(s) exp(t)",
            equal(exponential(first), exponential(second) * exponential(rest)),
            Axiom("exponential of a sum", (second, rest)),
        ),
        Step(
            "tangent of the quotient",
            "1 + t <= exp(t)",
            at_most(1 + rest, exponential(rest)),
            Axiom("tangent", (rest,)),
        ),
        Step(
            "difference times a factor",
            "the factor is at least one",
            nonnegative(_factor(T) * (4 * H * GAP * q - rest)),
            Certificate(
                (
                    (1, ("factor at t", "tangent of the quotient"), ()),
                    (4, ("h >= 0", "q^i >= 0", "s - t"), ()),
                    (16, ("h >= 0", "q^i >= 0", "w >= 0", "h >= 0", "t >= 0", "q^i >= 0"), ()),
                )
            ),
            (
                *("factor at t", "tangent of the quotient", "h >= 0", "q^i >= 0", "s - t"),
                *("w >= 0", "t >= 0", "quotient of factors"),
                *("its logarithm at s", "its logarithm at t"),
            ),
        ),
        Step(
            "difference of logarithms",
            "divided",
            at_most(rest, 4 * H * GAP * q),
            Cancel("factor at t", "difference times a factor"),
            ("factor at t", "difference times a factor"),
        ),
        Step(
            "difference of the sums",
            "over i",
            at_most(growth(P_, H, S) - growth(P_, H, T), 4 * H * GAP * powers),
            Average((steps_before(I_, P_),)),
            ("difference of logarithms",),
        ),
        Step(
            "power p >= 0", "a power", nonnegative(decay(P_, H)), Instance({I_: P_}), ("q^i >= 0",)
        ),
        shown(
            "growth and |c|^2",
            "4 h (1 - h) times the sum is at most one",
            at_most(growth(P_, H, S), growth(P_, H, T) + GAMMA * GAP),
            (1, ("difference of the sums",)),
            (1, ("g >= 0", "w >= 0", "power p >= 0")),
            using=("g", "sum of powers"),
        ),
    )


def _first_factor_steps() -> tuple[Step, ...]:
    """``ln(1 + 4 h s) + Lambda_N(q^2 s) = Lambda_(N + 1)(s)``."""
    shifted = (1 - 2 * H) ** 2 * S
    after = _factor(S, following(P_))
    return (
        shown("q^2 s >= 0", "a product", nonnegative(shifted), (1, ("s >= 0",), (1 - 2 * H,))),
        shown(
            "factor without a power",
            "at least one",
            positive(1 + 4 * H * S),
            (4, ("h >= 0", "s >= 0")),
            (1, ()),
        ),
        Step(
            "factor at step 0",
            "at least one",
            positive(_factor(S, START)),
            Instance({I_: START}),
            ("factor at s",),
        ),
        shown(
            "factors at step 0", "q^0 = 1", equal(1 + 4 * H * S, _factor(S, START)), using=("q^0",)
        ),
        Step(
            "logarithms at step 0",
            "the same",
            equal(logarithm(1 + 4 * H * S), logarithm(_factor(S, START))),
            LogarithmsAgree("factor without a power", "factor at step 0", "factors at step 0"),
            ("factor without a power", "factor at step 0", "factors at step 0"),
        ),
        Step(
            "factor at q^2 s",
            "at least one",
            positive(_factor(shifted, P_)),
            Instantiated({S: shifted, I_: P_}, "factor at s"),
            ("factor at s", "q^2 s >= 0"),
        ),
        Step(
            "factor after",
            "at least one",
            positive(after),
            Instance({I_: following(P_)}),
            ("factor at s",),
        ),
        shown(
            "factors after", "q^(p + 1)", equal(_factor(shifted, P_), after), using=("q^(p + 1)",)
        ),
        Step(
            "logarithms after",
            "the same",
            equal(logarithm(_factor(shifted, P_)), logarithm(after)),
            LogarithmsAgree("factor at q^2 s", "factor after", "factors after"),
            ("factor at q^2 s", "factor after", "factors after"),
        ),
        shown(
            "first factor alone",
            "N = 0",
            replaced(_FIRST, {P_: START}),
            using=("logarithms at step 0",),
        ),
        shown(
            "first factor and one more",
            "N + 1",
            replaced(_FIRST, {P_: following(P_)}),
            using=("first factor so far", "logarithms after"),
        ),
        Step(
            "first factor",
            "by induction",
            _FIRST,
            Induction(P_, "first factor alone", "first factor and one more"),
            ("first factor alone", "first factor and one more"),
        ),
    )


def growth_from_zero(s: Term, name: str, sign: str) -> tuple[Step, ...]:
    """``Lambda_N(s) <= g s``, as ``Lambda_N(0) = 0``; the premise `sign` shows ``0 <= s``."""
    one, none, grown = logarithm(1), growth(P_, H, number(0)), growth(P_, H, s)
    return (
        shown("1 > 0", "a number", positive(number(1)), (1, ())),
        Step("exp(ln(1))", "the logarithm", equal(exponential(one), 1), LogarithmOf(), ("1 > 0",)),
        Step(
            "exp(0) >= 1",
            "its tangent",
            at_most(1, exponential(number(0))),
            Axiom("tangent", (number(0),)),
        ),
        Step(
            "ln(1)",
            "exp(ln(1)) <= exp(0)",
            at_most(one, 0),
            LogarithmBound("exp(0) >= 1"),
            ("exp(0) >= 1", "exp(ln(1))"),
        ),
        Step("p >= 0", "a number of steps", nonnegative(count(P_)), Axiom("steps", (P_,))),
        shown("Lambda_N(0)", "N times ln(1)", at_most(none, 0), (1, ("p >= 0", "ln(1)"))),
        shown("0 >= 0", "trivially", nonnegative(number(0))),
        shown(f"{name} - 0", "trivially", at_most(s - number(0), s)),
        Step(
            "Lambda_N from 0",
            "the difference of two",
            at_most(grown, none + GAMMA * s),
            Instantiated({S: s, T: number(0), GAP: s}, "growth and |c|^2"),
            ("growth and |c|^2", sign, "0 >= 0", f"{name} - 0"),
        ),
        shown(
            f"Lambda_N <= g {name}",
            "Lambda_N(0) = 0",
            at_most(grown, GAMMA * s),
            (1, ("Lambda_N from 0",)),
            (1, ("Lambda_N(0)",)),
        ),
    )
