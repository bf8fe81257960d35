"""The exponents of one step: D, or the largest deviation, against the linear law.

``size+ <= size exp(ln(1 + 4 h |c|^2) + rho)``, where ``rho`` is what the drift adds, and
``size exp(Lambda_N(|c|^2)) F`` passes to at most its value with one factor more in ``Lambda``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from proofs_check.proofs.cluster_growth import GAMMA, GAP, P_, S, T, growth
from proofs_check.proofs.cluster_state import AFTER, B_, C2_AFTER, share
from proofs_check.proofs.cluster_tactics import Row, shown
from proofs_check.proofs.cluster_words import C2, SIGMA2, H, centre_square
from proofs_check.proofs.kernel import Definition, Term
from proofs_check.proofs.tactics.bounds import Instantiated, Linear, SquareRoot
from proofs_check.proofs.tactics.exponentials import ExponentialGrows, ExponentialSign, LogarithmOf
from proofs_check.proofs.tactics.language import (
    V,
    at_most,
    equal,
    exponential,
    following,
    logarithm,
    nonnegative,
    term,
)
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import Axiom, Cases


@dataclass(frozen=True)
class Measure:
    """How the size of a cluster is measured, and what is known about it.

    Attributes
    ----------
    symbol : str
        Of the size, in the names of steps.
    size, potential, energy : Definition
        The size, F, and ``size exp(Lambda_N) F``.
    at : mapping of Term to Term
        Values of the variables of the Key Lemma at the state.
    given : tuple of str
        Premises that show the Key Lemma's hypotheses there.
    drift : Term
        ``y`` at the state.
    rate : Term
        ``y/size``.
    pull : Term
        ``S``.
    variance : tuple of str
        Equations that write ``y`` and ``sigma^2`` by the size.
    """

    symbol: str
    size: Definition
    potential: Definition
    energy: Definition
    at: Mapping[Term, Term]
    given: tuple[str, ...]
    drift: Term
    rate: Term
    pull: Term
    variance: tuple[str, ...]

    def with_growth(self, state: Term) -> Term:
        """``size exp(Lambda_N(|c|^2))`` at a state."""
        return self.size(state) * exponential(growth(P_, H, centre_square(state)))

    @property
    def exponent(self) -> Term:
        """``rho``: what the drift adds to the exponent."""
        return 2 * H * share(H, V) * self.rate


def spread_steps(of: Measure) -> tuple[Step, ...]:
    """``D+ <= D exp(ln(1 + 4 h |c|^2) + rho)``, ``rho`` what the drift adds."""
    d, size, size_after, y = of.symbol, of.size(V), of.size(AFTER), of.drift
    grown = (1 + 4 * H * B_**2) * size + 2 * H * y
    rho = of.exponent
    first = logarithm(1 + 4 * H * C2)
    return (
        Step(
            "y at V >= 0",
            "the Key Lemma's bound",
            nonnegative(y),
            Instantiated(of.at, "y >= 0"),
            ("y >= 0", *of.given),
        ),
        shown(
            "grown >= 0",
            "a sum",
            nonnegative(grown),
            (1, (f"{d} >= 0",)),
            (4, ("h >= 0", f"{d} >= 0"), (B_,)),
            (2, ("h >= 0", "y at V >= 0")),
        ),
        shown(
            f"{d} after squared",
            "its root",
            at_most(size_after**2, grown**2),
            (1, ("spread after",)),
            using=(f"{d}^2 after",),
        ),
        Step(
            f"{d} after",
            "the root",
            at_most(size_after, grown),
            SquareRoot(f"{d} after squared", "grown >= 0"),
            (f"{d} after squared", "grown >= 0"),
        ),
        shown(
            f"{d} after and rho",
            f"2 h y = (1 + 4 h |c|^2) {d} rho",
            at_most(size_after, (1 + 4 * H * C2) * size * (1 + rho)),
            (1, (f"{d} after",)),
            using=("share", *of.variance),
        ),
        Step(
            "tangent of rho",
            "1 + t <= exp(t)",
            at_most(1 + rho, exponential(rho)),
            Axiom("tangent", (rho,)),
        ),
        Step(
            "growth of one step",
            "the logarithm",
            equal(exponential(first), 1 + 4 * H * C2),
            LogarithmOf(),
            ("1 + 4 h |c|^2 > 0",),
        ),
        shown(
            f"{d} after and exp",
            "together",
            at_most(size_after, size * exponential(first) * exponential(rho)),
            (1, (f"{d} after and rho",)),
            (1, (f"{d} >= 0", "1 + 4 h |c|^2 > 0", "tangent of rho")),
            using=("growth of one step",),
        ),
    )


def exponent_steps(
    of: Measure, contraction: Fraction, cost_of_drift: tuple[Row, ...]
) -> tuple[Step, ...]:
    """The exponents, and the energy after a step; F pays for what the rows cost."""
    d, size, size_after, rho = of.symbol, of.size(V), of.size(AFTER), of.exponent
    spare = 2 - contraction
    first, kept = logarithm(1 + 4 * H * C2), (1 - 2 * H) ** 2 * C2
    gain = H * B_ * SIGMA2 * of.pull * (2 - 4 * H + spare * H)
    cost = rho + 2 * H * B_ * SIGMA2 * of.pull
    later, more = growth(P_, H, C2_AFTER), growth(following(P_), H, C2)
    left = first + rho + later
    f, f_after = of.potential(V), of.potential(AFTER)
    return (
        shown(
            "gain of the centre",
            "what |c+|^2 has beyond the linear part",
            at_most(C2_AFTER - kept, gain),
            (1, ("c after",)),
            (1, ("moved >= 0", "h >= 0", "sigma^2 S")),
            using=("|c|^2", "|c|^2 after"),
        ),
        shown(
            "gain >= 0",
            "h <= 1/2",
            nonnegative(gain),
            (2, ("moved >= 0", "|c| >= 0", "1 - 2 h >= 0")),
            (spare, ("moved >= 0", "|c| >= 0", "h >= 0")),
        ),
        shown("q^2 |c|^2 >= 0", "a square", nonnegative(kept), (1, ("|c|^2 >= 0",), (1 - 2 * H,))),
        Step(
            "growth after",
            "the gain costs g times as much",
            at_most(later, growth(P_, H, kept) + GAMMA * gain),
            Instantiated({S: C2_AFTER, T: kept, GAP: gain}, "growth and |c|^2"),
            (
                *("growth and |c|^2", "|c|^2 >= 0 after", "q^2 |c|^2 >= 0", "gain >= 0"),
                *("gain of the centre", "h >= 0", "largest h"),
            ),
        ),
        Step(
            "first factor at V",
            "Lambda_(N + 1) has one factor more",
            equal(first + growth(P_, H, kept), more),
            Instantiated({S: C2}, "first factor"),
            ("first factor", "|c|^2 >= 0", "h >= 0", "largest h"),
        ),
        shown(
            "g times the gain",
            "g (1 - h) = 1",
            at_most(GAMMA * gain, 2 * H * B_ * SIGMA2 * of.pull),
            (2 - spare, ("g >= 0", "h >= 0", "moved >= 0", "|c| >= 0")),
            using=("g",),
        ),
        shown(
            "exponents",
            "all together",
            at_most(left, more + cost),
            (1, ("growth after",)),
            (1, ("g times the gain",)),
            using=("first factor at V",),
        ),
        Step(
            "exponentials",
            "the exponential grows",
            at_most(exponential(left), exponential(more + cost)),
            ExponentialGrows(),
            ("exponents",),
        ),
        shown(
            "F times the cost",
            "F falls by it",
            at_most(f * cost, f - f_after),
            (1, ("fall of F",)),
            *cost_of_drift,
            using=of.variance,
        ),
        Step(
            "tangent of the cost",
            "1 - t <= exp(-t)",
            at_most(1 - cost, exponential(-cost)),
            Axiom("tangent", (-cost,)),
        ),
        shown(
            "F after",
            "F times 1 - the cost",
            at_most(f_after, f * exponential(-cost)),
            (1, ("F times the cost",)),
            (1, ("F >= 0", "tangent of the cost")),
        ),
        *_products(left, (first, rho, later), (more, cost)),
        shown(
            f"{d}+ exp(Lambda+) F+",
            f"{d} after a step",
            at_most(size_after * exponential(later) * f_after, size * f_after * exponential(left)),
            (1, ("exp(Lambda+) >= 0", "F+ >= 0", f"{d} after and exp")),
            using=("exp of the left",),
        ),
        shown(
            f"{d} exp(Lambda) F+",
            "the exponents",
            at_most(
                size * f_after * exponential(left),
                size * f_after * exponential(more) * exponential(cost),
            ),
            (1, (f"{d} >= 0", "F+ >= 0", "exponentials")),
            using=("exp of the right",),
        ),
        shown(
            f"{d} exp(Lambda) F",
            "F after a step",
            at_most(
                size * f_after * exponential(more) * exponential(cost), size * exponential(more) * f
            ),
            (1, (f"{d} >= 0", "exp(Lambda) of more >= 0", "exp(cost) >= 0", "F after")),
            using=("exp(cost) exp(-cost)",),
        ),
        shown(
            "energy where F+ >= 0",
            "with one factor more before the step",
            at_most(of.energy(P_, H, AFTER), of.energy(following(P_), H, V)),
            (1, (f"{d}+ exp(Lambda+) F+",)),
            (1, (f"{d} exp(Lambda) F+",)),
            (1, (f"{d} exp(Lambda) F",)),
        ),
        shown(
            "energy where F+ < 0",
            "it is negative",
            at_most(of.energy(P_, H, AFTER), of.energy(following(P_), H, V)),
            (1, (f"{d} F >= 0", "exp(Lambda) of more >= 0")),
            (1, (f"{d} >= 0 after", "exp(Lambda+) >= 0", "F+ < 0")),
        ),
        Step(
            "energy",
            "with one factor more before the step",
            at_most(of.energy(P_, H, AFTER), of.energy(following(P_), H, V)),
            Cases(term(0), f_after, "energy where F+ >= 0", "energy where F+ < 0"),
            ("energy where F+ >= 0", "energy where F+ < 0"),
        ),
    )


def exponential_of_three(
    whole: Term, parts: tuple[Term, Term, Term], names: tuple[str, str, str]
) -> tuple[Step, ...]:
    """``exp(s + t + u) = exp(s) exp(t) exp(u)``; names of the step for two, for three, and both."""
    s, t, u = parts
    two, three, together = names
    return (
        Step(
            two,
            "exp(s + t) = exp(s) exp(t)",
            equal(exponential(s + t), exponential(s) * exponential(t)),
            Axiom("exponential of a sum", (s, t)),
        ),
        Step(
            three,
            "exp(s + t) = exp(s) exp(t)",
            equal(exponential(whole), exponential(s + t) * exponential(u)),
            Axiom("exponential of a sum", (s + t, u)),
        ),
        Step(
            together,
            "together",
            equal(exponential(whole), exponential(s) * exponential(t) * exponential(u)),
            Linear(((1, three), (exponential(u), two))),
            (three, two),
        ),
    )


def _products(
    left: Term, of_left: tuple[Term, Term, Term], of_right: tuple[Term, Term]
) -> tuple[Step, ...]:
    """Exponentials of the sums."""
    (first, rho, later), (more, cost) = of_left, of_right
    return (
        *exponential_of_three(
            left, (first, rho, later), ("exp of two", "exp of three", "exp of the left")
        ),
        Step(
            "exp of the right",
            "exp(s + t) = exp(s) exp(t)",
            equal(exponential(more + cost), exponential(more) * exponential(cost)),
            Axiom("exponential of a sum", (more, cost)),
        ),
        Step(
            "exp of nothing",
            "exp(s + t) = exp(s) exp(t)",
            equal(exponential(cost - cost), exponential(cost) * exponential(-cost)),
            Axiom("exponential of a sum", (cost, -cost)),
        ),
        Step(
            "exp(cost) exp(-cost)",
            "exp(0) = 1",
            equal(exponential(cost) * exponential(-cost), 1),
            Linear(((-1, "exp of nothing"), (1, "exp(0) = 1"))),
            ("exp of nothing", "exp(0) = 1"),
        ),
        Step("exp(Lambda+) >= 0", "a square", nonnegative(exponential(later)), ExponentialSign()),
        Step(
            "exp(Lambda) of more >= 0",
            "a square",
            nonnegative(exponential(more)),
            ExponentialSign(),
        ),
        Step("exp(cost) >= 0", "a square", nonnegative(exponential(cost)), ExponentialSign()),
    )
