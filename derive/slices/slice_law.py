r"""Equation (C) in one law: ``g(a) = 0`` iff ``r = u``, ``u = 4/a^2``.

With ``s = a y/2`` the expectations in (C) are integrals against ``exp(-u s^2/2) ds``, and
``r = E sech^3(ay/2) / E sech(ay/2)`` is the mean of ``sech^2 s`` under the law proportional to
``w(s) = sech(s) exp(-u s^2/2)``. Means under it obey linear relations, by integration by parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy

from derive.slices.slice_derivations import A, Y, equation_c
from derive.steps.derivation import Derivation, Scope, identity_step

Expression = Any

S = sympy.Symbol("s", real=True)
U = sympy.Symbol("u", positive=True)
#: Density of the law, up to its constant.
WEIGHT = sympy.sech(S) * sympy.exp(-U * S**2 / 2)
#: Means under the law, by name.
MOMENTS: Mapping[str, Expression] = {
    "r": sympy.sech(S) ** 2,
    "q": S**2,
    "t": S * sympy.tanh(S),
    "z": S**2 * sympy.sech(S) ** 2,
}


def slice_law() -> Derivation:
    """Equation (C) as a statement about one mean, and how that mean depends on ``a``.

    Examples
    --------
    >>> bool(slice_law().verify())
    True
    """
    place = 2 * S / A
    steps = (
        identity_step(
            "the Gaussian in the variable s = a y/2, u = 4/a^2",
            ("y^2/2", "u s^2/2"),
            lambda: (Y**2 / 2).subs(Y, place),
            lambda: (U * S**2 / 2).subs(U, 4 / A**2),
            kind="substitution",
        ),
        identity_step(
            "the integrand of (C) is sech times (1 - sech^2/u), so g(a) = 0 iff the mean of sech^2 "
            "under the law is u",
            ("(C) at y = 2s/a", "(a/2) sech(s) (1 - sech^2(s)/u)"),
            lambda: equation_c().subs(Y, place),
            lambda: (A / 2 * sympy.sech(S) * (1 - sympy.sech(S) ** 2 / U)).subs(U, 4 / A**2),
            kind="substitution",
        ),
        identity_step(
            "the law moves with u: d log w/du, the constant drops out of a covariance",
            ("d log w/du", "-s^2/2"),
            lambda: sympy.diff(sympy.expand_log(sympy.log(WEIGHT), force=True), U),
            lambda: -(S**2) / 2,
            kind="differentiation",
        ),
        identity_step(
            "and u with a: a du/da = -2u, so a dr/da = u Cov(s^2, sech^2)",
            ("a du/da", "-2u"),
            lambda: A * sympy.diff(4 / A**2, A),
            lambda: -2 * (4 / A**2),
            kind="differentiation",
        ),
    )
    return Derivation(
        "slice-law",
        "Equation (C) as a mean under one law",
        "g(a) = 0 iff r = u, u = 4/a^2, r the mean of sech^2 s under the law proportional to "
        "sech(s) exp(-u s^2/2), that is (a^2/4) r = 1; a dr/da = u Cov(s^2, sech^2 s)",
        ("the slice (0, a u) of the forward loss",),
        Scope("n = 2, all d"),
        steps,
        "derived here (Theorem U)",
        r"g(a)=0\iff\tfrac{a^2}4r(a)=1",
    )
