r"""Derivatives of the score error on a line in the means, as polynomials at a node.

On a line, with ``p_j`` the responsibilities, ``m = sum_j p_j v_j`` and

    q_j = 1 - p_j,   u_j = v_j - m,   z_j = x - v_j,   w_j = 1 + u_j z_j,

every derivative of ``m`` in the means is a polynomial in these (`forms`). Products are left as they
are: ``q_j`` and ``u_j`` are small where one component has all the responsibility, so that bounds of
the monomials are small there, too.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import Any

import sympy

from derive.steps.derivation import Derivation, DerivationStep, Scope, identity_step

Expression = Any

COMPONENTS = 3
P, Q, U, W, Z = (sympy.symbols(f"{letter}0:{COMPONENTS}") for letter in "pquwz")
SYMBOLS = (*P, *Q, *U, *W, *Z)
PLACES = sympy.symbols(f"v0:{COMPONENTS}")
TERMS = sympy.symbols(f"t0:{COMPONENTS}", positive=True)
X = sympy.Symbol("x")
#: The score error ``m``.
SCORE = sum((p * v for p, v in zip(P, PLACES, strict=True)), sympy.Integer(0))
#: Terms ``coefficient * product of symbols ** powers``, powers in the order of `SYMBOLS`.
Form = tuple[tuple[int, tuple[int, ...]], ...]


def slopes(k: int) -> dict[Expression, Expression]:
    """Derivative of each symbol in ``v_k``: the chain rule's table.

    Examples
    --------
    >>> slopes(1)[P[0]]
    -p0*p1*z1
    """
    table = {}
    for j in range(COMPONENTS):
        same = j == k
        table[P[j]] = P[j] * Q[j] * Z[j] if same else -P[j] * P[k] * Z[k]
        table[Q[j]] = -table[P[j]]
        table[U[j]] = Q[j] - P[j] * U[j] * Z[j] if same else -P[k] * W[k]
        table[Z[j]] = sympy.Integer(-1 if same else 0)
        table[W[j]] = table[U[j]] * Z[j] + U[j] * table[Z[j]]
    return table


def differentiated(expression: Expression, k: int) -> Expression:
    """Derivative in ``v_k``, expanded."""
    parts = (sympy.diff(expression, s) * slope for s, slope in slopes(k).items())
    return sympy.expand(sum(parts, sympy.Integer(0)))


@lru_cache(maxsize=1)
def derivatives() -> dict[tuple[int, ...], Expression]:
    """Derivatives of ``m`` of the first three orders, by sorted indices.

    Examples
    --------
    >>> derivatives()[0, 1]
    -p0*p1*w0*z1 - p0*p1*w1*z0
    """
    found: dict[tuple[int, ...], Expression] = {(j,): P[j] * W[j] for j in range(COMPONENTS)}
    for order in (2, 3):
        for indices in itertools.combinations_with_replacement(range(COMPONENTS), order):
            found[indices] = differentiated(found[indices[:-1]], indices[-1])
    return found


@lru_cache(maxsize=1)
def forms() -> dict[tuple[int, ...], Form]:
    """The same as lists of monomials.

    Examples
    --------
    >>> forms()[(0,)] == ((1, tuple(int(s in (P[0], W[0])) for s in SYMBOLS)),)
    True
    """
    result = {}
    for indices, expression in derivatives().items():
        terms = sympy.Poly(expression, *SYMBOLS).terms()
        result[indices] = tuple((int(c), tuple(powers)) for powers, c in terms)
    return result


def explicit() -> dict[Expression, Expression]:
    """The symbols in the terms ``t_j`` of the density, the means and x."""
    whole = sum(TERMS)
    score = sum(t * v for t, v in zip(TERMS, PLACES, strict=True)) / whole
    table = {}
    for j in range(COMPONENTS):
        table[P[j]] = TERMS[j] / whole
        table[Q[j]] = 1 - TERMS[j] / whole
        table[U[j]] = PLACES[j] - score
        table[Z[j]] = X - PLACES[j]
        table[W[j]] = 1 + table[U[j]] * table[Z[j]]
    return table


def inserted(expression: Expression) -> Expression:
    """An expression in the symbols, with what they stand for."""
    return expression.subs(explicit(), simultaneous=True)


def first_derivative(k: int) -> Expression:
    """``dm/dv_k``, from the density's terms.

    Examples
    --------
    >>> numerator(first_derivative(0) - inserted(P[0] * W[0]))
    0
    """
    return _moved(inserted(SCORE), k)


def numerator(difference: Expression) -> Expression:
    """Zero if and only if a difference of rational functions is."""
    return sympy.expand(sympy.fraction(sympy.together(difference))[0])


def _moved(expression: Expression, k: int) -> Expression:
    """Derivative in ``v_k``: ``t_k`` is proportional to ``exp(x v_k - v_k^2/2)``."""
    slope = sympy.diff(X * PLACES[k] - PLACES[k] ** 2 / 2, PLACES[k])
    return sympy.diff(expression, PLACES[k]) + slope * TERMS[k] * sympy.diff(expression, TERMS[k])


def _step(name: str, shown: str, before: Expression, after: Expression, k: int) -> DerivationStep:
    return identity_step(
        f"derivative of {name} in v_{k}",
        (f"d {name}/d v_{k}", shown),
        lambda: _moved(inserted(before), k),
        lambda: inserted(after),
        kind="differentiation",
        simplify=numerator,
    )


def line_derivatives() -> Derivation:
    """The table of slopes, and the first derivatives of ``m``, from the density's terms.

    Examples
    --------
    >>> len(line_derivatives().steps)
    48
    """
    steps = [
        _step(f"{symbol}", f"{slope}", symbol, slope, k)
        for k in range(COMPONENTS)
        for symbol, slope in slopes(k).items()
    ]
    steps += [
        _step("m", f"{P[k] * W[k]}", SCORE, derivatives()[(k,)], k) for k in range(COMPONENTS)
    ]
    return Derivation(
        "line-derivatives",
        "Derivatives of the score error in the means, on a line",
        "with q_j = 1 - p_j, u_j = v_j - m, z_j = x - v_j, w_j = 1 + u_j z_j the derivatives of "
        "m = sum p_j v_j in the means are polynomials in p, q, u, w, z; first p_k w_k, then by the "
        "chain rule",
        ("means on a line", "any weights"),
        Scope(f"n = {COMPONENTS}, d = 1"),
        tuple(steps),
        "derived here",
        r"\partial_k m = p_k\,(1+(v_k-m)(x-v_k))",
    )
