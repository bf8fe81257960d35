r"""The bridge from the forward loss to KL near the truth, for all n, d and weights.

From the expansions in small means (I5): the losses agree up to a factor 2 at second order, so
:math:`\nabla L = 2 \nabla K + O(|v|^3)`, and no better: at fourth order they differ by
:math:`L - 2K = |Cov|^2/2 - c \cdot Cov\, c`. Where the centre follows the covariance, the velocity
of descent is the quartic coefficient of :math:`|Cov|^2` times a field that both losses share, and
the ratio is 4.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

import sympy

from derive.algebra.graphs import name
from derive.limits.expansions import expansion
from derive.steps.derivation import ALL, Derivation, Scope, checked_step

_COVARIANCE = "|Cov|_F^2"


@lru_cache(maxsize=8)
def _coefficients(objective: str, order: int) -> dict[str, Fraction]:
    """Coefficients of one order of a loss by the names of its invariants."""
    terms = expansion(objective, order).terms
    return {name(graph): coefficient for level, graph, coefficient in terms if level == order}


def difference(order: int) -> dict[str, Fraction]:
    """Coefficients of ``L - 2 K`` at an order, by invariants; those that vanish are left out.

    Examples
    --------
    >>> difference(2)
    {}
    >>> {name: str(value) for name, value in difference(4).items()}
    {'c.Cov c': '-1', '|Cov|_F^2': '1/2'}
    """
    forward, kl = _coefficients("forward", order), _coefficients("kl", order)
    gaps = {
        key: forward.get(key, Fraction(0)) - 2 * kl.get(key, Fraction(0)) for key in forward | kl
    }
    return {key: gap for key, gap in sorted(gaps.items()) if gap}


def slaved_velocity_ratio() -> Fraction:
    r"""Ratio of forward to KL velocities where the centre follows the covariance: 4.

    With :math:`\alpha |c|^2 + \beta |Cov|^2` the leading terms of a loss, component i moves with
    :math:`-\pi_i (2 \alpha c + 4 \beta\, Cov\, \delta_i)`; the centre rests at
    :math:`2 \alpha c = -4 \beta X`, :math:`X = \sum \pi_i^2 Cov\,\delta_i / \sum \pi_i^2`, where
    component i moves with :math:`-4 \beta \pi_i (Cov\,\delta_i - X)`: :math:`\alpha` is gone.

    Examples
    --------
    >>> slaved_velocity_ratio()
    Fraction(4, 1)
    """
    forward, kl = _coefficients("forward", 4), _coefficients("kl", 4)
    return forward[_COVARIANCE] / kl[_COVARIANCE]


def _resting_velocity() -> bool:
    """Eliminate the centre; entries of the covariance's field are symbols, n = 4 components."""
    alpha, beta, centre = sympy.symbols("alpha beta c")
    weights, field = sympy.symbols("pi0:4", positive=True), sympy.symbols("F0:4")
    velocity = [
        -w * (2 * alpha * centre + 4 * beta * f) for w, f in zip(weights, field, strict=True)
    ]
    drift = sum(w * u for w, u in zip(weights, velocity, strict=True))
    (rest,) = sympy.solve(drift, centre)
    squares = sum(w**2 for w in weights)
    mean = sum(w**2 * f for w, f in zip(weights, field, strict=True)) / squares
    return all(
        sympy.simplify(u.subs(centre, rest) + 4 * beta * w * (f - mean)) == 0
        for u, w, f in zip(velocity, weights, field, strict=True)
    )


def _gradients() -> bool:
    """``grad_i |c|^2 = 2 pi_i c`` and ``grad_i |Cov|^2 = 4 pi_i Cov delta_i``, three in a plane."""
    first, second = sympy.symbols("pi0:2")
    weights = (first, second, 1 - first - second)
    means = [sympy.Matrix(sympy.symbols(f"v{i}x v{i}y")) for i in range(3)]
    centre = sum((w * v for w, v in zip(weights, means, strict=True)), sympy.zeros(2, 1))
    spreads = [v - centre for v in means]
    covariance = sum(
        (w * s * s.T for w, s in zip(weights, spreads, strict=True)), sympy.zeros(2, 2)
    )
    size, square = centre.dot(centre), (covariance * covariance).trace()
    return all(
        sympy.expand(sympy.diff(size, v[a]) - 2 * w * centre[a]) == 0
        and sympy.expand(sympy.diff(square, v[a]) - 4 * w * (covariance * s)[a]) == 0
        for v, w, s in zip(means, weights, spreads, strict=True)
        for a in range(2)
    )


def forward_kl_bridge() -> Derivation:
    """``grad L = 2 grad K + O(|v|^3)``, and the ratio 4 of the slaved velocities.

    Examples
    --------
    >>> bool(forward_kl_bridge().verify())
    True
    """
    return Derivation(
        "forward-kl-bridge",
        "Forward descent against gradient EM near the truth",
        "grad L = 2 grad K + O(|v|^3); L - 2K = |Cov|^2/2 - c.Cov c + O(6)",
        ("single Gaussian teacher at the origin", "any weights"),
        ALL,
        (
            checked_step("second order (I5)", ("L", "2 K"), lambda: not difference(2)),
            checked_step(
                "orders in v are even: the next one is the fourth, of gradient O(|v|^3)",
                ("L - 2K", "|Cov|^2/2 - c.Cov c + O(6)"),
                lambda: difference(4) == {_COVARIANCE: Fraction(1, 2), "c.Cov c": Fraction(-1)},
            ),
        ),
        "derived here",
        r"\nabla L = 2\nabla K + O(|v|^3)",
    )


def slaved_velocities() -> Derivation:
    """Velocities where the centre has come to rest: forward four times KL.

    Examples
    --------
    >>> bool(slaved_velocities().verify())
    True
    """
    return Derivation(
        "slaved-velocities",
        "Velocities in the end game: forward four times KL",
        "with the centre at rest, the leading velocity of component i is "
        "-4 beta pi_i (Cov delta_i - X), beta = 1 for L and 1/4 for K",
        ("leading order in the differences of the means", "centre at rest"),
        Scope("leading order, instances n = 3, d = 2 and n = 4"),
        (
            checked_step(
                "gradients of |c|^2 and |Cov|^2 (instance n = 3, d = 2)",
                ("grad_i |c|^2, grad_i |Cov|^2", "2 pi_i c, 4 pi_i Cov delta_i"),
                _gradients,
            ),
            checked_step(
                "the centre's velocity vanishes at 2 alpha c = -4 beta X (instance n = 4)",
                ("-pi_i (2 alpha c + 4 beta Cov delta_i)", "-4 beta pi_i (Cov delta_i - X)"),
                _resting_velocity,
            ),
            checked_step(
                "beta from I5", ("beta_L / beta_K", "4"), lambda: slaved_velocity_ratio() == 4
            ),
        ),
        "derived here",
    )
