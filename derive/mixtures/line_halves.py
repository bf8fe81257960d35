r"""The forward loss when the components right and left of the truth are moved apart.

Three components on a line, any weights, ``s_j`` the sign of ``v_j``, ``P`` those with ``s_j = 1``
and ``N`` the others; symbols of `derive.mixtures.line_derivatives`. The loss is ``E m^2``, so half
of its derivative along ``s`` is ``E[m sum_j s_j dm/dv_j]``. Both factors are sums over pairs:

    sum_j s_j dm/dv_j = sum_j s_j p_j + 2 sum_{i in P, k in N} p_i p_k T_ik
                        - sum_{pairs in P} p_i p_k (v_i - v_k)^2 + sum_{pairs in N} the same,
    m sum_j s_j p_j = sum_j p_j |v_j| - d/dx sum_j s_j p_j,
    d/dx sum_j s_j p_j = 2 sum_{i in P, k in N} p_i p_k (v_i - v_k),

``T_ik = (v_i - v_k)(x - (v_i + v_k)/2)`` the logarithm of ``exp(x v_i - v_i^2/2)`` over
``exp(x v_k - v_k^2/2)``. All are of second degree in the ``p_j`` (whose sum is 1), so that they
hold for every number of components if they hold for three.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import sympy

from derive.mixtures.line_derivatives import (
    COMPONENTS,
    PLACES,
    SCORE,
    TERMS,
    P,
    X,
    first_derivative,
    inserted,
    numerator,
)
from derive.steps.derivation import Derivation, DerivationStep, Scope, identity_step

Expression = Any
Signs = tuple[int, ...]

#: The others are these after a permutation or a reflection.
SIGNS: tuple[Signs, ...] = ((1, 1, 1), (1, 1, -1))


def log_odds(i: int, k: int) -> Expression:
    """``T_ik``.

    Examples
    --------
    >>> sympy.expand(log_odds(0, 1))
    -v0**2/2 + v0*x + v1**2/2 - v1*x
    """
    first, second = PLACES[i], PLACES[k]
    return (first - second) * (X - (first + second) / 2)


def pull(signs: Signs) -> Expression:
    """What is claimed of ``sum_j s_j dm/dv_j``.

    Examples
    --------
    >>> pull((1, 1, 1)).coeff(P[0] * P[1])
    -(v0 - v1)**2
    """
    total = sum((s * p for s, p in zip(signs, P, strict=True)), sympy.Integer(0))
    for i, k in combinations(range(COMPONENTS), 2):
        if signs[i] == signs[k]:
            total -= signs[i] * P[i] * P[k] * (PLACES[i] - PLACES[k]) ** 2
        else:
            right, left = (i, k) if signs[i] > 0 else (k, i)
            total += 2 * P[i] * P[k] * log_odds(right, left)
    return total


def crossing(signs: Signs) -> Expression:
    """``2 sum_{i in P, k in N} p_i p_k (v_i - v_k)``.

    Examples
    --------
    >>> crossing((1, 1, 1))
    0
    """
    return sum(
        (
            2 * P[i] * P[k] * signs[i] * (PLACES[i] - PLACES[k])
            for i, k in combinations(range(COMPONENTS), 2)
            if signs[i] != signs[k]
        ),
        sympy.Integer(0),
    )


def _along_x(expression: Expression) -> Expression:
    """Derivative in x: ``t_j`` is proportional to ``exp(x v_j - v_j^2/2)``."""
    parts = (v * t * sympy.diff(expression, t) for v, t in zip(PLACES, TERMS, strict=True))
    return sympy.diff(expression, X) + sum(parts, sympy.Integer(0))


def _steps(signs: Signs) -> list[DerivationStep]:
    share = sum((s * p for s, p in zip(signs, P, strict=True)), sympy.Integer(0))
    moduli = sum((s * p * v for s, p, v in zip(signs, P, PLACES, strict=True)), sympy.Integer(0))
    moved = sum((s * first_derivative(j) for j, s in enumerate(signs)), sympy.Integer(0))
    case = f"signs {signs}: "
    return [
        identity_step(
            f"{case}the halves moved apart",
            ("sum_j s_j dm/dv_j", f"{pull(signs)}"),
            lambda: inserted(moved),
            lambda: inserted(pull(signs)),
            simplify=numerator,
        ),
        identity_step(
            f"{case}the score error times the signed responsibilities",
            (f"({SCORE})*({share})", f"{moduli} - ({crossing(signs)})"),
            lambda: inserted(SCORE * share),
            lambda: inserted(moduli - crossing(signs)),
            simplify=numerator,
        ),
        identity_step(
            f"{case}derivative in x",
            (f"d/dx ({share})", f"{crossing(signs)}"),
            lambda: _along_x(inserted(share)),
            lambda: inserted(crossing(signs)),
            kind="differentiation",
            simplify=numerator,
        ),
    ]


def _logarithm() -> DerivationStep:
    def exponent(j: int) -> Expression:
        return X * PLACES[j] - PLACES[j] ** 2 / 2

    return identity_step(
        "T is the difference of the exponents",
        ("(x v0 - v0^2/2) - (x v1 - v1^2/2)", f"{log_odds(0, 1)}"),
        lambda: exponent(0) - exponent(1),
        lambda: log_odds(0, 1),
        simplify=sympy.expand,
    )


def line_halves() -> Derivation:
    """The identities behind `numerics.stationary.line_halves`.

    Examples
    --------
    >>> len(line_halves().steps)
    7
    """
    return Derivation(
        "line-halves",
        "The forward loss on a line, when the components on both sides are moved apart",
        "sum_j s_j dm/dv_j = sum s_j p_j + 2 sum_{P x N} p_i p_k T_ik - sum_{pairs in P} p_i p_k "
        "(v_i - v_k)^2 + sum_{pairs in N} p_i p_k (v_i - v_k)^2, and m sum s_j p_j = sum p_j |v_j| "
        "- d/dx sum s_j p_j",
        ("means on a line", "any weights", "s_j the signs of the means"),
        Scope(f"n = {COMPONENTS}, d = 1"),
        (*(step for signs in SIGNS for step in _steps(signs)), _logarithm()),
        "derived here",
        r"\sum_j s_j\,\partial_j m = \sigma + 2\sum_{P\times N}p_ip_kT_{ik} - "
        r"\sum_{P}p_ip_k(v_i-v_k)^2 + \sum_{N}p_ip_k(v_i-v_k)^2",
    )
