"""Elementary identities behind the bounds outside a compact region, for two equal weights.

In the notation of `derive.crossing` with ``l = 0``: near the truth the integrand of I3 is a sum of
squares; far from it ``bell(t) = 1 - tanh(t/2)^2`` is small except near the crossing point.
"""

from __future__ import annotations

from typing import Any

import sympy

from derive.crossing import A, C, T, X
from derive.derivation import Derivation, Scope, Step
from derive.reductions import identity_step

Expression = Any

M, SHARE = sympy.symbols("m psi", real=True)


def _exponential(expression: Expression) -> Expression:
    rewritten = sympy.sympify(expression).rewrite(sympy.exp)
    return sympy.cancel(sympy.together(sympy.expand(rewritten)))


def _bell() -> Expression:
    return 1 - sympy.tanh(T / 2) ** 2


def _near_step() -> Step:
    variance = A**2 * SHARE * (1 - SHARE)
    integrand = M**2 - 2 * M**2 * variance + variance**2
    squares = M**2 * (1 - A**2 / 2) + 2 * M**2 * (A * (1 - 2 * SHARE) / 2) ** 2 + variance**2
    return identity_step(
        "integrand of I3 with C = a^2 psi (1 - psi): for 0 < a^2 <= 2 a sum of terms that are not "
        "negative, the last one positive, so that sum v.grad L > 0",
        ("m^2 - 2 m^2 C + C^2", "m^2 (1 - a^2/2) + 2 m^2 (a (1 - 2 psi)/2)^2 + C^2"),
        lambda: integrand,
        lambda: squares,
    )


def _steps() -> tuple[Step, ...]:
    wave = sympy.tanh(T / 2)
    return (
        _near_step(),
        identity_step(
            "4 e^t - bell(t) is positive: bell(t) <= 4 e^t",
            ("4 e^t - bell(t)", "4 e^{2t} (e^t + 2)/(1 + e^t)^2"),
            lambda: 4 * sympy.exp(T) - _bell(),
            lambda: 4 * sympy.exp(2 * T) * (sympy.exp(T) + 2) / (1 + sympy.exp(T)) ** 2,
            simplify=_exponential,
        ),
        identity_step(
            "completing the square: E e^{a(x - c)} = e^{a^2/2 - a c} for standard normal x",
            ("a (x - c) - x^2/2", "a^2/2 - a c - (x - a)^2/2"),
            lambda: A * (X - C) - X**2 / 2,
            lambda: A**2 / 2 - A * C - (X - A) ** 2 / 2,
        ),
        identity_step(
            "2 tanh(t/2) has derivative bell(t): the integral of bell over the line is 4",
            ("d/dt 2 tanh(t/2)", "bell(t)"),
            lambda: sympy.diff(2 * wave, T),
            _bell,
            kind="differentiation",
            simplify=_exponential,
        ),
        identity_step(
            "the integral of |t| bell(t) is twice that from 0 of the derivative of this function, "
            "which is 0 at 0",
            ("d/dt (2 t tanh(t/2) - 4 log cosh(t/2))", "t bell(t)"),
            lambda: sympy.diff(2 * T * wave - 4 * sympy.log(sympy.cosh(T / 2)), T),
            lambda: T * _bell(),
            kind="differentiation",
            simplify=_exponential,
        ),
        identity_step(
            "and tends to 4 log 2: 2 t tanh(t/2) - 2 t -> 0 and cosh(t/2) = (1 + e^{-t}) e^{t/2}/2",
            ("(1 + e^{-t}) e^{t/2}/2", "cosh(t/2)"),
            lambda: (1 + sympy.exp(-T)) * sympy.exp(T / 2) / 2,
            lambda: sympy.cosh(T / 2),
            simplify=_exponential,
        ),
    )


def crossing_bounds() -> Derivation:
    """The identities from which the bounds of `numerics.pair_classification` follow.

    Examples
    --------
    >>> bool(crossing_bounds().verify())
    True
    """
    return Derivation(
        "forward-crossing-bounds",
        "No stationary points near the truth or far away: the identities",
        "I3's integrand as a sum of squares for a^2 <= 2; bell(t) <= 4 e^t; E e^{a(x - c)}; the "
        "integrals of bell and |t| bell are 4 and 8 log 2",
        ("two components, equal weights", "v = c -+ a/2, t = a (x - c)"),
        Scope("n = 2, d = 1"),
        _steps(),
        "derived here",
        r"\int\mathrm{sech}^2\tfrac t2\,dt=4,\quad\int|t|\,\mathrm{sech}^2\tfrac t2\,dt=8\ln2",
    )


def derivations() -> tuple[Derivation, ...]:
    """All derivations of this module."""
    return (crossing_bounds(),)
