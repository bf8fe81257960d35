r"""The logarithm of a responsibility, and its mean under the teacher.

``log psi_j = log pi_j + x.v_j - |v_j|^2/2 - log(p/q)`` with ``E_q[x] = 0`` and ``E_q[p/q] = 1``.
With Jensen's inequality, once for the exponential and once for the logarithm,
``E_q[psi_j] >= exp(E_q[log psi_j]) >= pi_j exp(-|v_j|^2/2)``.
"""

from __future__ import annotations

import sympy

from derive.mixtures.density import STUDENT
from derive.steps.derivation import ALL, Derivation, identity_step


def log_responsibility() -> Derivation:
    """The equalities behind ``E_q[psi_j] >= pi_j exp(-|v_j|^2/2)``; Jensen is not a step of it.

    Examples
    --------
    >>> bool(log_responsibility().verify())
    True
    """
    j = sympy.Symbol("j0", integer=True)
    x, v = sympy.symbols("x v", real=True)
    normal = sympy.exp(-(x**2) / 2) / sympy.sqrt(2 * sympy.pi)
    line = (x, -sympy.oo, sympy.oo)
    steps = (
        identity_step(
            "the responsibility is weight times component over the density (common factor (2 "
            "pi)^(-d/2))",
            ("psi_j p", "pi_j exp(-|x - v_j|^2/2)"),
            lambda: STUDENT.responsibility(j) * STUDENT.total(),
            lambda: STUDENT.weights[j] * STUDENT.exponential(j),
            kind="substitution",
        ),
        identity_step(
            "the exponent of a component over the teacher's, coordinate by coordinate",
            ("-(x - v)^2/2 + x^2/2", "x v - v^2/2"),
            lambda: -((x - v) ** 2) / 2 + x**2 / 2,
            lambda: x * v - v**2 / 2,
        ),
        identity_step(
            "the teacher is centred, so E_q[x.v_j] = 0",
            ("E_q[x]", "0"),
            lambda: sympy.integrate(x * normal, line),
            lambda: sympy.Integer(0),
        ),
        identity_step(
            "a component over the teacher has mean 1, and so has p/q = sum_k pi_k (component k)/q",
            ("E_q[exp(x v - v^2/2)]", "1"),
            lambda: sympy.simplify(sympy.integrate(sympy.exp(x * v - v**2 / 2) * normal, line)),
            lambda: sympy.Integer(1),
        ),
    )
    return Derivation(
        "log-responsibility",
        "The logarithm of a responsibility and its mean",
        "log psi_j = log pi_j + x.v_j - |v_j|^2/2 - log(p/q), E_q[x] = 0, E_q[p/q] = 1",
        ("single Gaussian teacher at the origin",),
        ALL,
        steps,
        "derived here from the density",
        r"\log\psi_j=\log\pi_j+x\cdot v_j-|v_j|^2/2-\log(p/q)",
    )


def derivations() -> tuple[Derivation, ...]:
    """All derivations of this module."""
    return (log_responsibility(),)
