r"""The end game of two equal components: the flow itself, not its leading order.

With the midpoint ``c = (v_1 + v_2)/2``, half the difference ``y = (v_2 - v_1)/2``, ``s = c.y``,
``q = |y|^2`` and ``t = tanh(u)`` at ``u = x.y - s``, in every dimension

.. math:: L = |c|^2 + E[2 s t + q t^2], \qquad q' = -E[2 (s + q t)(t + u t')], \qquad
   (|c|^2)' = -2|c|^2 - E[2 s (t - s t' - q t t')]

along the gradient flow. ``u`` is Gaussian, of mean ``-s`` and variance ``q``. The mean of an odd
function f is ``-s`` times that of ``f'`` at ``z + l s``, ``z`` centred and ``l`` uniform in
``[-1, 1]``; so `BOUNDS` of five even functions by polynomials in ``u^2`` bound all three by
polynomials in ``q`` and ``s^2``, with ``4 q^2`` and ``q^2`` as leading terms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal

import sympy

from derive.algebra.run_program import run
from derive.losses.lowering import lower_objective
from derive.losses.objectives import FORWARD
from derive.steps.derivation import Derivation, DerivationStep, Scope, identity_step

Expression = Any
Side = Literal["lower", "upper"]
_SIDES: tuple[Side, ...] = ("lower", "upper")

#: ``q``, ``|c|^2``, ``s^2`` and ``u^2``.
Q, C2, S2, W = sympy.symbols("q c2 s2 w", nonnegative=True)
S, U, Z, FACTOR, PLACE = sympy.symbols("s u z lambda mu", real=True)
_WAVE = sympy.tanh(U)
_SLOPE = 1 - _WAVE**2
_DIMENSION = 3
_CENTRE = sympy.symbols("c1:4", real=True)
_HALF = sympy.symbols("y1:4", real=True)
_POINT = sympy.symbols("x1:4", real=True)

#: The even functions that appear, and those whose means are taken.
FUNCTIONS: Mapping[str, Expression] = {
    "t^2": _WAVE**2,
    "u t t'": U * _WAVE * _SLOPE,
    "t'": _SLOPE,
    "t' - u t t'": _SLOPE - U * _WAVE * _SLOPE,
    "(t t')'": sympy.diff(_WAVE * _SLOPE, U),
}
_THIRD = sympy.Rational(1, 3)
#: Below and above each of them, for every ``u``: polynomials in ``w = u^2``.
BOUNDS: Mapping[str, tuple[Expression, Expression]] = {
    "t^2": (W - 2 * _THIRD * W**2, W),
    "u t t'": (W - 4 * _THIRD * W**2, W),
    "t'": (1 - W, sympy.Integer(1)),
    "t' - u t t'": (1 - 2 * W, sympy.Integer(1)),
    "(t t')'": (-_THIRD, sympy.Integer(1)),
}


def mean(polynomial: Expression, *, spread: bool = False) -> Expression:
    """Mean of a polynomial in ``w = u^2`` over ``u = z + s``, or ``u = z + l s``.

    Parameters
    ----------
    polynomial : Expr
        In ``w``, of degree at most two.
    spread : bool
        Whether ``l`` is uniform in ``[-1, 1]`` instead of 1.

    Examples
    --------
    >>> mean(W), mean(W, spread=True)
    (q + s2, q + s2/3)
    """
    first, second = (_THIRD, sympy.Rational(1, 5)) if spread else (1, 1)
    moments = (1, Q + first * S2, 3 * Q**2 + 6 * first * Q * S2 + second * S2**2)
    coefficients = sympy.Poly(polynomial, W).all_coeffs()[::-1]
    return sympy.expand(sum(a * b for a, b in zip(coefficients, moments, strict=False)))


def _bound(name: str, side: Side, *, spread: bool = False) -> Expression:
    return mean(BOUNDS[name][side == "upper"], spread=spread)


def _other(side: Side) -> Side:
    return "lower" if side == "upper" else "upper"


def pace(side: Side) -> Expression:
    """Bound of ``-q'``: of ``-4 s^2 E_l[t' - u t t'] + 2 q E[t^2 + u t t']``.

    Examples
    --------
    >>> pace("upper")
    4*q**2 + 12*q*s2 + 8*s2**2/3 - 4*s2
    """
    turned = _bound("t' - u t t'", _other(side), spread=True)
    return sympy.expand(-4 * S2 * turned + 2 * Q * (_bound("t^2", side) + _bound("u t t'", side)))


def excess(side: Side) -> Expression:
    """Bound of ``L - |c|^2``: of ``-2 s^2 E_l[t'] + q E[t^2]``.

    Examples
    --------
    >>> excess("upper")
    q**2 + 3*q*s2 + 2*s2**2/3 - 2*s2
    """
    slope = _bound("t'", _other(side), spread=True)
    return sympy.expand(-2 * S2 * slope + Q * _bound("t^2", side))


def turn(side: Side) -> Expression:
    """Bound of ``-(|c|^2)' - 2 |c|^2``: of ``-2 s^2 (E_l[t'] + E[t'] - q E_l[(t t')'])``.

    Examples
    --------
    >>> turn("lower")
    -2*q*s2/3 - 4*s2
    """
    other = _other(side)
    slopes = _bound("t'", other, spread=True) + _bound("t'", other)
    return sympy.expand(-2 * S2 * (slopes - Q * _bound("(t t')'", side, spread=True)))


def _dot(left: tuple[Expression, ...], right: tuple[Expression, ...]) -> Expression:
    return sum(a * b for a, b in zip(left, right, strict=True))


def _means() -> tuple[tuple[Expression, ...], ...]:
    return tuple(
        tuple(a + sign * b for a, b in zip(_CENTRE, _HALF, strict=True)) for sign in (-1, 1)
    )


def _gram(expression: Expression) -> Expression:
    """``c.y``, ``|y|^2`` and ``|c|^2`` in coordinates."""
    products = {S: _dot(_CENTRE, _HALF), Q: _dot(_HALF, _HALF), C2: _dot(_CENTRE, _CENTRE)}
    return expression.subs(products)


def _square(share: Expression, factor: Expression) -> Expression:
    """``|m|^2`` where ``psi_2 - psi_1`` is ``share``, at ``factor`` times y."""
    return C2 + 2 * factor * S * share + factor**2 * Q * share**2


def _loss_steps() -> list[DerivationStep]:
    share = sympy.Symbol("t")
    first, second = _means()

    def exponent(place: tuple[Expression, ...]) -> Expression:
        return _dot(_POINT, place) - _dot(place, place) / 2

    def integrand() -> Expression:
        inputs = {
            "psi": lambda index: ((1 - share) / 2, (1 + share) / 2)[index[0]],
            "v": lambda index: (first, second)[index[0]][index[1]],
        }
        program = lower_objective(FORWARD, "loss")
        return run(program, {"j": 2, "a": _DIMENSION}, inputs, sympy.Integer(0))[()]

    return [
        identity_step(
            "log(psi_2/psi_1) at the means c - y, c + y (d = 3; all coordinates are alike)",
            ("x.(v_2 - v_1) - (|v_2|^2 - |v_1|^2)/2", "2 (x.y - c.y)"),
            lambda: exponent(second) - exponent(first),
            lambda: 2 * (_dot(_POINT, _HALF) - _dot(_CENTRE, _HALF)),
        ),
        identity_step(
            "so psi_2 - psi_1 = tanh(u) with u = x.y - s",
            ("(e^{2u} - 1)/(e^{2u} + 1)", "tanh u"),
            lambda: (sympy.exp(2 * U) - 1) / (sympy.exp(2 * U) + 1),
            lambda: _WAVE,
            simplify=lambda rest: sympy.simplify(rest.rewrite(sympy.exp)),
        ),
        identity_step(
            "the loss's integrand, psi_2 - psi_1 = t (d = 3; all coordinates are alike)",
            ("|psi_1 v_1 + psi_2 v_2|^2", "|c|^2 + 2 s t + q t^2"),
            integrand,
            lambda: _gram(_square(share, sympy.Integer(1))),
        ),
    ]


def _flow_steps() -> list[DerivationStep]:
    near, far = sympy.symbols("g_1 g_2")
    scaled = sympy.tanh(FACTOR * U)
    moved = sympy.tanh(Z - FACTOR * S)

    def at_one(expression: Expression) -> Expression:
        return sympy.diff(expression, FACTOR).subs(FACTOR, 1).doit()

    return [
        identity_step(
            "along v_j' = -grad_j: with dL/dy = grad_2 - grad_1, dL/dc = grad_1 + grad_2 the flow "
            "is y' = -(1/2) dL/dy, c' = -(1/2) dL/dc, so q' = -y.dL/dy, (|c|^2)' = -c.dL/dc",
            ("((v_2' - v_1')/2, (v_1' + v_2')/2)", "-(dL/dy, dL/dc)/2"),
            lambda: sympy.Matrix([(-far + near) / 2, (-near - far) / 2]),
            lambda: -sympy.Matrix([far - near, near + far]) / 2,
            simplify=sympy.simplify,
        ),
        identity_step(
            "y.dL/dy: y, hence u and s, are scaled; derivative at 1",
            ("d/dl (|c|^2 + 2 l s tanh(l u) + l^2 q tanh(l u)^2)", "2 (s + q t)(t + u t')"),
            lambda: at_one(_square(scaled, FACTOR)),
            lambda: 2 * (S + Q * _WAVE) * (_WAVE + U * _SLOPE),
            kind="differentiation",
            simplify=sympy.simplify,
        ),
        identity_step(
            "c.dL/dc: c, hence s, is scaled at fixed z = x.y; derivative at 1",
            (
                "d/dl (l^2 |c|^2 + 2 l s tanh(z - l s) + q tanh(z - l s)^2)",
                "2 |c|^2 + 2 s (t - s t' - q t t')",
            ),
            lambda: at_one(FACTOR**2 * C2 + 2 * FACTOR * S * moved + Q * moved**2),
            lambda: (2 * C2 + 2 * S * (_WAVE - S * _SLOPE - Q * _WAVE * _SLOPE)).subs(U, Z - S),
            kind="differentiation",
            simplify=sympy.simplify,
        ),
    ]


def _mean_steps() -> list[DerivationStep]:
    odd = sympy.Function("f")
    density = sympy.exp(-(Z**2) / 2) / sympy.sqrt(2 * sympy.pi)

    def moment(power: int, place: Expression) -> Expression:
        at_node = sympy.Poly((sympy.sqrt(Q) * Z + place) ** power, Z)
        line = (Z, -sympy.oo, sympy.oo)
        return sum(
            coefficient * sympy.integrate(Z**degree * density, line)
            for (degree,), coefficient in at_node.terms()
        )

    def moments(place: Expression, spread: bool) -> Expression:
        found = [moment(power, place) for power in (2, 4)]
        if spread:
            found = [sympy.integrate(entry, (PLACE, -1, 1)) / 2 for entry in found]
        return sympy.Matrix(found)

    def stated(spread: bool) -> Expression:
        return sympy.Matrix([mean(W**k, spread=spread).subs(S2, S**2) for k in (1, 2)])

    return [
        identity_step(
            "E f(z - s) for an odd f: half of f(z - s) - f(z + s), z and -z being alike",
            ("f(z + s) - f(z - s)", "int_{-s}^s f'(z + m) dm"),
            lambda: odd(Z + S) - odd(Z - S),
            lambda: sympy.integrate(sympy.diff(odd(PLACE), PLACE), (PLACE, Z - S, Z + S)),
            kind="differentiation",
        ),
        identity_step(
            "derivatives of the odd functions: f = t + u t', t, t t'",
            ("(f')", "2 (t' - u t t'), t', 1 - 4 t^2 + 3 t^4"),
            lambda: sympy.Matrix(
                [sympy.diff(f, U) for f in (_WAVE + U * _SLOPE, _WAVE, _WAVE * _SLOPE)]
            ),
            lambda: sympy.Matrix(
                [2 * FUNCTIONS["t' - u t t'"], _SLOPE, 1 - 4 * _WAVE**2 + 3 * _WAVE**4]
            ),
            kind="differentiation",
            simplify=sympy.simplify,
        ),
        *(
            identity_step(
                f"moments 2 and 4 of {text}, z of variance q",
                ("E u^2, E u^4", str(tuple(mean(W**k, spread=spread) for k in (1, 2)))),
                partial(moments, place, spread),
                partial(stated, spread),
                simplify=sympy.simplify,
            )
            for text, place, spread in (
                ("z + s", S, False),
                ("z + l s, l uniform in [-1, 1]", PLACE * S, True),
            )
        ),
    ]


def _bound_steps() -> list[DerivationStep]:
    wave = sympy.Symbol("t", real=True)
    polynomial = 1 - 4 * wave**2 + 3 * wave**4

    def integral(of: Expression) -> Expression:
        return sympy.integrate(of.subs(U, PLACE), (PLACE, 0, U))

    def lower(name: str) -> Expression:
        return BOUNDS[name][0].subs(W, U**2)

    return [
        identity_step(
            "t^2 <= u^2, since 0 < t' <= 1 and t(0) = 0; so t' = 1 - t^2 >= 1 - u^2, and "
            "0 <= u t t' <= u^2; t' - u t t' <= 1",
            ("1 - t'", "t^2"),
            lambda: 1 - sympy.diff(_WAVE, U),
            lambda: _WAVE**2,
            kind="differentiation",
        ),
        identity_step(
            "(t t')' = 1 - 4 t^2 + 3 t^4 >= 1 - 4 u^2, integrated from 0 and times u: below u t t'",
            ("u int_0^u (1 - 4 w^2) dw", str(BOUNDS["u t t'"][0]) + " at w = u^2"),
            lambda: U * integral(1 - 4 * U**2),
            lambda: lower("u t t'"),
        ),
        identity_step(
            "integrated again, t^2 being the integral of 2 t t': below t^2",
            ("2 int_0^u (w - (4/3) w^3) dw", str(BOUNDS["t^2"][0]) + " at w = u^2"),
            lambda: 2 * integral(sympy.expand(lower("u t t'") / U)),
            lambda: lower("t^2"),
        ),
        identity_step(
            "below t' - u t t', from t' >= 1 - u^2 and u t t' <= u^2",
            ("(1 - u^2) - u^2", str(BOUNDS["t' - u t t'"][0]) + " at w = u^2"),
            lambda: lower("t'") - BOUNDS["u t t'"][1].subs(W, U**2),
            lambda: lower("t' - u t t'"),
        ),
        identity_step(
            "below (t t')': a square is left over; above, 4 t^2 - 3 t^4 = t^2 (1 + 3 (1 - t^2))",
            ("1 - 4 t^2 + 3 t^4 - (-1/3)", "3 (t^2 - 2/3)^2"),
            lambda: polynomial - BOUNDS["(t t')'"][0],
            lambda: 3 * (wave**2 - sympy.Rational(2, 3)) ** 2,
        ),
    ]


def _assembly_steps() -> list[DerivationStep]:
    stated: tuple[tuple[str, Callable[[Side], Expression], Expression, Expression], ...] = (
        (
            "-q'",
            pace,
            4 * Q**2 - 12 * Q**3 - 4 * S2 + 4 * Q * S2 - 24 * Q**2 * S2 - 4 * Q * S2**2,
            4 * Q**2 - 4 * S2 + 12 * Q * S2 + sympy.Rational(8, 3) * S2**2,
        ),
        (
            "L - |c|^2",
            excess,
            Q**2 - 2 * Q**3 - 2 * S2 + Q * S2 - 4 * Q**2 * S2 - 2 * _THIRD * Q * S2**2,
            Q**2 - 2 * S2 + 3 * Q * S2 + 2 * _THIRD * S2**2,
        ),
    )
    return [
        *(
            identity_step(
                f"{'above' if side == 'upper' else 'below'} {text}, s2 = s^2: the means put in",
                (f"{side} bound of {text}", str(polynomial)),
                partial(build, side),
                partial(sympy.sympify, polynomial),
            )
            for text, build, *both in stated
            for side, polynomial in zip(_SIDES, both, strict=True)
        ),
        identity_step(
            "below -(|c|^2)' - 2 |c|^2: both t' at most 1, (t t')' at least -1/3",
            ("lower bound of -(|c|^2)' - 2 |c|^2", "-(4 + 2 q/3) s2"),
            lambda: turn("lower"),
            lambda: -(4 + 2 * _THIRD * Q) * S2,
        ),
    ]


def end_game_pair() -> Derivation:
    """Loss and flow of two equal components, bounded by polynomials near the truth.

    Examples
    --------
    >>> derivation = end_game_pair()
    >>> len(derivation.steps), bool(derivation.verify())
    (20, True)
    """
    steps = (
        *_loss_steps(),
        *_flow_steps(),
        *_mean_steps(),
        *_bound_steps(),
        *_assembly_steps(),
    )
    return Derivation(
        "end-game-pair",
        "The end game of two equal components, with remainders",
        "v = c -+ y, s = c.y, q = |y|^2, along the gradient flow, for all means: 4q^2 - 12q^3 - "
        "4s^2 + 4qs^2 - 24q^2s^2 - 4qs^4 <= -q' <= 4q^2 - 4s^2 + 12qs^2 + 8s^4/3; q^2 - 2q^3 - "
        "2s^2 + qs^2 - 4q^2s^2 - 2qs^4/3 <= L - |c|^2 <= q^2 - 2s^2 + 3qs^2 + 2s^4/3; -(|c|^2)' "
        ">= 2|c|^2 - (4 + 2q/3)s^2",
        ("uniform weights", "single Gaussian teacher at the origin", "gradient flow"),
        Scope("n = 2, all d"),
        steps,
        "derived here",
        r"-q' = 4q^2 - 4s^2 + O(q^3 + qs^2),\quad L = |c|^2 + q^2 - 2s^2 + O(q^3 + qs^2)",
    )
