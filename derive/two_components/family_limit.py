r"""The family ``(s, -s, 0, ..., 0)`` as ``n`` grows: the limit of the scalar equation.

The outer component has weight ``1/n`` against ``(n-2)/n`` at the truth, so ``l = -log(n - 2)`` and,
in the logistic variable of `derive.two_components.escape_integrals` with ``alpha = 0``, ``eps =
1/s``, ``beta = 1/2 + log(n - 2)/s^2``. The component's gradient has the sign of the integral of
``F`` against ``exp(-beta t - eps^2 t^2/2)``, up to the mirror image, whose share is ``O(e^{-2
s^2})``. With ``q = eps^2`` and ``-l q = beta
- 1/2`` the polynomial is ``sigma (q sigma + (q t + beta - 1) kappa)``: at ``q = 0`` the equation is
  ``beta = 1``, that is ``s^2 = 2 log(n - 2)``, and to first order ``beta = 1 - q``, that is

    s^2 = 2 log(n - 2) + 2 + O(1/log n).

This is a formal expansion: the remainder is not bounded here.
"""

from __future__ import annotations

from typing import Any

import sympy

from derive.steps.derivation import Derivation, DerivationStep, Scope, identity_step, rational
from derive.two_components.escape_integrals import (
    GAMMA,
    KAPPA,
    LOG_ODDS,
    SIGMA,
    SQUARE,
    T,
    integrand,
)

Expression = Any

BETA, LOG_COUNT = sympy.symbols("beta log_count", positive=True)
_LOGISTIC = sympy.exp(T) / (1 + sympy.exp(T))
_KAPPA = _LOGISTIC * (1 - _LOGISTIC)


def reduced_equation() -> Expression:
    """``F`` at ``alpha = 0`` in ``beta``, ``q = eps^2`` and the logistic function.

    Examples
    --------
    >>> sympy.factor(reduced_equation().subs(SQUARE, 0))
    kappa*sigma*(beta - 1)
    """
    expanded = sympy.expand(integrand("F").subs(GAMMA, 0))
    return sympy.expand(expanded.subs(LOG_ODDS, (sympy.Rational(1, 2) - BETA) / SQUARE))


def _antiderivative(
    text: str, sides: tuple[str, str], whole: Expression, part: Expression
) -> DerivationStep:
    return identity_step(
        text,
        sides,
        lambda: sympy.diff(whole, T),
        lambda: part,
        kind="differentiation",
        simplify=rational,
    )


def _at_one(node: Expression) -> Expression:
    """A node polynomial against ``e^{-t}``, in exponentials."""
    return node.subs({KAPPA: _KAPPA, SIGMA: _LOGISTIC}) * sympy.exp(-T)


def _leading() -> Expression:
    return sympy.expand(reduced_equation().subs(SQUARE, 0)).coeff(BETA, 1)


def _correction() -> Expression:
    return sympy.expand(reduced_equation()).coeff(SQUARE, 1)


def family_limit() -> Derivation:
    """The limit of the family's equation and of its root, to first order.

    Examples
    --------
    >>> bool(family_limit().verify())
    True
    """
    other = 1 - _LOGISTIC
    steps = (
        identity_step(
            "F at alpha = 0, with -l eps^2 = beta - 1/2",
            ("F", "sigma (q sigma + (q t + beta - 1) kappa)"),
            reduced_equation,
            lambda: SIGMA * (SQUARE * SIGMA + (SQUARE * T + BETA - 1) * KAPPA),
            kind="substitution",
        ),
        _antiderivative(
            "at beta = 1 the coefficient of beta - 1 integrates to 1/2: it is the derivative of "
            "-(1 - sigma)^2/2, from -1/2 to 0",
            ("d/dt (-(1 - sigma)^2/2)", "sigma kappa e^{-t}"),
            -(other**2) / 2,
            _at_one(_leading()),
        ),
        _antiderivative(
            "at beta = 1 the coefficient of q integrates to 1/2: without the odd t kappa/2 it is "
            "the derivative of (sigma + t kappa)/2, from 0 to 1/2",
            ("d/dt (sigma + t kappa)/2", "sigma^2 e^{-t} + t sigma kappa e^{-t} - t kappa/2"),
            _LOGISTIC / 2 + T * _KAPPA / 2,
            _at_one(_correction()) - T * _KAPPA / 2,
        ),
        identity_step(
            "t kappa is odd, so its integral vanishes",
            ("kappa(-t)", "kappa(t)"),
            lambda: _KAPPA.subs(T, -T),
            lambda: _KAPPA,
            simplify=rational,
        ),
        identity_step(
            "(beta - 1)/2 + q/2 = 0 to first order, with beta = 1/2 + log(n - 2) q",
            ("solution for 1/q = s^2", "2 log(n - 2) + 2"),
            lambda: (
                1 / sympy.solve((LOG_COUNT * SQUARE - 1 / sympy.Integer(2)) + SQUARE, SQUARE)[0]
            ),
            lambda: 2 * LOG_COUNT + 2,
        ),
    )
    return Derivation(
        "family-limit",
        "the family (s, -s, 0, ..., 0) of arXiv:2511.22069 as n grows",
        "with beta = 1/2 + log(n - 2)/s^2 and q = 1/s^2 the pair's equation reads beta = 1 at "
        "q = 0, and beta = 1 - q to first order, that is s^2 = 2 log(n - 2) + 2 (formal: no "
        "remainder)",
        (
            "uniform weights, n - 2 components at the truth",
            "the mirror image's share e^{-2 s^2} and second order in 1/s^2 are dropped",
        ),
        Scope("n = 3, 4, ..., all d"),
        steps,
        "derived here",
        r"\beta = 1 - q + O(q^2)\ (\text{formal}),\quad s_n^2\approx 2\ln(n-2)+2",
    )
