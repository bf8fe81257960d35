r"""Two components in the coordinates of their crossing point, where both responsibilities are 1/2.

Means ``v_1, v_2`` on a line with ``a = v_2 - v_1 > 0`` and ``l = log(pi_2/pi_1)``; ``c`` is the
point at which both terms of the density are equal. Then

    v_1 = c + l/a - a/2,   v_2 = c + l/a + a/2,   m(x) = c + l/a + (a/2) tanh(a (x - c)/2),

and ``L = E m(x)^2``. In ``t = a (x - c)`` every derivative of ``m`` in ``c``, ``a``, ``l`` is a sum
of monomials in the parameters times functions of ``t`` alone (`forms`), which is what makes
enclosures over boxes of parameters narrow. The map ``(c, a) -> (v_1, v_2)`` has determinant one, so
stationary points and the signs of Hessians there are those of ``L(v_1, v_2)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy

from derive.algebra.run_program import run
from derive.losses.lowering import lower_objective
from derive.losses.objectives import FORWARD
from derive.steps.derivation import Derivation, DerivationStep, Scope, identity_step, rational

Expression = Any

C, L, X, T = sympy.symbols("c l x t", real=True)
A = sympy.Symbol("a", positive=True)
TAU, BELL = sympy.symbols("tau bell", real=True)
_SHARE = sympy.Symbol("psi", real=True)
#: Largest power of ``1/a`` in a derivative of ``m``.
_SHIFT = 4
_WAVE = sympy.tanh(A * (X - C) / 2)

#: Means in the coordinates.
MEANS = (C + L / A - A / 2, C + L / A + A / 2)
#: Variables of the derivatives: ``m_1`` and ``m_2`` are derivatives in the means.
VARIABLES = {"c": C, "a": A, "l": L}
NAMES = (
    "m",
    *("m_c", "m_a", "m_l"),
    *("m_1", "m_1c", "m_1a", "m_1l"),
    *("m_2", "m_2c", "m_2a", "m_2l"),
)


@dataclass(frozen=True)
class FormTerm:
    """``c^i a^j l^k`` (``j`` may be negative) times a polynomial at the node.

    Attributes
    ----------
    powers : (int, int, int)
        ``i, j, k``.
    node : tuple of (Fraction, (int, int, int))
        Terms ``coefficient t^p tau^q bell^r``, ``tau = tanh(t/2)``, ``bell = 1 - tau^2``.
    """

    powers: tuple[int, int, int]
    node: tuple[tuple[Fraction, tuple[int, int, int]], ...]


def score_error() -> Expression:
    """``m(x)`` in the coordinates."""
    return C + L / A + A / 2 * _WAVE


@lru_cache(maxsize=32)
def derivative(name: str) -> Expression:
    """One of `NAMES`: a derivative of ``m`` at fixed ``x``, by differentiation.

    By the chain rule a mean ``v_k`` moves ``c = (v_1 + v_2)/2 - l/(v_2 - v_1)`` and ``a = v_2 -
    v_1``.

    Examples
    --------
    >>> derivative("m_l")
    1/a
    """
    letters = name.removeprefix("m").removeprefix("_")
    found = score_error()
    for letter in letters:
        if letter in VARIABLES:
            found = sympy.diff(found, VARIABLES[letter])
        else:
            sign = 1 if letter == "2" else -1
            half = sympy.Rational(1, 2) + sign * L / A**2
            found = half * sympy.diff(found, C) + sign * sympy.diff(found, A)
    return found


@lru_cache(maxsize=1)
def forms() -> dict[str, tuple[FormTerm, ...]]:
    """Each of `NAMES` at ``x = c + t/a``.

    Examples
    --------
    >>> [(term.powers, term.node) for term in forms()["m_c"]]
    [((0, 2, 0), ((Fraction(-1, 4), (0, 0, 1)),)), ((0, 0, 0), ((Fraction(1, 1), (0, 0, 0)),))]
    """
    return {name: _form(derivative(name)) for name in NAMES}


def _form(expression: Expression) -> tuple[FormTerm, ...]:
    at_node = sympy.expand(expression.subs(X, C + T / A).subs(sympy.tanh(T / 2), TAU))
    quotient, rest = sympy.div(at_node, 1 - TAU**2, TAU)
    reduced = sympy.expand(rest + BELL * quotient)
    polynomial = sympy.Poly(sympy.expand(reduced * A**_SHIFT), C, A, L)
    terms = []
    for (i, j, k), coefficient in polynomial.terms():
        node = sympy.Poly(coefficient, T, TAU, BELL)
        parts = tuple((Fraction(int(v.p), int(v.q)), p) for p, v in node.terms() if v)
        if parts:
            terms.append(FormTerm((i, j - _SHIFT, k), parts))
    return tuple(terms)


def restored(name: str) -> Expression:
    """A form as an expression in ``c``, ``a``, ``l``, ``t`` and ``tanh(t/2)``."""
    wave = sympy.tanh(T / 2)
    total = sympy.Integer(0)
    for term in forms()[name]:
        i, j, k = term.powers
        node = sum(
            sympy.Rational(v.numerator, v.denominator) * T**p * wave**q * (1 - wave**2) ** r
            for v, (p, q, r) in term.node
        )
        total += C**i * A**j * L**k * node
    return total


def _log_odds(place: Expression) -> Expression:
    first, second = MEANS
    return L + place * (second - first) - (second**2 - first**2) / 2


def _loss_integrand() -> Expression:
    """The lowered forward loss at two collinear means, in the second responsibility."""
    inputs = {
        "psi": lambda index: (1 - _SHARE, _SHARE)[index[0]],
        "v": lambda index: MEANS[index[0]],
    }
    table = run(lower_objective(FORWARD, "loss"), {"j": 2, "a": 1}, inputs, sympy.Integer(0))
    return table[()]


def _derivative_step(name: str) -> DerivationStep:
    return identity_step(
        f"{name} at x = c + t/a",
        (name, str(restored(name))),
        lambda: derivative(name).subs(X, C + T / A),
        lambda: restored(name),
        kind="differentiation",
        simplify=rational,
    )


def _moves() -> Expression:
    """Jacobian of ``(c, a)`` in the means times that of the means in ``(c, a)``."""
    backward = sympy.Matrix(MEANS).jacobian([C, A])
    first, second = sympy.symbols("v1 v2")
    gap = second - first
    forward = sympy.Matrix([(first + second) / 2 - L / gap, gap]).jacobian([first, second])
    at_means = forward.subs(dict(zip((first, second), MEANS, strict=True)))
    return sympy.simplify(at_means * backward)


def _identity(
    text: str, sides: tuple[str, str], left: Callable[[], Any], right: Callable[[], Any]
) -> DerivationStep:
    return identity_step(text, sides, left, right, simplify=rational)


def crossing() -> Derivation:
    """The coordinates, the score error in them, and its derivatives.

    Examples
    --------
    >>> bool(crossing().verify())
    True
    """
    sigma = sympy.exp(T) / (1 + sympy.exp(T))
    steps = (
        _identity(
            "log(psi_2/psi_1) at x",
            ("l + x (v_2 - v_1) - (v_2^2 - v_1^2)/2", "a (x - c)"),
            lambda: _log_odds(X),
            lambda: A * (X - C),
        ),
        _identity(
            "the lowered loss with psi_2 = e^t/(1 + e^t), t = a (x - c), is the square of m",
            ("(psi_1 v_1 + psi_2 v_2)^2", "m(c + t/a)^2"),
            lambda: _loss_integrand().subs(_SHARE, sigma),
            lambda: score_error().subs(X, C + T / A) ** 2,
        ),
        _identity(
            "determinant of d(v_1, v_2)/d(c, a) at fixed l",
            ("det", "1"),
            lambda: sympy.Matrix(MEANS).jacobian([C, A]).det(),
            lambda: sympy.Integer(1),
        ),
        identity_step(
            "derivatives of (c, a) in the means, times those of the means in (c, a)",
            ("d(c, a)/d(v_1, v_2) d(v_1, v_2)/d(c, a)", "1"),
            _moves,
            lambda: sympy.eye(2),
            simplify=sympy.simplify,
        ),
        *(_derivative_step(name) for name in NAMES),
    )
    return Derivation(
        "forward-crossing",
        "Two components in the coordinates of their crossing point",
        "v = c + l/a -+ a/2, l = log(pi_2/pi_1): L = E m^2, m = c + l/a + (a/2) tanh(a (x - c)/2), "
        "and the derivatives of m in c, a, l at x = c + t/a",
        ("single Gaussian teacher", "v_2 - v_1 = a > 0", "any weights"),
        Scope("n = 2, d = 1"),
        steps,
        "derived here",
        r"L=E\bigl(c+\tfrac la+\tfrac a2\tanh\tfrac{a(x-c)}2\bigr)^2",
    )
