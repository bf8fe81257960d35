"""Corollary of Theorem A: with large steps the radius is a small power of ``1 + |c_0|^2``."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_constants import LARGE_STEP_FACTOR, RADIUS
from proofs_check.proofs.cluster_growth import (
    GAP,
    I_,
    P_,
    S,
    T,
    decay,
    growth,
    growth_from_zero,
)
from proofs_check.proofs.cluster_potential import SPREAD
from proofs_check.proofs.cluster_run import LAST, M_
from proofs_check.proofs.cluster_state import MANY
from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.cluster_words import C2, H
from proofs_check.proofs.corollary_a import (
    CENTRE2,
    CONVERGENCE,
    NOTATION,
    WIDTH,
    entry_steps,
    start_hypotheses,
    start_steps,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import number, replaced
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.bounds import Instantiated
from proofs_check.proofs.tactics.exponential_bounds import ExponentialOfNumber
from proofs_check.proofs.tactics.exponentials import (
    ExponentialGrows,
    ExponentialSign,
    LogarithmBound,
    LogarithmOf,
)
from proofs_check.proofs.tactics.language import (
    START,
    V_0,
    V,
    at_most,
    count,
    define,
    equal,
    exponential,
    following,
    logarithm,
    nonnegative,
    positive,
    term,
    total_steps,
)
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import Axiom, Induction, Instance, steps_before
from proofs_check.proofs.tactics.vacuity import Proposal

F = Fraction
#: What is left of the growth after m steps of the linear law, and ``exp`` of it at most.
LEFT, LEFT_MOST = F(4, 3), F(120, 31)
#: ``(1 + 4 h |c|^2)^m``, m factors as large as the first.
power = define(
    "(1+4h|c({2})|^2)^{0}",
    exponential(count(I_) * logarithm(1 + 4 * H * C2)),
    I_, H, V,
    latex="(1+4h|c({2})|^2)^{{{0}}}",
)  # fmt: skip
LOG = logarithm(1 + 4 * H * CENTRE2)


def _orbit(k: Term) -> Term:
    """``|c|^2`` after k steps of the linear law."""
    return decay(k, H) * CENTRE2


def _split(k: Term) -> Term:
    """``Lambda_N(s) <= m ln(1 + 4 h s) + Lambda_N(q^(2 m) s)`` at ``s = |c_0|^2``."""
    return at_most(growth(P_, H, CENTRE2), count(k) * LOG + growth(P_, H, _orbit(k)))


def theorem_a_large_step(*, factor: Fraction | int = LARGE_STEP_FACTOR) -> Script:
    """The growth's first m factors are at most ``1 + 4 h |c_0|^2``; the rest is bounded.

    Parameters
    ----------
    factor : number
        30.

    Examples
    --------
    >>> theorem_a_large_step().conclusions
    ('start', 'entry')
    """
    return Script(
        "A-large-step",
        "With large steps a quasi-polynomial radius is enough",
        "derived for this project (Theorem A's second corollary)",
        (
            *start_hypotheses(),
            Hypothesis(
                "few steps",
                at_most(_orbit(M_), 1),
                "m steps of the linear law bring the centre to a distance of 1",
            ),
            Hypothesis("radius", at_most(factor * WIDTH * power(M_, H, V_0), 1), "the radius"),
            Hypothesis("split so far", _split(M_), "so far", temporary=True),
        ),
        (*start_steps(), *_factor_steps(), *_split_steps(), *_start_steps(factor), *entry_steps()),
        ("start", "entry"),
        (*NOTATION, (power, "the first factor of the linear law's growth, m times")),
        scope="all n >= 2, d, uniform weights, radius (1 + 4 h |c_0|^2)^-m/30, steps to n/4",
        remarks=(
            "for steps of n/4: h = 1/4, q = 1/2, so that m is the least integer from "
            "log_2 |c_0| on, and the radius (1 + |c_0|^2)^-m/30 is quasi-polynomial in |c_0|",
            CONVERGENCE,
        ),
        instances=(_two_means(),),
    )


def _factor_steps() -> tuple[Step, ...]:
    """Powers of q are at most one, and a factor's logarithm is not negative."""
    orbit, q = _orbit(M_), decay(P_, H)
    factor = 1 + 4 * H * orbit * q
    return (
        Step(
            "powers >= 0",
            "a sum",
            nonnegative(total_steps(decay(I_, H), I_, P_)),
            Average((steps_before(I_, P_),)),
            ("q^i >= 0",),
        ),
        shown(
            "power p <= 1",
            "4 h (1 - h) times a sum is what is missing",
            at_most(q, 1),
            (4, ("h >= 0", "1 - h > 0", "powers >= 0")),
            using=("sum of powers",),
        ),
        Step(
            "power m <= 1",
            "a power",
            at_most(decay(M_, H), 1),
            Instance({P_: M_}),
            ("power p <= 1",),
        ),
        Step(
            "power m >= 0",
            "a power",
            nonnegative(decay(M_, H)),
            Instance({P_: M_}),
            ("power p >= 0",),
        ),
        shown("orbit >= 0", "a product", nonnegative(orbit), (1, ("power m >= 0", "|c|^2 >= 0"))),
        shown(
            "factor of the orbit",
            "at least one",
            positive(factor),
            (4, ("h >= 0", "orbit >= 0", "power p >= 0")),
            (1, ()),
        ),
        Step(
            "its logarithm",
            "the logarithm",
            equal(exponential(logarithm(factor)), factor),
            LogarithmOf(),
            ("factor of the orbit",),
        ),
        shown(
            "exp(0) and the factor",
            "at least one",
            at_most(exponential(number(0)), factor),
            (4, ("h >= 0", "orbit >= 0", "power p >= 0")),
            using=("exp(0) = 1",),
        ),
        Step(
            "its logarithm >= 0",
            "the exponential grows",
            nonnegative(logarithm(factor)),
            LogarithmBound("exp(0) and the factor"),
            ("exp(0) and the factor", "its logarithm"),
        ),
        shown(
            "one factor more",
            "its logarithm is not negative",
            at_most(growth(P_, H, orbit), growth(following(P_), H, orbit)),
            (1, ("its logarithm >= 0",)),
        ),
    )


