"""Formulas of `derive` that the boxes are about, in Coq's words."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import sympy

from derive.slices.slice_law import MOMENTS, WEIGHT, S, U
from derive.two_components.escape_integrals import (
    GAMMA,
    KAPPA,
    LOG_ODDS,
    SIGMA,
    SQUARE,
    T,
    integrand,
)
from proofs_check.proofs.coq.language import shown_number
from proofs_check.proofs.kernel.terms import ProofError

Expression = Any


def coq(expression: Expression, names: Mapping[Expression, str]) -> str:
    """A polynomial with ``exp`` and ``sech``, powers as products.

    Examples
    --------
    >>> coq(S**2 * sympy.sech(S) / 2 - 1, {S: "s"})
    '(((-1)) + (((1 / 2) * (s * s) * (sech s))))'
    """
    if expression in names:
        return names[expression]
    if expression.is_Rational:
        return shown_number(Fraction(int(expression.p), int(expression.q)))
    parts = [coq(part, names) for part in expression.args]
    if expression.is_Add:
        return f"({' + '.join(f'({part})' for part in parts)})"
    if expression.is_Mul:
        return f"({' * '.join(parts)})"
    if expression.is_Pow and expression.exp.is_Integer:
        base = " * ".join([parts[0]] * abs(int(expression.exp)))
        return f"({base})" if expression.exp > 0 else f"(/ ({base}))"
    if isinstance(expression, sympy.exp | sympy.sech):
        return f"({type(expression).__name__} {parts[0]})"
    raise ProofError(f"{expression} has no meaning in Coq")


def escape_integrands() -> str:
    """``F`` and ``Q`` of `derive.two_components.escape_integrals` as definitions."""
    names = {SQUARE: "square", GAMMA: "gamma", LOG_ODDS: "log_odds", T: "t"}
    names |= {SIGMA: "(sigma t)", KAPPA: "(kappa t)"}
    head = "(square gamma log_odds t : R) : R"
    return "\n".join(
        f"Definition {name} {head} := {coq(integrand(name), names)}." for name in ("F", "Q")
    )


def slice_integrand() -> str:
    """``(1 - sech^2(s)/u) w(s)`` with ``u = 4/a^2``: its integral has the sign of the gradient."""
    names = {S: "s", U: "(4 / (a * a))"}
    density = WEIGHT.as_independent(sympy.exp)[0]
    (gaussian,) = WEIGHT.atoms(sympy.exp)
    if sympy.simplify(density * gaussian - WEIGHT) != 0:
        raise ProofError("the density of the law is no product with one exponential")
    factor = (1 - MOMENTS["r"] / U) * density
    return "\n".join(
        [
            f"Definition exponent (a s : R) : R := {coq(gaussian.args[0], names)}.",
            f"Definition slope (a s : R) : R := {coq(factor, names)} * exp (exponent a s).",
        ]
    )
