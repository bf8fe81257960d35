"""Where both gradients of two components vanish: two equations between means of one variable.

``w = v_2 - v_1``, p the responsibility of the second component, ``z = x.w``, ``q = p (1 - p)``,
``mu = m.w = v_1.w + p |w|^2``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from derive.losses.objectives import FORWARD
from proofs_check.proofs.escape_words import HALF, I_, Groups, K, Quantities
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.oracles.escape_region import Pair
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.tactics.arithmetic import Cancel
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.bounds import Contracted, Linear
from proofs_check.proofs.tactics.exponentials import (
    ExponentialOrder,
    ExponentialPositive,
    ExponentialSign,
)
from proofs_check.proofs.tactics.language import (
    A,
    B,
    Descent,
    J,
    V,
    X,
    define,
    delta,
    entry,
    equal,
    exponential,
    log_ratio,
    mean_q,
    nonnegative,
    pi,
    positive,
    psi,
    total,
    v,
)
from proofs_check.proofs.tactics.score import covariance, m
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import (
    TEACHER,
    Axiom,
    Combination,
    Derived,
    Instance,
    Specialise,
)

QUARTER = Fraction(1, 4)
RUN = Descent(FORWARD)
_GROUPS = Groups(
    (delta(J, I_), delta(J, K)), (), (number(1), number(1)), ("two components", "place")
)
OF = Quantities(RUN, _GROUPS, number(0))
PAIR = OF.pair(V)
GAP, INNER = OF.gap(V), OF.inner(V)
W, W_B = PAIR.place("apart", A), PAIR.place("apart", B)
#: The responsibility of the second component, and its variance.
P = psi(V, K)
Q = P * (1 - P)
along = define("z({0},{3})", total(entry(X, A) * W, A), V, I_, K, X)
projected = define("m.w", total(m(V, X, A) * W, A), V, I_, K, X, latex=r"m\cdot w")
Z, M_W = along(V, I_, K, X), projected(V, I_, K, X)
MU = INNER + P * GAP
#: ``(|v_2|^2 - |v_1|^2)/2``.
MIDWAY = INNER + HALF * GAP
_RATIO = exponential(log_ratio(V))
_ACROSS = total(covariance(V, X, A, B) * m(V, X, B), B)
#: ``m - C m``, of which twice the mean is the sum of all gradients.
SCORE_SUM = m(V, X, A) - _ACROSS


@dataclass(frozen=True)
class Crossing:
    """Where the two terms of the density are equal, for given weights.

    Attributes
    ----------
    odds : Term
        ``lambda``, the logarithm of the quotient of the weights.
    """

    odds: Term = field(default_factory=lambda: number(0))

    @cached_property
    def of(self) -> Quantities:
        """The words of Lemma E."""
        return Quantities(RUN, _GROUPS, self.odds)

    @property
    def pair(self) -> Pair:
        """What the oracles speak of."""
        return self.of.pair(V)

    @property
    def middle(self) -> Term:
        """``c``, along w."""
        return self.of.y(V)

    @property
    def place(self) -> Term:
        """The value of z there."""
        return MIDWAY if self.equal else MIDWAY - self.odds

    @property
    def t(self) -> Term:
        """The logarithm of the quotient of the responsibilities."""
        return Z - self.place

    @property
    def quotient(self) -> Term:
        """That quotient."""
        return exponential(self.t)

    @property
    def equal(self) -> bool:
        """Whether the weights are equal."""
        return self.odds == number(0)


def score_steps() -> tuple[Step, ...]:
    """``m = v_1 + p w`` and ``C = q w w^T``, and both gradients along w."""
    p1, second = psi(V, I_), v(V, K, A)
    gap_b = v(V, K, B) - 2 * m(V, X, B)
    turned = total((second - m(V, X, A)) * m(V, X, A), A)
    turned_b = total((v(V, K, B) - m(V, X, B)) * m(V, X, B), B)
    moved = total(covariance(V, X, A, B) * gap_b, B)
    spread = total(W * covariance(V, X, A, B) * gap_b, A, B)
    pulled = P * ((1 - turned) * M_W + spread)
    return (
        Step("belongs", "component j is i or l", equal(delta(J, I_) + delta(J, K), 1),
             Specialise((J,)), ("two components",)),
        Step("place", "so its mean is v_1 or v_2",
             equal(v(V, J, A), delta(J, I_) * v(V, I_, A) + delta(J, K) * second),
             Average((), (v(V, J, A),)), ("belongs",)),
        Step("responsibilities", "their sum", equal(p1 + P, 1),
             Contracted("belongs", psi(V, J), (J,)), ("belongs",)),
        Step("weights", "their sum", equal(pi(I_) + pi(K), 1),
             Contracted("belongs", pi(J), (J,)), ("belongs",)),
        Step("m", "v_1 + p w", equal(m(V, X, A), v(V, I_, A) + P * W),
             Contracted("belongs", psi(V, J) * v(V, J, A), (J,)), ("belongs", "responsibilities")),
        Step("m_b", "likewise", equal(m(V, X, B), v(V, I_, B) + P * W_B), Instance({A: B}),
             ("m",)),
        Step("C", "p (1 - p) w w^T", equal(covariance(V, X, A, B), Q * W * W_B),
             Contracted("belongs", psi(V, J) * v(V, J, A) * v(V, J, B), (J,)),
             ("belongs", "responsibilities", "m", "m_b")),
        Step("m.w", "v_1.w + p |w|^2", equal(M_W, MU), Contracted("m", W, (A,)), ("m",)),
        Step("C m", "q (m.w) w", equal(_ACROSS, Q * W * M_W), Contracted("C", m(V, X, B), (B,)),
             ("C",)),
        Step("gradients", "their sum: x drops out",
             equal(total(RUN.gradient(V, J, A), J), 2 * mean_q(SCORE_SUM)), Derived()),
        Step("no gradient", "at every component", equal(RUN.gradient(V, J, A), 0),
             Specialise((J, A)), ("stationary",)),
        Step("no sum", "of gradients", equal(mean_q(SCORE_SUM), 0),
             Contracted("no gradient", number(HALF), (J,)), ("no gradient", "gradients")),
        Step("no sum along w", "times w",
             equal(mean_q(M_W - total(W * _ACROSS, A)), 0), Contracted("no sum", W, (A,)),
             ("no sum",)),
        Step("sum at x", "with m and C", equal(M_W - total(W * _ACROSS, A), MU * (1 - GAP * Q)),
             Contracted("C m", -W, (A,)), ("C m", "m.w")),
        Step("sum", "averaged", equal(mean_q(MU * (1 - GAP * Q)), 0),
             Contracted("sum at x", number(1), (TEACHER,)), ("sum at x", "no sum along w")),
        Step("grad_2", "the forward gradient",
             equal(RUN.gradient(V, K, A),
                   2 * mean_q(P * ((1 - turned_b) * m(V, X, A) + moved))), Derived()),
        Step("no second gradient", "stationary", equal(RUN.gradient(V, K, A), 0),
             Specialise((K, A)), ("stationary",)),
        Step("no grad_2", "stationary",
             equal(mean_q(P * ((1 - turned_b) * m(V, X, A) + moved)), 0),
             Linear(((HALF, "no second gradient"), (-HALF, "grad_2"))),
             ("no second gradient", "grad_2")),
        Step("no grad_2 along w", "times w", equal(mean_q(pulled), 0),
             Contracted("no grad_2", W, (A,)), ("no grad_2",)),
        Step("(v_2 - m).m", "v_2 - m = (1 - p) w", equal(turned, (1 - P) * MU),
             Contracted("m", -m(V, X, A), (A,)), ("m", "m.w")),
        Step("w.C (v_2 - 2 m)", "C = q w w^T",
             equal(spread, Q * GAP * (INNER + GAP - 2 * MU)),
             Contracted("C", W * gap_b, (A, B)), ("C", "m.w")),
        Step("grad_2 at x", "with both",
             equal(pulled, P * ((1 - (1 - P) * MU) * MU + Q * GAP * (INNER + GAP - 2 * MU))),
             Derived(), ("(v_2 - m).m", "w.C (v_2 - 2 m)", "m.w")),
        Step("second", "averaged",
             equal(mean_q(P * ((1 - (1 - P) * MU) * MU + Q * GAP * (INNER + GAP - 2 * MU))), 0),
             Contracted("grad_2 at x", number(1), (TEACHER,)),
             ("grad_2 at x", "no grad_2 along w")),
    )  # fmt: skip


def odds_steps(at: Crossing) -> tuple[Step, ...]:
    """``p = exp(t) (1 - p)``, ``t = z - v_1.w - |w|^2/2 + lambda``; signs."""
    p1, t, quotient = psi(V, I_), at.t, at.quotient
    plain, factor = exponential(Z - MIDWAY), exponential(at.odds)
    first, second = (total(entry(X, A) * v(V, j, A) - HALF * v(V, j, A) ** 2, A) for j in (I_, K))
    e1, e2 = exponential(first), exponential(second)
    return (
        *(Step(f"density {name}", "psi p/q = pi exp(x.v - |v|^2/2)",
               equal(psi(V, j) * _RATIO, pi(j) * e), Axiom("density", (V, j, X)))
          for name, j, e in (("1", I_, e1), ("2", K, e2))),
        Step("exponents", "they differ by t - lambda", equal(e2, e1 * plain),
             Axiom("exponential of a sum", (first, Z - MIDWAY))),
        Step("exp(t)", "with the weights", equal(quotient, plain * factor),
             Axiom("exponential of a sum", (Z - MIDWAY, at.odds))),
        Step("p/q > 0", "an exponential", positive(_RATIO), ExponentialPositive()),
        Step("odds times p/q", "p = exp(t)(1 - p)",
             equal(_RATIO * P, _RATIO * (quotient * (1 - P))),
             Linear(((1, "density 2"), (pi(K), "exponents"), (-quotient, "density 1"),
                     (quotient * _RATIO, "responsibilities"), (-e1 * plain, "log odds"),
                     (-pi(I_) * e1, "exp(t)"))),
             ("density 2", "exponents", "density 1", "responsibilities", "log odds", "exp(t)")),
        Step("odds", "p/q divided out", equal(P, quotient * (1 - P)),
             Cancel("p/q > 0", "odds times p/q"), ("p/q > 0", "odds times p/q")),
        Step("p > 0", "a responsibility", positive(P), Axiom("responsibility", (V, K, X))),
        Step("psi_1 > 0", "a responsibility", positive(p1), Axiom("responsibility", (V, I_, X))),
        Step("1 - p > 0", "the other one", positive(1 - P), Combination(((1, ("psi_1 > 0",)),)),
             ("psi_1 > 0", "responsibilities")),
        Step("exp(t) >= 0", "an exponential", nonnegative(quotient), ExponentialSign()),
        Step("t and exp", "the exponential grows", nonnegative(t * (quotient - exponential(0))),
             ExponentialOrder(t, number(0))),
        Step("t (2 p - 1)", "p is above 1/2 where t is positive",
             nonnegative(t * (2 * P - 1)), Combination(((1, ("t and exp", "1 - p > 0")),)),
             ("t and exp", "1 - p > 0", "odds", "exp 0")),
    )  # fmt: skip


def moment_steps() -> tuple[Step, ...]:
    """Moments of z, and Stein's identity along w."""
    slope = total((v(V, K, A) - m(V, X, A)) * W, A)
    bent = GAP * Q + MU * (1 - 2 * P)
    return (
        Step("E z", "centred", equal(mean_q(Z), 0), Derived()),
        Step("E z^2", "|w|^2", equal(mean_q(Z**2), GAP), Derived()),
        Step("E z^6", "15 |w|^6", equal(mean_q(Z**6), 15 * GAP**3), Derived()),
        Step("slope", "v_2 - m = (1 - p) w", equal(slope, GAP * (1 - P)),
             Contracted("m", -W, (A,)), ("m",)),
        Step("Stein for p", "along w", equal(mean_q(Z * P), mean_q(P * slope)), Derived()),
        Step("E z p", "p has derivative |w|^2 q", equal(mean_q(Z * P), GAP * mean_q(Q)),
             Contracted("slope", P, (TEACHER,)), ("slope", "Stein for p")),
        Step("Stein for mu q", "along w",
             equal(mean_q(Z * (MU * Q)), mean_q(bent * P * slope)), Derived()),
        Step("E z mu q", "with the slope",
             equal(mean_q(Z * (MU * Q)), GAP * mean_q(bent * Q)),
             Contracted("slope", bent * P, (TEACHER,)), ("slope", "Stein for mu q")),
    )  # fmt: skip