def _split_steps() -> tuple[Step, ...]:
    """The first m factors against the first of all, by induction."""
    orbit, after = _orbit(M_), _orbit(following(M_))
    shifted = (1 - 2 * H) ** 2 * orbit
    first = logarithm(1 + 4 * H * orbit)
    zero = number(0)
    return (
        *growth_from_zero(orbit, "q^(2m) |c|^2", "orbit >= 0"),
        Step(
            "first factor of the orbit",
            "the first factor",
            equal(first + growth(P_, H, shifted), growth(following(P_), H, orbit)),
            Instantiated({S: orbit}, "first factor"),
            ("first factor", "orbit >= 0"),
        ),
        *(
            step
            for name, s in (("the orbit", orbit), ("the start", CENTRE2))
            for step in (
                shown(
                    f"first of {name}",
                    "at least one",
                    positive(1 + 4 * H * s),
                    (4, ("h >= 0", "orbit >= 0" if s is orbit else "|c|^2 >= 0")),
                    (1, ()),
                ),
                Step(
                    f"logarithm of {name}",
                    "the logarithm",
                    equal(exponential(logarithm(1 + 4 * H * s)), 1 + 4 * H * s),
                    LogarithmOf(),
                    (f"first of {name}",),
                ),
            )
        ),
        shown(
            "factors fall",
            "the power is at most one",
            at_most(1 + 4 * H * orbit, 1 + 4 * H * CENTRE2),
            (4, ("h >= 0", "|c|^2 >= 0", "power m <= 1")),
        ),
        Step(
            "logarithms fall",
            "the exponential grows",
            at_most(first, LOG),
            LogarithmBound("factors fall"),
            ("factors fall", "logarithm of the orbit", "logarithm of the start"),
        ),
        Step(
            "q^(m + 1)",
            "one factor more",
            equal(decay(following(M_), H), (1 - 2 * H) ** 2 * decay(M_, H)),
            Instance({I_: M_}),
            ("q^(i + 1)",),
        ),
        shown(
            "shifted >= 0", "a product", nonnegative(shifted), (1, ("orbit >= 0",), (1 - 2 * H,))
        ),
        Step(
            "orbit after >= 0",
            "a product",
            nonnegative(after),
            Instance({M_: following(M_)}),
            ("orbit >= 0",),
        ),
        shown("orbits agree", "the same", at_most(shifted - after, zero), using=("q^(m + 1)",)),
        Step(
            "growth of the orbit",
            "at the same value",
            at_most(growth(P_, H, shifted), growth(P_, H, after)),
            Instantiated({S: shifted, T: after, GAP: zero}, "growth and |c|^2"),
            ("growth and |c|^2", "shifted >= 0", "orbit after >= 0", "0 >= 0", "orbits agree"),
        ),
        Step(
            "orbit at 0 >= 0",
            "a product",
            nonnegative(_orbit(START)),
            Instance({M_: START}),
            ("orbit >= 0",),
        ),
        shown("orbit at 0", "q^0 = 1", at_most(CENTRE2 - _orbit(START), zero), using=("q^0",)),
        Step(
            "growth of the start",
            "at the same value",
            at_most(growth(P_, H, CENTRE2), growth(P_, H, _orbit(START))),
            Instantiated({S: CENTRE2, T: _orbit(START), GAP: zero}, "growth and |c|^2"),
            ("growth and |c|^2", "|c|^2 >= 0", "orbit at 0 >= 0", "0 >= 0", "orbit at 0"),
        ),
        shown(
            "split at 0",
            "no factor",
            replaced(_split(M_), {M_: START}),
            (1, ("growth of the start",)),
        ),
        shown(
            "split at m + 1",
            "one factor more",
            replaced(_split(M_), {M_: following(M_)}),
            (1, ("split so far",)),
            (1, ("one factor more",)),
            (1, ("logarithms fall",)),
            (1, ("growth of the orbit",)),
            using=("first factor of the orbit",),
        ),
        Step(
            "split",
            "by induction",
            _split(M_),
            Induction(M_, "split at 0", "split at m + 1"),
            ("split at 0", "split at m + 1"),
        ),
    )


