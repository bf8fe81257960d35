r"""How small the KL gradient is in the region that traps gradient EM, for all n, d and weights.

For two components j and k, with :math:`e_i = \exp(x \cdot v_i - |v_i|^2/2)`,
:math:`\psi_j \le \pi_j e_j/(\pi_j e_j + \pi_k e_k) \le \frac12 \sqrt{\pi_j e_j/(\pi_k e_k)}`, and
the Gaussian average of the root is the exponential of `trap_exponent`. Since m is an average of
the means,

.. math:: |\nabla_j K| = |E_q[\psi_j m]| \le \tfrac12 \max_i |v_i| \sqrt{\pi_j/\pi_k}\;
   \exp\bigl(\tfrac38 |v_k|^2 - \tfrac18 |v_j|^2 - \tfrac14 v_j \cdot v_k\bigr).

With a component at the truth, a component at distance a has a gradient of size
:math:`e^{-a^2/8}`: descent with step :math:`\eta` needs a number of steps of the order of
:math:`e^{a^2/8}/\eta` to move it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy

from derive.algebra.calculus import expand
from derive.algebra.index import atom, dot
from derive.algebra.vocabulary import mean
from derive.steps.derivation import ALL, Derivation, checked_step


def trap_exponent(first: Sequence[Fraction], second: Sequence[Fraction]) -> Fraction:
    r"""Exponent of :math:`E_q \sqrt{e_j/e_k}` at exact means :math:`v_j, v_k`.

    Examples
    --------
    >>> trap_exponent([Fraction(4)], [Fraction(0)])
    Fraction(-2, 1)
    """
    moved = [(a - b) / 2 for a, b in zip(first, second, strict=True)]
    squares = [sum(a * a for a in row) for row in (moved, first, second)]
    return Fraction(squares[0]) / 2 - Fraction(squares[1] - squares[2]) / 4


def _root_is_large() -> bool:
    s, t = sympy.symbols("s t", positive=True)
    return bool(sympy.expand((s**2 + t**2) - 2 * s * t - (s - t) ** 2) == 0)


def _gaussian_moment() -> bool:
    x, w = sympy.symbols("x w", real=True)
    density = sympy.exp(-(x**2) / 2) / sympy.sqrt(2 * sympy.pi)
    moment = sympy.integrate(density * sympy.exp(x * w), (x, -sympy.oo, sympy.oo))
    return bool(sympy.simplify(moment - sympy.exp(w**2 / 2)) == 0)


def _exponent() -> bool:
    """One coordinate; squares and products of vectors are sums over coordinates."""
    first, second = sympy.symbols("v_j v_k", real=True)
    computed = ((first - second) / 2) ** 2 / 2 - (first**2 - second**2) / 4
    stated = sympy.Rational(3, 8) * second**2 - first**2 / 8 - first * second / 4
    return bool(sympy.expand(computed - stated) == 0)


def _score_is_an_average() -> bool:
    component, spread = atom("v", "j0", "a0"), atom("v", "j0", "a0") - mean("a0")
    psi = atom("psi", "j0")
    average = (psi * component * component).sum_over("a0").sum_over("j0")
    variance = (psi * spread * spread).sum_over("a0").sum_over("j0")
    return not expand(average - variance - dot(mean(), mean()))


def kl_trap() -> Derivation:
    """The bound of one component's KL gradient.

    Examples
    --------
    >>> bool(kl_trap().verify())
    True
    """
    return Derivation(
        "kl-trap",
        "The KL gradient of a component far from the truth, with another one near it",
        "|grad_j K| <= (1/2) max|v_i| sqrt(pi_j/pi_k) exp(3|v_k|^2/8 - |v_j|^2/8 - v_j.v_k/4)",
        ("single Gaussian teacher at the origin", "any two components j and k, any weights"),
        ALL,
        (
            checked_step(
                "with s^2 = pi_j e_j, t^2 = pi_k e_k: psi_j <= s^2/(s^2 + t^2) <= s/(2t), because",
                ("(s^2 + t^2) - 2 s t", "(s - t)^2"),
                _root_is_large,
            ),
            checked_step(
                "Gaussian average of an exponential, one coordinate",
                ("E_q exp(x w)", "exp(w^2/2)"),
                _gaussian_moment,
            ),
            checked_step(
                "exponent of E_q sqrt(e_j/e_k), w = (v_j - v_k)/2, one coordinate",
                ("w^2/2 - (v_j^2 - v_k^2)/4", "3 v_k^2/8 - v_j^2/8 - v_j v_k/4"),
                _exponent,
                "substitution",
            ),
            checked_step(
                "|m| <= max|v_i|, since |m|^2 is an average less a variance",
                ("|m|^2", "sum_i psi_i |v_i|^2 - sum_i psi_i |v_i - m|^2"),
                _score_is_an_average,
            ),
        ),
        "derived here; the region: arXiv:2407.00490",
        r"|\nabla_jK|\le\tfrac12\max_i|v_i|\sqrt{\pi_j/\pi_k}\,"
        r"e^{\frac38|v_k|^2-\frac18|v_j|^2-\frac14v_j\cdot v_k}",
    )
