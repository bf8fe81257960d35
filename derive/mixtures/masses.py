"""The mean of a responsibility under the student is its weight: ``E_p[psi_j] = pi_j``.

Because ``psi_j p = pi_j N(.; v_j, I)``. This is the one fact about expectations under the student
that Stein's identity and ``sum_j psi_j = 1`` do not give.
"""

from __future__ import annotations

import sympy

from derive.mixtures.density import STUDENT
from derive.steps.derivation import ALL, Derivation, identity_step


def derivations() -> tuple[Derivation, ...]:
    """The derivation from the density."""
    j = sympy.Symbol("j0", integer=True)
    x = sympy.Symbol("x", real=True)
    normal = sympy.exp(-(x**2) / 2) / sympy.sqrt(2 * sympy.pi)
    steps = (
        identity_step(
            "the responsibility times the density is the component (common factor (2 pi)^(-d/2))",
            ("psi_j p", "pi_j N(x; v_j, I)"),
            lambda: STUDENT.responsibility(j) * STUDENT.total(),
            lambda: STUDENT.weights[j] * STUDENT.exponential(j),
            kind="substitution",
        ),
        identity_step(
            "a Gaussian integrates to one (each coordinate is a factor)",
            ("integral of N(x; v, 1) over the line", "1"),
            lambda: sympy.integrate(normal, (x, -sympy.oo, sympy.oo)),
            lambda: sympy.Integer(1),
        ),
    )
    return (
        Derivation(
            "responsibility-mass",
            "The mean of a responsibility under the student",
            "E_p[psi_j] = pi_j",
            ("unit covariances", "fixed positive weights that sum to one"),
            ALL,
            steps,
            "derived here from the density",
            r"E_p[\psi_j] = \pi_j",
        ),
    )
