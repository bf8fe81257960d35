"""Elementary identities behind the bounds outside a compact region, for two equal weights.

In the notation of `derive.two_components.crossing` with ``l = 0``: near the truth the integrand of
I3 is a sum of squares; far from it ``bell(t) = 1 - tanh(t/2)^2`` is small except near the crossing
point.
"""

from __future__ import annotations

from typing import Any

import sympy

from derive.steps.derivation import Derivation, DerivationStep, Scope, identity_step, rational
from derive.two_components.crossing import A, C, T, X

Expression = Any

M, SHARE = sympy.symbols("m psi", real=True)


def _bell() -> Expression:
    return 1 - sympy.tanh(T / 2) ** 2


def _near_step() -> DerivationStep:
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


def _room() -> Expression:
    """``c - a/2 - (c + a/2) a^2 e^{a^2/2 - a c}``: positive where ``L_c`` is shown to be."""
    return C - A / 2 - (C + A / 2) * A**2 * sympy.exp(A**2 / 2 - A * C)


def _far_steps() -> tuple[DerivationStep, ...]:
    decay = sympy.exp(A**2 / 2 - A * C)
    wave, bell = sympy.symbols("tau bell")
    return (
        identity_step(
            "L_c/2 = E[m (1 - a^2 bell/4)] with c - a/2 <= m <= c + a/2 and E bell <= 4 e^{a^2/2 - "
            "a c} is at least room(c, a), which increases in c where a (c + a/2) >= 1",
            ("d room/dc", "1 + a^2 e^{a^2/2 - a c} (a (c + a/2) - 1)"),
            lambda: sympy.diff(_room(), C),
            lambda: 1 + A**2 * decay * (A * (C + A / 2) - 1),
            kind="differentiation",
            simplify=_plain,
        ),
        identity_step(
            "room at c = 3a/4",
            ("room(3a/4, a)", "(a/4) (1 - 5 a^2 e^{-a^2/4})"),
            lambda: _room().subs(C, 3 * A / 4),
            lambda: A / 4 * (1 - 5 * A**2 * sympy.exp(-(A**2) / 4)),
            simplify=_plain,
        ),
        identity_step(
            "a^2 e^{-a^2/4} decreases for a > 2",
            ("d/da (a^2 e^{-a^2/4})", "(a/2) e^{-a^2/4} (4 - a^2)"),
            lambda: sympy.diff(A**2 * sympy.exp(-(A**2) / 4), A),
            lambda: A / 2 * sympy.exp(-(A**2) / 4) * (4 - A**2),
            kind="differentiation",
            simplify=_plain,
        ),
        identity_step(
            "integrand of L_a with tau^2 = 1 - bell; tau >= -1, tau t >= 0, and the means of bell "
            "and |t| bell are at most 4 phi_0/a and 8 log 2 phi_0/a",
            (
                "(c + a tau/2) (tau + t bell/2)",
                "a/2 - c + c (1 + tau) - (a/2) bell + (c/2) t bell + (a/4) tau t bell",
            ),
            lambda: ((C + A * wave / 2) * (wave + T * bell / 2)).expand().subs(wave**2, 1 - bell),
            lambda: (
                A / 2
                - C
                + C * (1 + wave)
                - A * bell / 2
                + C * T * bell / 2
                + A * wave * T * bell / 4
            ),
        ),
    )


def _plain(expression: Expression) -> Expression:
    return sympy.expand(sympy.powsimp(sympy.expand(expression)))


def _steps() -> tuple[DerivationStep, ...]:
    wave = sympy.tanh(T / 2)
    return (
        _near_step(),
        *_far_steps(),
        identity_step(
            "4 e^t - bell(t) is positive: bell(t) <= 4 e^t",
            ("4 e^t - bell(t)", "4 e^{2t} (e^t + 2)/(1 + e^t)^2"),
            lambda: 4 * sympy.exp(T) - _bell(),
            lambda: 4 * sympy.exp(2 * T) * (sympy.exp(T) + 2) / (1 + sympy.exp(T)) ** 2,
            simplify=rational,
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
            simplify=rational,
        ),
        identity_step(
            "the integral of |t| bell(t) is twice that from 0 of the derivative of this function, "
            "which is 0 at 0",
            ("d/dt (2 t tanh(t/2) - 4 log cosh(t/2))", "t bell(t)"),
            lambda: sympy.diff(2 * T * wave - 4 * sympy.log(sympy.cosh(T / 2)), T),
            lambda: T * _bell(),
            kind="differentiation",
            simplify=rational,
        ),
        identity_step(
            "and tends to 4 log 2: 2 t tanh(t/2) - 2 t -> 0 and cosh(t/2) = (1 + e^{-t}) e^{t/2}/2",
            ("(1 + e^{-t}) e^{t/2}/2", "cosh(t/2)"),
            lambda: (1 + sympy.exp(-T)) * sympy.exp(T / 2) / 2,
            lambda: sympy.cosh(T / 2),
            simplify=rational,
        ),
    )


def crossing_bounds() -> Derivation:
    """The identities from which the bounds of `numerics.stationary.pair_classification` follow.

    Examples
    --------
    >>> bool(crossing_bounds().verify())
    True
    """
    return Derivation(
        "forward-crossing-bounds",
        "No stationary points near the truth or far away: the identities",
        "I3's integrand as a sum of squares for a^2 <= 2; bell(t) <= 4 e^t; E e^{a(x - c)}; the "
        "integrals of bell and |t| bell are 4 and 8 log 2; how the bounds of L_c and L_a grow",
        ("two components, equal weights", "v = c -+ a/2, t = a (x - c)"),
        Scope("n = 2, d = 1"),
        _steps(),
        "derived here",
        r"\int\mathrm{sech}^2\tfrac t2\,dt=4,\quad\int|t|\,\mathrm{sech}^2\tfrac t2\,dt=8\ln2",
    )
