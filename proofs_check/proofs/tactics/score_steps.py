"""Steps that the proofs about descents share."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from proofs_check.proofs.kernel import Term
from proofs_check.proofs.tactics.language import (
    A,
    B,
    J,
    K,
    V,
    X,
    at_most,
    component,
    define,
    delta,
    nonnegative,
    psi,
    total,
    v,
)
from proofs_check.proofs.tactics.score import error_square, error_variance, m, square
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import Square, Squares

_L = component("l")
HALF = Fraction(1, 2)
#: ``v_j . m`` and ``|v_j|^2``.
projection = define("v_{2}.m", total(v(V, J, A) * m(V, X, A), A), V, X, J, latex=r"v_{2}\cdot m")
mean_square = define("|v_{1}|^2({0})", total(v(V, J, A) ** 2, A), V, J)
mu, along = error_square(V, X), error_variance(V, X)


def lagrange(first: Callable[[Term], Term], second: Callable[[Term], Term], *outer: Term) -> Square:
    """``|f|^2 |g|^2 - (f.g)^2`` as half the sum of the squares of ``f_a g_b - f_b g_a``."""
    minor = first(A) * second(B) - first(B) * second(A)
    return Square(minor, (A, B, *outer), HALF)


def pair_squares(values: Callable[[Term], Term], *outer: Term) -> tuple[Square, ...]:
    """``sum f_j^2 + mean^2 - 2 sum psi_j f_j^2`` as weighted squares.

    ``sum_(j<k) (psi_k f_j + psi_j f_k)^2 + sum psi_j psi_k f_i^2`` over distinct ``i, j, k``: what
    remains of ``(sum of the other psi)^2 f_i^2``. `outer` labels are summed as well.
    """
    apart = (1 - delta(J, K), 1 - delta(J, _L), 1 - delta(K, _L))
    crossed = psi(V, K) * values(J) + psi(V, J) * values(K)
    return (
        Square(crossed, (J, K, *outer), HALF, apart[:1]),
        Square(values(J), (J, K, _L, *outer), 1, (psi(V, K), psi(V, _L), *apart)),
    )


def score(a: Term) -> Term:
    """``m_a`` at ``V`` and ``x``."""
    return m(V, X, a)


def norm_is_square(name: str, of: Term) -> Step:
    """``|V|^2 >= 0`` at a state."""
    squares = Squares((Square(v(of, J, A), (J, A)),))
    return Step(name, "a sum of squares", nonnegative(square(of)), squares)


def error_is_square() -> Step:
    """``|m|^2 >= 0``."""
    return Step("|m|^2 >= 0", "a square", nonnegative(mu), Squares((Square(score(A), (A,)),)))


def variance_and_norm() -> Step:
    """``2 m.Cm + |m|^4 <= |V|^2 |m|^2``, by squares, for every n and every probability vector."""
    return Step(
        "variance and |V|^2",
        "twice the variance of v_j.m plus the square of its mean is at most the sum of all "
        "(v_j.m)^2, since no two responsibilities exceed 1/2 both; and (v_j.m)^2 <= |v_j|^2 |m|^2",
        nonnegative(square(V) * mu - mu**2 - 2 * along),
        Squares(
            (
                *pair_squares(lambda j: projection(V, X, j)),
                lagrange(lambda a: v(V, J, a), score, J),
            )
        ),
    )


def projections() -> Step:
    """``(v_j.m)^2 <= |v_j|^2 |m|^2``."""
    return Step(
        "projections",
        "Lagrange's identity for v_j and m",
        at_most(projection(V, X, J) ** 2, mean_square(V, J) * mu),
        Squares((lagrange(lambda a: v(V, J, a), score),)),
    )
