"""Identity I6: the forward gradient as a mean of distances to the means, without the score."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from derive.algebra.index import Polynomial, atom, constant, dot
from derive.algebra.vocabulary import from_centre
from derive.losses.gradients import gradient_with_x
from derive.losses.objectives import FORWARD
from derive.steps.identity import Identity, NamedTerm

ONE = Fraction(1)


def _distance(component: str) -> Polynomial:
    """``|x - v_j|^2``."""
    return dot(from_centre(component, "a9"), from_centre(component, "a9"))


def bracket() -> dict[str, tuple[Fraction, Polynomial]]:
    """The terms of ``2 B_j`` by name: coefficients, and polynomials in ``x`` for component j0.

    Examples
    --------
    >>> bracket()["constant"][0]
    Fraction(-2, 1)
    """
    posterior = (atom("psi", "j1") * _distance("j1")).sum_over("j1")
    return {
        "distance from the truth": (ONE, dot(atom("x", "a9"), atom("x", "a9"))),
        "own distance": (ONE, _distance("j0")),
        "posterior distance": (-ONE, posterior),
        "dimension": (-ONE, atom("dimension")),
        "constant": (Fraction(-2), constant(1)),
    }


def _i6() -> Identity:
    pull = atom("psi", "j0") * from_centre("j0", "a0")
    return Identity(
        "I6",
        "the forward gradient by distances",
        "grad_j L = 2 E_q[ psi_j (x - v_j) B_j ], "
        "B_j = (|x|^2 + |x - v_j|^2 - sum_k psi_k |x - v_k|^2 - d - 2)/2",
        "derived here (the gradient in the form that the escape theorems use)",
        "teacher",
        gradient_with_x(FORWARD),
        tuple(NamedTerm(name, value, pull * part) for name, (value, part) in bracket().items()),
        ("j0", "a0"),
        latex=r"\nabla_j L = 2E_q[\psi_j (x-v_j)B_j],\quad "
        r"B_j = \tfrac12(|x|^2+|x-v_j|^2-\sum_k\psi_k|x-v_k|^2-d-2)",
    )


BUILDERS: dict[str, Callable[[], Identity]] = {"I6": _i6}
