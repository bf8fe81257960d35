"""The mean of a responsibility under the student is its weight: ``E_p[psi_j] = pi_j``.

Because ``psi_j p = pi_j N(.; v_j, I)``. This is the one fact about expectations under the student
that Stein's identity and ``sum_j psi_j = 1`` do not give.
"""

from __future__ import annotations

import sympy

from derive.algebra.index import IndexedFactor, Monomial, Polynomial
from derive.mixtures.density import STUDENT
from derive.steps.derivation import ALL, Derivation, identity_step

#: Heads that do not depend on the point x.
CONSTANT_HEADS = frozenset(
    {"v", "pi", "delta_component", "delta_coordinate", "components", "dimension"}
)


def average_of_responsibilities(polynomial: Polynomial) -> Polynomial:
    """Replace ``psi_j`` by ``pi_j`` in every monomial that depends on x through it alone.

    Both have the same expectation under the student's density. Factors that are no quantities of a
    mixture (parameters) are taken for constants.

    Examples
    --------
    >>> from derive.algebra.index import atom
    >>> print(average_of_responsibilities(atom("psi", "j0") * atom("v", "j0", "a0")))
    pi[j0]*v[j0,a0]
    >>> print(average_of_responsibilities(atom("psi", "j0") * atom("psi", "j1")))
    psi[j0]*psi[j1]
    """
    return Polynomial.collect(
        (_with_weight(monomial), value) for monomial, value in polynomial.terms.items()
    )


def depends_on_point(factor: IndexedFactor) -> bool:
    """Tell whether a factor is a function of x; heads with a colon are parameters.

    Examples
    --------
    >>> depends_on_point(("psi", ("j0",))), depends_on_point(("v", ("j0", "a0")))
    (True, False)
    """
    return factor[0] not in CONSTANT_HEADS and ":" not in factor[0]


def _with_weight(monomial: Monomial) -> Monomial:
    moving = [factor for factor in monomial if depends_on_point(factor)]
    if len(moving) != 1 or moving[0][0] != "psi":
        return monomial
    return tuple(("pi", f[1]) if f == moving[0] else f for f in monomial)


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
