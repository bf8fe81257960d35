"""Lemma S: the forward loss is star-shaped near the truth, with three coefficients."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy

from derive.losses.objectives import FORWARD
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.tactics.arithmetic import Sign
from proofs_check.proofs.tactics.averages import Average, Popoviciu
from proofs_check.proofs.tactics.language import (
    A,
    B,
    Descent,
    J,
    K,
    Operand,
    V,
    X,
    algebraic,
    at_most,
    define,
    equal,
    every,
    mean_q,
    nonnegative,
    psi,
    real,
    total,
    v,
)
from proofs_check.proofs.tactics.score import (
    covariance,
    covariance_square,
    error_variance,
    forward_loss,
    m,
    radial,
    square,
)
from proofs_check.proofs.tactics.score_steps import (
    along,
    error_is_square,
    lagrange,
    mean_square,
    mu,
    projection,
    projections,
    score,
    variance_and_norm,
)
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import (
    TEACHER,
    Combination,
    Derived,
    Specialise,
    Square,
    Squares,
)

#: The three coefficients: of ``rho^2``, of ``|V|^2`` (one over the golden ratio's square), of
#: ``D^2/2``.
BALL = 4 - 2 * sympy.sqrt(3)
NORM = (3 - sympy.sqrt(5)) / 2
SPREAD = sympy.Integer(1)

RUN = Descent(FORWARD)
RHO, P, D2 = real("r"), real("P"), real("s")
size = covariance_square(V, X)
mean_along = define("E[m.Cm]({})", mean_q(along), V, latex=r"E_q[m\cdot Cm]({})")
mean_size = define("E|C|^2({})", mean_q(size), V, latex="E_q|C|^2({})")
distance = define("|v_{1}-v_{2}|^2({0})", total((v(V, J, A) - v(V, K, A)) ** 2, A), V, J, K)
#: Half the radial derivative, by I3, and what it is the mean of.
HALF_RADIAL = forward_loss(V) - 2 * mean_along(V) + mean_size(V)
INTEGRAND = mu - 2 * along + size


def lemma_s(
    *,
    ball_coefficient: Any = BALL,
    norm_coefficient: Any = NORM,
    spread_coefficient: Any = SPREAD,
    mean_in_variance: bool = True,
) -> Script:
    """Lemma S, with constants that can be changed to see the proof fail.

    Parameters
    ----------
    ball_coefficient : number
        ``k`` in ``v.grad L >= 2 (1 - k rho^2) L``, every ``|v_j| <= rho``.
    norm_coefficient : number
        ``h`` in ``v.grad L >= 2 (1 - h P) L``, ``P = |V|^2``.
    spread_coefficient : number
        ``c`` in ``v.grad L >= (2 - c D^2) L``, every ``|v_i - v_k| <= D``.
    mean_in_variance : bool
        Whether the bound of the variance, ``rho^2 |m|^2 - |m|^4``, has its second term.

    Examples
    --------
    >>> from proofs_check.proofs.tactics.script import replay
    >>> replay(lemma_s()).verdict
    <Verdict.PROVED: 'PROVED'>
    >>> [o.step.name for o in replay(lemma_s(spread_coefficient=Fraction(99, 100))).failed]
    ['integrand and D', 'mean and D', 'third bound']
    """
    hypotheses = (
        Hypothesis(
            "ball",
            every(at_most(mean_square(V, J), RHO), J),
            "every mean is in the ball of radius rho, rho^2 = r",
        ),
        Hypothesis("norm", at_most(square(V), P), "the norm of all means is bounded"),
        Hypothesis(
            "spread",
            every(at_most(distance(V, J, K), D2), J, K),
            "all distances of means are at most D, D^2 = s",
        ),
    )
    steps = (
        Step(
            "I3",
            "the radial derivative (identity I3)",
            equal(radial(RUN, V), 2 * HALF_RADIAL),
            Derived(),
        ),
        error_is_square(),
        projections(),
        *_ball_steps(algebraic(ball_coefficient), mean_in_variance),
        *_norm_steps(algebraic(norm_coefficient)),
        *_spread_steps(algebraic(spread_coefficient)),
    )
    return Script(
        "S",
        "The forward loss is star-shaped near the truth",
        "derived for this project (Lemma S)",
        hypotheses,
        steps,
        ("first bound", "second bound", "third bound"),
        (
            (m, "the score error"),
            (covariance, "the posterior covariance of the means"),
            (forward_loss, "the forward loss E_q|m|^2"),
            (square, "the sum of all |v_j|^2"),
            (error_variance, "the posterior variance of v_j.m"),
        ),
        remarks=(
            "the first two are positive for rho < (1 + sqrt 3)/2 and |V| < phi; the true radius "
            "in the max norm is larger (claim F3)",
        ),
    )


def _ending(which: str, bound: str, pointwise: Step, coefficient: Operand) -> tuple[Step, ...]:
    """From ``integrand >= coefficient |m|^2`` to ``v.grad L >= 2 coefficient L``."""
    return (
        pointwise,
        Step(
            f"mean {which}",
            "averaged under the teacher",
            at_most(coefficient * forward_loss(V), HALF_RADIAL),
            Average((TEACHER,)),
            (pointwise.name,),
        ),
        Step(
            bound,
            "with I3",
            at_most(2 * coefficient * forward_loss(V), radial(RUN, V)),
            Combination(((2, (f"mean {which}",)),)),
            (f"mean {which}", "I3"),
        ),
    )


def _gap_steps(root: Operand, name: str) -> tuple[Term, tuple[Step, ...]]:
    """``|C - r m m^T|^2``: its expansion, and that it is not negative."""
    base = covariance(V, X, A, B) - root * score(A) * score(B)
    gap = define(name, total(base**2, A, B), V, X)(V, X)
    expanded = size - 2 * root * along + root**2 * mu**2
    return gap, (
        Step(f"{name} expanded", "its square", equal(gap, expanded), Derived()),
        Step(
            f"{name} >= 0", "a sum of squares", nonnegative(gap), Squares((Square(base, (A, B)),))
        ),
    )


def _ball_steps(k: Term, mean_in_variance: bool) -> tuple[Step, ...]:
    """First part: ``m.Cm <= rho^2 |m|^2 - |m|^4`` (Bhatia and Davis, here by its proof)."""
    root = 1 - Fraction(1, 2) * k
    _, gap_steps = _gap_steps(root, "Z")
    room = RHO * mu - along - (mu**2 if mean_in_variance else 0)
    coefficient = 1 - k * RHO
    return (
        Step(
            "in the ball",
            "each mean",
            at_most(mean_square(V, J), RHO),
            Specialise((J,)),
            ("ball",),
        ),
        Step(
            "each projection",
            "v_j.m lies between -rho |m| and rho |m|",
            at_most(projection(V, X, J) ** 2, RHO * mu),
            Combination(((1, ("projections",)), (1, ("in the ball", "|m|^2 >= 0")))),
            ("projections", "in the ball", "|m|^2 >= 0"),
        ),
        Step(
            "variance and rho",
            "its average over the responsibilities: the variance m.Cm is at most (rho |m|)^2 less "
            "the square of the mean",
            nonnegative(room),
            Average((J,), (psi(V, J),)),
            ("each projection",),
        ),
        *gap_steps,
        Step("root of k", "(1 - k/2)^2 <= k", at_most(root**2, k), Sign()),
        Step("k >= 0", "the coefficient is not negative", nonnegative(k), Sign()),
        *_ending(
            "and rho",
            "first bound",
            Step(
                "integrand and rho",
                "|m|^2 - 2 m.Cm + |C|^2 - (1 - k rho^2)|m|^2 = |C - (1 - k/2) m m^T|^2 + k (rho^2 "
                "|m|^2 - |m|^4 - m.Cm) + (k - (1 - k/2)^2)|m|^4",
                at_most(coefficient * mu, INTEGRAND),
                Combination(
                    (
                        (1, ("Z >= 0",)),
                        (1, ("k >= 0", "variance and rho")),
                        (1, ("root of k", "|m|^2 >= 0", "|m|^2 >= 0")),
                    )
                ),
                ("Z >= 0", "k >= 0", "variance and rho", "root of k", "|m|^2 >= 0", "Z expanded"),
            ),
            coefficient,
        ),
    )


def _norm_steps(h: Term) -> tuple[Step, ...]:
    """Second part: ``2 m.Cm + |m|^4 <= P |m|^2``."""
    _, gap_steps = _gap_steps(1 - h, "Y")
    coefficient = 1 - h * P
    return (
        variance_and_norm(),
        Step(
            "variance and P",
            "with |V|^2 <= P",
            nonnegative(P * mu - mu**2 - 2 * along),
            Combination(((1, ("variance and |V|^2",)), (1, ("norm", "|m|^2 >= 0")))),
            ("variance and |V|^2", "norm", "|m|^2 >= 0"),
        ),
        *gap_steps,
        Step("root of h", "(1 - h)^2 <= h", at_most((1 - h) ** 2, h), Sign()),
        Step("h >= 0", "the coefficient is not negative", nonnegative(h), Sign()),
        *_ending(
            "and P",
            "second bound",
            Step(
                "integrand and P",
                "|m|^2 - 2 m.Cm + |C|^2 - (1 - h P)|m|^2 = |C - (1 - h) m m^T|^2 + h (P |m|^2 - "
                "|m|^4 - 2 m.Cm) + (h - (1 - h)^2)|m|^4",
                at_most(coefficient * mu, INTEGRAND),
                Combination(
                    (
                        (1, ("Y >= 0",)),
                        (1, ("h >= 0", "variance and P")),
                        (1, ("root of h", "|m|^2 >= 0", "|m|^2 >= 0")),
                    )
                ),
                ("Y >= 0", "h >= 0", "variance and P", "root of h", "|m|^2 >= 0", "Y expanded"),
            ),
            coefficient,
        ),
    )


def _spread_steps(factor: Term) -> tuple[Step, ...]:
    """Third part: ``m.Cm <= D^2 |m|^2/4``."""
    apart = (projection(V, X, J) - projection(V, X, K)) ** 2
    coefficient = 1 - Fraction(1, 2) * factor * D2
    return (
        Step(
            "distances",
            "of each pair",
            at_most(distance(V, J, K), D2),
            Specialise((J, K)),
            ("spread",),
        ),
        Step(
            "differences of projections",
            "Lagrange's identity for v_j - v_k and m",
            at_most(apart, distance(V, J, K) * mu),
            Squares((lagrange(lambda a: v(V, J, a) - v(V, K, a), score),)),
        ),
        Step(
            "range of the projections",
            "all v_j.m lie in an interval of length D |m|",
            at_most(apart, D2 * mu),
            Combination(((1, ("differences of projections",)), (1, ("distances", "|m|^2 >= 0")))),
            ("differences of projections", "distances", "|m|^2 >= 0"),
        ),
        Step(
            "variance and D",
            "so the variance is at most D^2 |m|^2/4",
            at_most(4 * along, D2 * mu),
            Popoviciu(projection(V, X, J), J, K, psi(V, J)),
            ("range of the projections",),
        ),
        Step(
            "|C|^2 >= 0",
            "a sum of squares",
            nonnegative(size),
            Squares((Square(covariance(V, X, A, B), (A, B)),)),
        ),
        *_ending(
            "and D",
            "third bound",
            Step(
                "integrand and D",
                "|m|^2 - 2 m.Cm + |C|^2 - (1 - D^2/2)|m|^2 = |C|^2 + (D^2 |m|^2 - 4 m.Cm)/2",
                at_most(coefficient * mu, INTEGRAND),
                Combination(((1, ("|C|^2 >= 0",)), (Fraction(1, 2), ("variance and D",)))),
                ("|C|^2 >= 0", "variance and D"),
            ),
            coefficient,
        ),
    )
