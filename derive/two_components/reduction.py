"""Two components in any d reduce to one dimension.

Vectors enter through their scalar products only, so the steps hold in every dimension.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy

from derive.algebra.run_program import run
from derive.losses.lowering import lower_objective
from derive.losses.objectives import FORWARD, KL, REVERSE, Objective
from derive.steps.derivation import (
    Derivation,
    DerivationStep,
    Expression,
    Scope,
    identity_step,
)

#: A linear combination of named vectors.
Vector = Mapping[str, Expression]

Y, ALPHA, A, T, B2 = sympy.symbols("y alpha a t B2", real=True)
_XB = sympy.Symbol("xb", real=True)

#: Scalar products: ``u`` a unit vector, ``b`` perpendicular to it, ``x.u = y``, ``|b|^2 = B2``.
GRAM: Mapping[tuple[str, str], Expression] = {
    ("u", "u"): sympy.Integer(1),
    ("b", "u"): sympy.Integer(0),
    ("b", "b"): B2,
    ("u", "x"): Y,
    ("b", "x"): _XB,
    ("x", "x"): sympy.Symbol("X2", real=True),
}


def combine(*pairs: tuple[Expression, Vector]) -> dict[str, Expression]:
    """Linear combination of vectors.

    Examples
    --------
    >>> combine((2, {"u": 1}), (-1, {"b": 3}))
    {'u': 2, 'b': -3}
    """
    total: dict[str, Expression] = {}
    for factor, vector in pairs:
        for name, coefficient in vector.items():
            total[name] = total.get(name, 0) + factor * coefficient
    return total


def inner(left: Vector, right: Vector) -> Expression:
    """Scalar product by bilinearity from the table of scalar products.

    Examples
    --------
    >>> inner({"u": 2, "b": 1}, {"x": 1})
    xb + 2*y
    """
    return sympy.expand(
        sum(
            p * q * GRAM[(min(first, second), max(first, second))]
            for first, p in left.items()
            for second, q in right.items()
        )
    )


X: Vector = {"x": 1}
U: Vector = {"u": 1}
B: Vector = {"b": 1}


def mean(place: Expression) -> Vector:
    """A component on the line: ``place * u + b``."""
    return {"u": place, "b": 1}


def _exponent(point: Vector, centre: Vector) -> Expression:
    """``x.v - |v|^2/2``."""
    return inner(point, centre) - inner(centre, centre) / 2


def _flat_exponent(place: Expression) -> Expression:
    return Y * place - place**2 / 2


def _lowered_loss(objective: Objective, dimension: int) -> Expression:
    """Lowered loss of two components at ``(place, beta)``, with symbolic responsibilities."""
    share = sympy.Symbol("psi_2")
    places, beta = (ALPHA, ALPHA + A), sympy.sqrt(B2)
    inputs = {
        "psi": lambda index: (1 - share, share)[index[0]],
        "v": lambda index: places[index[0]] if index[1] == 0 else beta,
        "log_student": lambda _: sympy.Symbol("log_p1") + (_XB - B2 / 2 if dimension > 1 else 0),
    }
    program = lower_objective(objective, "loss")
    return run(program, {"j": 2, "a": dimension}, inputs, sympy.Integer(0))[()]


def _reduction_steps() -> tuple[DerivationStep, ...]:
    share = sympy.Symbol("psi_2")
    perpendicular = combine((1, X), (-Y, U))
    score = combine((1 - share, mean(ALPHA)), (share, mean(ALPHA + A)))
    flat_score = ALPHA + A * share
    return (
        identity_step(
            "the exponent of a component's term splits; the part with b is common to all of them",
            ("x.v_i - |v_i|^2/2", "(y t_i - t_i^2/2) + (x.b - |b|^2/2)"),
            lambda: _exponent(X, mean(T)),
            lambda: _flat_exponent(T) + inner(X, B) - inner(B, B) / 2,
            kind="substitution",
        ),
        identity_step(
            "so the responsibilities are those of the means alpha, alpha + a in one dimension",
            ("log(psi_2/psi_1) - log(pi_2/pi_1)", "a y - a alpha - a^2/2"),
            lambda: _exponent(X, mean(ALPHA + A)) - _exponent(X, mean(ALPHA)),
            lambda: A * Y - A * ALPHA - A**2 / 2,
        ),
        identity_step(
            "the score error is m = b + m_1 u with m_1 = alpha + a psi_2 that of one dimension",
            ("|m|^2", "|b|^2 + m_1^2"),
            lambda: inner(score, score),
            lambda: B2 + flat_score**2,
            latex=("|m|^2", "|b|^2 + m_1^2"),
        ),
        identity_step(
            "the teacher splits into N(y; 0, 1) and a Gaussian perpendicular to u",
            ("|x|^2", "y^2 + |x - y u|^2"),
            lambda: inner(X, X),
            lambda: Y**2 + inner(perpendicular, perpendicular),
        ),
        identity_step(
            "each component of the student splits into N(y; t_i, 1) and one common Gaussian",
            ("|x - v_i|^2", "(y - t_i)^2 + |x - y u - b|^2"),
            lambda: inner(combine((1, X), (-1, mean(T))), combine((1, X), (-1, mean(T)))),
            lambda: (
                (Y - T) ** 2
                + inner(combine((1, perpendicular), (-1, B)), combine((1, perpendicular), (-1, B)))
            ),
        ),
        *(_instance_step(objective) for objective in (FORWARD, REVERSE)),
        identity_step(
            "the lowered KL integrand; E_q[x.b] = 0 leaves K = |b|^2/2 + K_1",
            ("log_teacher - log_student", "(log_teacher - log_student)_1 - x.b + |b|^2/2"),
            lambda: _lowered_loss(KL, 2),
            lambda: _lowered_loss(KL, 1) - _XB + B2 / 2,
        ),
    )


def _instance_step(objective: Objective) -> DerivationStep:
    return identity_step(
        f"the lowered {objective.name} integrand at n = 2, d = 2 against d = 1",
        ("integrand(v_1, v_2)", "|b|^2 + integrand_1(alpha, alpha + a)"),
        lambda: _lowered_loss(objective, 2),
        lambda: B2 + _lowered_loss(objective, 1),
    )


def two_component_reduction() -> Derivation:
    """``L = |v_1 - alpha u|^2 + L_1(alpha, a)`` for two components in any dimension.

    Examples
    --------
    >>> bool(two_component_reduction().verify())
    True
    """
    return Derivation(
        "two-component-reduction",
        "Two components in any dimension reduce to one dimension",
        "with v_2 - v_1 = a u, |u| = 1, alpha = v_1.u, b = v_1 - alpha u: L = |b|^2 + L_1(alpha, "
        "alpha + a), R = |b|^2 + R_1(alpha, alpha + a), K = |b|^2/2 + K_1(alpha, alpha + a), with "
        "the index 1 for the same loss in one dimension",
        ("unit covariances", "single Gaussian teacher at the origin", "any weights"),
        Scope("n = 2, all d"),
        _reduction_steps(),
        "derived here, for Lemma E",
        r"L(v_1, v_2) = |v_1 - \alpha u|^2 + L_1(\alpha, \alpha + a)",
    )
