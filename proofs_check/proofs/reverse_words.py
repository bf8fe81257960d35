"""The definitions and the constants of Theorem R and of what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from derive.losses.objectives import REVERSE
from proofs_check.proofs.tactics.language import (
    C_,
    A,
    B,
    Descent,
    J,
    K,
    V,
    X,
    define,
    largest,
    mean_p,
    nonnegative,
    pi,
    psi,
    real,
    total,
    v,
)
from proofs_check.proofs.tactics.score import covariance, covariance_square, m, reverse_loss
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import Square, Squares, student


@dataclass(frozen=True)
class Constants:
    """The constants of Theorem R; changed ones make the proof fail.

    Attributes
    ----------
    gradient : number
        ``|grad R|^2 <= gradient pi_max M (R + E|C|^2)``.
    step : number
        ``step eta pi_max M <= 1``.
    decrease : number
        ``|V+|^2 <= |V|^2 - decrease eta (R + E|C|^2)``.
    flow : number
        ``flow t R(t) <= |V(0)|^2``.
    diameter : number
        ``|v_i - v_k|^2 <= diameter |V|^2``.
    variance : number
        ``variance tr C^3 <= D^2 tr C^2``.
    """

    gradient: Fraction | int = 4
    step: Fraction | int = 2
    decrease: Fraction | int = 2
    flow: Fraction | int = 4
    diameter: Fraction | int = 2
    variance: Fraction | int = 4


RUN = Descent(REVERSE)
ETA, M, TIME = RUN.size, real("M"), real("T")
R = reverse_loss
#: ``E_p|C|^2`` and ``E_p tr C^3``.
spread = define("E|C|^2({})", mean_p(V, covariance_square(V, X)), V, latex="E_p|C|^2({})")
cube_diagonal = define(
    "(C^3)_{2}{2}",
    total(covariance(V, X, A, B) * covariance(V, X, B, C_) * covariance(V, X, A, C_), B, C_),
    V, X, A,
    latex="(C^3)_{{{2}{2}}}",
)  # fmt: skip
square_diagonal = define(
    "(C^2)_{2}{2}", total(covariance(V, X, A, B) ** 2, B), V, X, A, latex="(C^2)_{{{2}{2}}}"
)
cube = define(
    "E tr C^3({})",
    mean_p(V, total(cube_diagonal(V, X, A), A)),
    V,
    latex=r"E_p\operatorname{{tr}}C^3({})",
)
#: ``F_ja = m_a + (C (v_j - m))_a``, and its means under the responsibility.
force = define(
    "F_{2}{3}",
    m(V, X, A) + total(covariance(V, X, A, B) * (v(V, J, B) - m(V, X, B)), B),
    V, X, J, A,
    latex="F_{{{2}{3}}}",
)  # fmt: skip
mean_force = define(
    "f_{1}{2}({0})", mean_p(V, psi(V, J) * force(V, X, J, A)), V, J, A, latex="f_{{{1}{2}}}({0})"
)
mean_force_square = define(
    "s_{1}{2}({0})",
    mean_p(V, psi(V, J) * force(V, X, J, A) ** 2),
    V, J, A,
    latex="s_{{{1}{2}}}({0})",
)  # fmt: skip
heaviest = define("pi_max", largest(pi(J), J), latex=r"\pi_{{\max}}")()
#: ``(C v_j)_a``, ``|v_j - v_k|^2`` and the largest of these.
place = define(
    "y_{2}{3}", total(covariance(V, X, A, B) * v(V, J, B), B), V, X, J, A, latex="y_{{{2}{3}}}"
)
distance = define(
    "|v_{1}-v_{2}|^2({0})",
    total((v(V, J, A) - v(V, K, A)) ** 2, A),
    V, J, K,
    latex="|v_{1}-v_{2}|^2({0})",
)  # fmt: skip
diameter = define("D^2({})", largest(largest(distance(V, J, K), K), J), V)


def dissipation_signs() -> tuple[Step, ...]:
    """``0 <= R`` and ``0 <= E|C|^2``."""
    mean = student(V)
    return (
        Step(
            "loss",
            "R is the mean of a square",
            nonnegative(R(V)),
            Squares((Square(m(V, X, A), (A,)),), mean),
        ),
        Step(
            "spread",
            "E|C|^2 is the mean of a sum of squares",
            nonnegative(spread(V)),
            Squares((Square(covariance(V, X, A, B), (A, B)),), mean),
        ),
    )
