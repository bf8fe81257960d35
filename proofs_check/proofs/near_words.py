"""One component near the truth, the others far from it: the words of Lemma V."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import sympy

from proofs_check.proofs.cluster_tactics import Row
from proofs_check.proofs.far_words import AXIS, HALF, RUN, TWICE_PHI, norm, norm_square
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.level_words import RHO
from proofs_check.proofs.tactics.language import (
    I_,
    N_,
    V_0,
    A,
    J,
    K,
    V,
    X,
    at_most,
    define,
    delta,
    entry,
    equal,
    every,
    exponential,
    least,
    nonnegative,
    pi,
    psi,
    real,
    root,
    total,
    v,
)
from proofs_check.proofs.tactics.score import m
from proofs_check.proofs.tactics.script import Hypothesis

EPS = real("e")
#: All others are at least this far.
LEAST_FAR = Fraction(4)
#: Coefficients ``c_1, ..., c_q`` of the bounds ``sum_p c_p r^p/(1+r)^q`` of ``psi_k``,
#: ``psi_i psi_k`` and ``psi_i psi_k (1 - psi_i)`` in the odds ``r = psi_k/psi_i``.
SHARE = (Fraction(1),)
PRODUCT = (Fraction(1), Fraction(0))
TRIPLE = (Fraction(4, 27), Fraction(1), Fraction(2), Fraction(1), Fraction(0))


class Numbers(NamedTuple):
    """What the integrals of the three are at most, and what is added to half the distance."""

    share: Fraction
    product: Fraction
    beside_product: Fraction
    triple: Fraction
    beside_triple: Fraction


NUMBERS = Numbers(
    Fraction(353, 100), Fraction(1571, 1000), Fraction(369, 1000), Fraction(52, 100),
    Fraction(169, 1000),
)  # fmt: skip

#: ``D = grad_i L - 2 v_i``, what the others do to the gradient of the near component.
pull = define(
    "D_{1}{2}({0})", RUN.gradient(V, I_, A) - 2 * v(V, I_, A), V, I_, A, latex=r"D_{{{1}{2}}}({0})"
)
pull_square = define(
    "|D_{1}|^2({0})", total(pull(V, I_, A) ** 2, A), V, I_, latex=r"|D_{{{1}}}|^2({0})"
)
pull_at = define("D_{1}.x", total(pull(V, I_, A) * entry(X, A), A), V, I_, X)
pull_near = define("D_{1}.v_{1}", total(pull(V, I_, A) * v(V, I_, A), A), V, I_)
pull_far = define("D_{1}.w_{2}", total(pull(V, I_, A) * (v(V, K, A) - v(V, I_, A)), A), V, I_, K)
#: ``b_k = |v_k - v_i|``.
distance_square = define(
    "|v_{2}-v_{1}|^2({0})",
    total((v(V, K, A) - v(V, I_, A)) ** 2, A),
    V, I_, K,
    latex=r"|v_{{{2}}}-v_{{{1}}}|^2({0})",
)  # fmt: skip
inner_near = define("v_{1}.w_{2}", total(v(V, I_, A) * (v(V, K, A) - v(V, I_, A)), A), V, I_, K)
offset = define("Delta_{2}{3}", m(V, X, A) - v(V, I_, A), V, X, I_, A)
offset_square = define("|Delta|^2", total(offset(V, X, I_, A) ** 2, A), V, X, I_)
offset_near = define("Delta.v_i", total(offset(V, X, I_, A) * v(V, I_, A), A), V, X, I_)
offset_pull = define("Delta.D", total(offset(V, X, I_, A) * pull(V, I_, A), A), V, X, I_)

APART = 1 - delta(I_, K)
P, S = psi(V, I_), psi(V, K)
OTHERS = 1 - P
Y = root(pull_square(V, I_))
G = root(pull_at(V, I_, X) ** 2)
B_K = root(distance_square(V, I_, K))
R_K, FAR2, NEAR2 = norm(V, K), norm_square(V, K), norm_square(V, I_)
#: ``z = |v_k| - eps``, and ``phi(z/2)``.
ROOM = R_K - EPS
DECAY = exponential(Fraction(-1, 8) * ROOM * ROOM)
DENSITY = HALF * TWICE_PHI * DECAY


def share_at(r: Term) -> Term:
    """``E(r)``: what a component at distance r adds to the bound of ``|D|``."""
    s = real("r")
    z = s - EPS
    return define(
        "E({0})",
        TWICE_PHI * exponential(Fraction(-1, 8) * z * z) * polynomial(z),
        s, EPS, AXIS,
    )(r, EPS, AXIS)  # fmt: skip


def polynomial(z: Any, eps: Any = EPS) -> Any:
    """What stands beside ``2 phi(z/2)`` in ``E``, of terms or of other numbers."""
    height, c = HALF * z, NUMBERS
    return (
        c.share / (LEAST_FAR - HALF) * eps
        + c.product * (1 + eps * eps)
        + eps * (c.product * height + c.beside_product)
        + (z + 2 * eps) * (c.triple * height + c.beside_triple + c.triple * eps)
    )


def rows_of(value: Any, names: Mapping[sympy.Symbol, str], *factors: str) -> tuple[Row, ...]:
    """A polynomial of what premises show not to be negative, as rows of a certificate.

    Examples
    --------
    >>> s, t = sympy.symbols("s t")
    >>> rows_of(s * (s + 2 * t), {s: "s", t: "t"}, "factor")
    ((Fraction(1, 1), ('factor', 's', 's')), (Fraction(2, 1), ('factor', 's', 't')))
    """
    terms = sympy.Poly(sympy.expand(value), *names).terms()
    return tuple(
        (Fraction(int(c.p), int(c.q)),
         (*factors, *(name for name, power in zip(names.values(), powers, strict=True)
                      for _ in range(power))))
        for powers, c in terms
    )  # fmt: skip


#: The sum over all others.
drift = define(
    "E_{1}({0})", total(APART * share_at(R_K), K), V, I_, EPS, AXIS, latex=r"E_{{{1}}}({0})"
)


#: The least of ``|v_k|^2 - r^2`` over the others (and of ``|v_i|^2``), and of what they gained.
clearance = define("least |v_k|^2-{2}^2 ({0})", least(FAR2 - APART * RHO**2, K), V, I_, RHO)
growth = define(
    "least gain ({0},{1})",
    least(APART * (FAR2 - norm_square(V_0, K)), K),
    V, V_0, I_,
)  # fmt: skip


def close_to(of: Term) -> Term:
    """``|v_i| <= eps`` in a state."""
    return at_most(norm_square(of, I_), EPS**2)


def clear_of(of: Term, radius: Term = RHO) -> Term:
    """Every other component is at least that far."""
    return nonnegative(clearance(of, I_, radius))


def grown(of: Term) -> Term:
    """Every other component is at least as far as in ``V_0``."""
    return nonnegative(growth(of, V_0, I_))


def near_hypotheses() -> tuple[Hypothesis, ...]:
    """Uniform weights, ``|v_i| <= eps <= 1/2``, ``|v_k| >= 4`` for all others."""
    far = at_most(LEAST_FAR**2 * APART, FAR2)
    return (
        Hypothesis("uniform", every(equal(N_ * pi(J), 1), J), "uniform weights"),
        Hypothesis("eps >= 0", nonnegative(EPS), "a radius"),
        Hypothesis("eps <= 1/2", at_most(EPS, HALF), "a small one"),
        Hypothesis("near", at_most(NEAR2, EPS**2), "|v_i| is at most eps"),
        Hypothesis("far for all", every(far, K), "every other is at least 4 away"),
    )
