r"""The loss and the flow of two equal components on a line, in the words of the escape integrals.

``v_1 = alpha = kappa G``, ``v_2 = alpha + a``: with the integrals ``f``, ``q`` of
`derive.two_components.escape_integrals`, and ``J_k`` that of ``sigma^k``, everything about the flow
``v' = -grad L`` is ``G`` times functions that are smooth down to ``1/a = 0``.
"""

from __future__ import annotations

from typing import Any

import sympy

from derive.algebra.run_program import run
from derive.losses.lowering import lower_objective
from derive.losses.objectives import FORWARD
from derive.steps.derivation import Derivation, Scope, identity_step, rational
from derive.two_components.escape_integrals import ALPHA, SIGMA, A

Expression = Any

KAPPA, SIZE, F, Q, FIRST, SECOND = sympy.symbols("kappa G f q J_1 J_2", real=True)
_TIME = sympy.Symbol("tau", real=True)
_PHI = sympy.Symbol("phi", positive=True)  # the normal density at the crossing point


def _integrand() -> Expression:
    """The lowered forward loss in the second responsibility."""
    means = (ALPHA, ALPHA + A)
    inputs = {
        "psi": lambda index: (1 - SIGMA, SIGMA)[index[0]],
        "v": lambda index: means[index[0]],
    }
    return run(lower_objective(FORWARD, "loss"), {"j": 2, "a": 1}, inputs, sympy.Integer(0))[()]


def speeds() -> tuple[Expression, Expression]:
    """``alpha'`` and ``a'`` of the flow, from ``grad_1 = G (2 kappa + q - f)``, ``grad_2 = G f``.

    Examples
    --------
    >>> speeds()[1]
    G*(-2*f + 2*kappa + q)
    """
    near, far = SIZE * (2 * KAPPA + Q - F), SIZE * F
    return -near, sympy.factor(near - far)


def _change() -> Expression:
    """``G'/G`` by differentiating ``log(2 a^2 phi(a/2 + alpha))`` along the flow."""
    distance, place = (sympy.Function(name)(_TIME) for name in ("a", "alpha"))
    logarithm = sympy.log(2 * distance**2) - (distance / 2 + place) ** 2 / 2
    alpha_speed, a_speed = speeds()
    return (
        sympy.diff(logarithm, _TIME)
        .subs({sympy.diff(distance, _TIME): a_speed, sympy.diff(place, _TIME): alpha_speed})
        .subs({distance: A, place: ALPHA})
    )


def escape_loss() -> Derivation:
    """Loss, and what the flow does to ``alpha/G``.

    Examples
    --------
    >>> bool(escape_loss().verify())
    True
    """
    size = 2 * A**2 * _PHI
    steps = (
        identity_step(
            "score error alpha + a sigma, and the loss less alpha^2, gamma = alpha/a",
            ("(psi_1 v_1 + psi_2 v_2)^2", "alpha^2 + a^2 (sigma^2 + 2 gamma sigma)"),
            _integrand,
            lambda: ALPHA**2 + A**2 * (SIGMA**2 + 2 * ALPHA / A * SIGMA),
            simplify=rational,
        ),
        identity_step(
            "a mean under the teacher is phi/a times an integral in t: L = G rho/(2a), rho = J_2 + "
            "2 gamma J_1 + 2 a kappa^2 G",
            ("alpha^2 + a phi (J_2 + 2 gamma J_1)", "G rho/(2a)"),
            lambda: (KAPPA * size) ** 2 + A * _PHI * (SECOND + 2 * KAPPA * size / A * FIRST),
            lambda: (
                size / (2 * A) * (SECOND + 2 * KAPPA * size / A * FIRST + 2 * A * KAPPA**2 * size)
            ),
            simplify=rational,
        ),
        identity_step(
            "G along the flow",
            ("G'/G", "G ((2/a)(2 kappa + q - 2 f) + (a/2 + alpha)(kappa + q/2))"),
            _change,
            lambda: SIZE * (2 / A * (2 * KAPPA + Q - 2 * F) + (A / 2 + ALPHA) * (KAPPA + Q / 2)),
            kind="differentiation",
            simplify=rational,
        ),
    )
    return Derivation(
        "escape-loss",
        "The loss of two equal components on a line, and how the flow changes G",
        "v_1 = alpha = kappa G, v_2 = alpha + a: L = G rho/(2a), rho = J_2 + 2 gamma J_1 + 2 a "
        "kappa^2 G, J_k the integral of sigma^k against exp(-beta t - eps^2 t^2/2); G'/G along the "
        "gradient flow",
        ("two components, equal weights, on a line", "f, q as in escape-integrals"),
        Scope("n = 2, d = 1"),
        steps,
        "derived here",
        r"L=\frac{G}{2a}(J_2+2\gamma J_1+2a\kappa^2G)",
    )
