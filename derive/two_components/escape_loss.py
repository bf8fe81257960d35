r"""The loss and the flow of two equal components, in the words of the escape integrals.

On a line ``v_1 = alpha = kappa G``, ``v_2 = alpha + a``: with the integrals ``f``, ``q`` of
`derive.two_components.escape_integrals`, and ``J_k`` that of ``sigma^k``, everything about the flow
``v' = -grad L`` is ``G`` times functions that are smooth down to ``1/a = 0`` (`escape_loss`). Off a
line, ``v_1 = alpha u + p``, ``v_2 = v_1 + a u``, ``|p|^2 = lambda G^2``, the direction ``u`` turns
towards ``p``, which adds :math:`G w`, :math:`w = 2\varepsilon\lambda G (1 - \varepsilon G q)`, to
``alpha'`` (`escape_across`).
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
LAMBDA = sympy.Symbol("lambda", nonnegative=True)
P = sympy.Symbol("p", real=True)
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


def turning() -> Expression:
    """``w``: what the turning of ``u`` adds to ``alpha'/G``.

    Examples
    --------
    >>> turning()
    2*G*lambda*(-G*q/a + 1)/a
    """
    return 2 * LAMBDA * SIZE / A * (1 - SIZE * Q / A)


def velocities() -> tuple[Expression, ...]:
    """``v_1'`` and ``v_2'`` along ``u`` and along ``p/|p|``: minus the gradients."""
    across = SIZE * Q / A * P
    near, far = SIZE * (2 * KAPPA + Q - F), SIZE * F
    return (-near, -(2 * P - across), -far, -across)


def _along_the_flow(quantity: Expression, places: tuple[Expression, ...]) -> Expression:
    """Time derivative of a function of the four coordinates, at ``v_1 = (alpha, p)``."""
    at = dict(zip(places, (ALPHA, P, ALPHA + A, P), strict=True))
    slopes = (sympy.diff(quantity, place).subs(at) for place in places)
    total = sum(slope * speed for slope, speed in zip(slopes, velocities(), strict=True))
    return total.subs(ALPHA, KAPPA * SIZE)


def escape_across() -> Derivation:
    """Loss and flow off a line.

    Examples
    --------
    >>> bool(escape_across().verify())
    True
    """
    places = sympy.symbols("x1 y1 x2 y2", real=True)
    x1, y1, x2, y2 = places
    gap_x, gap_y = x2 - x1, y2 - y1
    distance = sympy.sqrt(gap_x**2 + gap_y**2)
    along = (x1 * gap_x + y1 * gap_y) / distance
    aside = x1**2 + y1**2 - along**2
    rest = 1 - SIZE * Q / A
    height = A / 2 + KAPPA * SIZE

    def squared(expression: Expression) -> Expression:
        return sympy.expand(expression).subs(P**2, LAMBDA * SIZE**2)

    steps = (
        identity_step(
            "the score error is p + (alpha + a sigma) u, p perpendicular to u: the loss gains "
            "|p|^2 = lambda G^2 = (G/(2a)) 2 a lambda G",
            ("|p|^2 + G rho_1/(2a)", "(G/(2a)) (rho_1 + 2 a lambda G)"),
            lambda: LAMBDA * SIZE**2 + SIZE / (2 * A) * FIRST,
            lambda: SIZE / (2 * A) * (FIRST + 2 * A * LAMBDA * SIZE),
            simplify=rational,
        ),
        identity_step(
            "alpha = v_1.u along the flow",
            ("alpha'", "G (f - q - 2 kappa + w)"),
            lambda: squared(_along_the_flow(along, places)),
            lambda: SIZE * (F - Q - 2 * KAPPA + turning()),
            kind="differentiation",
            simplify=rational,
        ),
        identity_step(
            "a = |v_2 - v_1| along the flow: as on a line",
            ("a'", "G (2 kappa + q - 2 f)"),
            lambda: _along_the_flow(distance, places),
            lambda: speeds()[1],
            kind="differentiation",
            simplify=rational,
        ),
        identity_step(
            "|p|^2 = |v_1|^2 - alpha^2 along the flow, eps = 1/a",
            ("(|p|^2)'", "-|p|^2 (4 - 2 eps G q + 4 eps alpha (1 - eps G q))"),
            lambda: _along_the_flow(aside, places),
            lambda: -(P**2) * (4 - 2 * SIZE * Q / A + 4 * KAPPA * SIZE / A * rest),
            kind="differentiation",
            simplify=rational,
        ),
        identity_step(
            "G'/G = 2 a'/a - (a/2 + alpha)(a'/2 + alpha'), as on a line but for w",
            ("G'/G", "G ((2/a)(2 kappa + q - 2 f) + (a/2 + alpha)(kappa + q/2 - w))"),
            lambda: (
                2 * speeds()[1] / A
                - height * (speeds()[1] / 2 + SIZE * (F - Q - 2 * KAPPA + turning()))
            ),
            lambda: SIZE * (2 / A * (2 * KAPPA + Q - 2 * F) + height * (KAPPA + Q / 2 - turning())),
            simplify=rational,
        ),
        identity_step(
            "the square of the gradient",
            (
                "|grad_1|^2 + |grad_2|^2",
                "G^2 (f^2 + (2 kappa + q - f)^2 + lambda ((2 - eps G q)^2 + (eps G q)^2))",
            ),
            lambda: squared(sum(speed**2 for speed in velocities())),
            lambda: (
                SIZE**2
                * (F**2 + (2 * KAPPA + Q - F) ** 2 + LAMBDA * ((1 + rest) ** 2 + (1 - rest) ** 2))
            ),
            simplify=rational,
        ),
    )
    return Derivation(
        "escape-across",
        "Two equal components off a line: loss and flow",
        "v_1 = alpha u + p, v_2 = v_1 + a u, p perpendicular to u, alpha = kappa G, |p|^2 = lambda "
        "G^2: the loss, a', alpha', (|p|^2)', G'/G and the square of the gradient along the "
        "gradient flow",
        ("two components, equal weights", "f, q as in escape-integrals"),
        Scope("n = 2, all d"),
        steps,
        "derived here",
        r"\alpha'=G(f-q-2\kappa+w),\quad w=2\varepsilon\lambda G(1-\varepsilon Gq)",
    )