def _start_steps(factor: Fraction | int) -> tuple[Step, ...]:
    """``D exp(Lambda_N(|c|^2)) <= 4/31``."""
    grown = growth(P_, H, CENTRE2)
    first = count(M_) * LOG
    return (
        shown(
            "exponent",
            "m factors, and the rest",
            at_most(grown, first + LEFT),
            (1, ("split",)),
            (1, ("Lambda_N <= g q^(2m) |c|^2",)),
            (1, ("g >= 0", "few steps")),
            (1, ("g <= 4/3",)),
        ),
        Step(
            "exp(Lambda_N)",
            "the exponential grows",
            at_most(exponential(grown), exponential(first + LEFT)),
            ExponentialGrows(),
            ("exponent",),
        ),
        Step(
            "product",
            "exp(s + t) = exp(s) exp(t)",
            equal(exponential(first + LEFT), exponential(first) * exponential(term(LEFT))),
            Axiom("exponential of a sum", (first, term(LEFT))),
        ),
        Step(
            "exp(4/3)",
            "a number",
            at_most(exponential(term(LEFT)), LEFT_MOST),
            ExponentialOfNumber(LEFT, rounds=3),
        ),
        Step(
            "power of the factor >= 0",
            "a square",
            nonnegative(exponential(first)),
            ExponentialSign(),
        ),
        shown(
            "start for N",
            "the radius",
            at_most(SPREAD.with_growth(V_0), RADIUS),
            (1, ("D >= 0", "exp(Lambda_N)")),
            (1, ("D >= 0", "power of the factor >= 0", "exp(4/3)")),
            (LEFT_MOST / factor, ("radius",)),
            (RADIUS - LEFT_MOST / factor, ()),
            using=("product",),
        ),
    )


def _two_means() -> Proposal:
    """Two components, the truth at a distance that one step brings below 1."""
    place, half = F(19, 10), F(1, 1000)
    start = ((place - half,), (place + half,))
    numbers = ((H, F(1, 4)), (M_, 1), (LAST, 4), (MANY, 5), (V_0, start))
    return Proposal((F(1, 2), F(1, 2)), 1, numbers)
