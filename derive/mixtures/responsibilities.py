r"""Responsibilities in expectation: ``E_p[psi_j] = pi_j``, and the mean of their logarithm.

The first because ``psi_j p = pi_j N(.; v_j, I)``: the one fact about expectations under the student
that Stein's identity and ``sum_j psi_j = 1`` do not give. The second because
``log psi_j = log pi_j + x.v_j - |v_j|^2/2 - log(p/q)`` with ``E_q[x] = 0`` and ``E_q[p/q] = 1``:
with Jensen's inequality, once for the exponential and once for the logarithm,
``E_q[psi_j] >= exp(E_q[log psi_j]) >= pi_j exp(-|v_j|^2/2)``.
"""

from __future__ import annotations

import sympy

from derive.mixtures.density import STUDENT
from derive.steps.derivation import ALL, Derivation, DerivationStep, identity_step

_J = sympy.Symbol("j0", integer=True)
_X, _V = sympy.symbols("x v", real=True)
_NORMAL = sympy.exp(-(_X**2) / 2) / sympy.sqrt(2 * sympy.pi)
_LINE = (_X, -sympy.oo, sympy.oo)


def _product_step(description: str, sides: tuple[str, str]) -> DerivationStep:
    return identity_step(
        f"{description} (common factor (2 pi)^(-d/2))",
        sides,
        lambda: STUDENT.responsibility(_J) * STUDENT.total(),
        lambda: STUDENT.weights[_J] * STUDENT.exponential(_J),
        kind="substitution",
    )


def responsibility_mass() -> Derivation:
    """The mean of a responsibility under the student, from the density.

    Examples
    --------
    >>> bool(responsibility_mass().verify())
    True
    """
    steps = (
        _product_step(
            "the responsibility times the density is the component",
            ("psi_j p", "pi_j N(x; v_j, I)"),
        ),
        identity_step(
            "a Gaussian integrates to one (each coordinate is a factor)",
            ("integral of N(x; v, 1) over the line", "1"),
            lambda: sympy.integrate(_NORMAL, _LINE),
            lambda: sympy.Integer(1),
        ),
    )
    return Derivation(
        "responsibility-mass",
        "The mean of a responsibility under the student",
        "E_p[psi_j] = pi_j",
        ("unit covariances", "fixed positive weights that sum to one"),
        ALL,
        steps,
        "derived here from the density",
        r"E_p[\psi_j] = \pi_j",
    )


def log_responsibility() -> Derivation:
    """The equalities behind ``E_q[psi_j] >= pi_j exp(-|v_j|^2/2)``; Jensen is not a step of it.

    Examples
    --------
    >>> bool(log_responsibility().verify())
    True
    """
    steps = (
        _product_step(
            "the responsibility is weight times component over the density",
            ("psi_j p", "pi_j exp(-|x - v_j|^2/2)"),
        ),
        identity_step(
            "the exponent of a component over the teacher's, coordinate by coordinate",
            ("-(x - v)^2/2 + x^2/2", "x v - v^2/2"),
            lambda: -((_X - _V) ** 2) / 2 + _X**2 / 2,
            lambda: _X * _V - _V**2 / 2,
        ),
        identity_step(
            "the teacher is centred, so E_q[x.v_j] = 0",
            ("E_q[x]", "0"),
            lambda: sympy.integrate(_X * _NORMAL, _LINE),
            lambda: sympy.Integer(0),
        ),
        identity_step(
            "a component over the teacher has mean 1, and so has p/q = sum_k pi_k (component k)/q",
            ("E_q[exp(x v - v^2/2)]", "1"),
            lambda: sympy.simplify(
                sympy.integrate(sympy.exp(_X * _V - _V**2 / 2) * _NORMAL, _LINE)
            ),
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
