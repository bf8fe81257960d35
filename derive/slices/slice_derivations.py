"""Equation (C) and its relatives: the scalar stationary conditions on slices, step by step.

The left sides come from the lowered gradient of the objective; SymPy checks each step as a rational
function of ``E = exp(a y/2)``, independently of the decision procedure in
`derive.algebra.exponentials`, which the last steps call as a second route.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy

from derive.algebra.run_program import run
from derive.losses.lowering import lower_objective
from derive.losses.objectives import FORWARD, Objective
from derive.slices.slices import RadialForm, Slice, SliceError, SliceReduction, reduce_slice
from derive.steps.derivation import Derivation, DerivationStep, Scope, identity_step

Expression = Any

A = sympy.Symbol("a", positive=True)
Y, X = sympy.symbols("y x", real=True)
M, C = sympy.symbols("m C", real=True)
_SHARES = sympy.symbols("psi1:4", real=True)
_E = sympy.Symbol("E", positive=True)
_K = sympy.Symbol("k", positive=True)


def gradients(objective: Objective, places: tuple[Expression, ...]) -> list[Expression]:
    """Lowered gradient integrands in one dimension at the given means, responsibilities free.

    Examples
    --------
    >>> from derive.losses.objectives import KL
    >>> gradients(KL, (sympy.Integer(0), A))
    [a*psi1*psi2, a*psi2**2]
    """
    inputs = {"psi": lambda index: _SHARES[index[0]], "v": lambda index: places[index[0]]}
    sizes = {"j": len(places), "a": 1}
    table = run(lower_objective(objective, "gradient"), sizes, inputs, sympy.Integer(0))
    return [table[i, 0] for i in range(len(places))]


def _posterior(places: tuple[Expression, ...]) -> dict[Expression, Expression]:
    """``m`` and ``C`` in the responsibilities."""
    pairs = list(zip(_SHARES, places, strict=False))
    score = sum(share * place for share, place in pairs)
    second = sum(share * place**2 for share, place in pairs)
    return {M: score, C: second - score**2}


def reduced(expression: Expression) -> Expression:
    """Cancel a rational function of ``E = exp(a y/2)``, ``k = exp(-a^2/2)`` and ``a``.

    Examples
    --------
    >>> reduced(sympy.sech(A * Y / 2) - 2 / (sympy.exp(A * Y / 2) + sympy.exp(-A * Y / 2)))
    0
    """
    unhyped = sympy.sympify(expression).rewrite(sympy.exp)
    powers = unhyped.replace(sympy.exp, lambda argument: _power(sympy.expand(argument)))
    return sympy.cancel(sympy.together(powers))


def _power(argument: Expression) -> Expression:
    rate = argument.coeff(Y, 1) / (A / 2)
    rest = (argument - rate * A * Y / 2) / (-(A**2) / 2)
    if not (rate.is_Integer and sympy.simplify(rest).is_Integer):
        raise ValueError(f"exp({argument}) is no power of exp(a y/2) and exp(-a^2/2)")
    return _E**rate * _K ** sympy.simplify(rest)


def even(expression: Expression) -> Expression:
    """Part even in ``y``."""
    return (expression + expression.subs(Y, -Y)) / 2


def _term(place: Expression) -> Expression:
    return sympy.exp(X * place - place**2 / 2)


def _pair_shares() -> dict[Expression, Expression]:
    rise = sympy.exp(A * Y)
    return {_SHARES[0]: 1 / (1 + rise), _SHARES[1]: rise / (1 + rise)}


def equation_c() -> Expression:
    """The integrand of (C): what is averaged over ``y``, without ``e^{-a^2/8}``.

    Examples
    --------
    >>> equation_c().subs(Y, 0)
    a*(1 - a**2/4)/2
    """
    return A / 2 * sympy.sech(A * Y / 2) * (1 - A**2 / 4 * sympy.sech(A * Y / 2) ** 2)


def _pair_steps(objective: Objective) -> tuple[DerivationStep, ...]:
    places = (sympy.Integer(0), A)
    weight = sympy.exp(-A * Y / 2)
    target = equation_c()
    stein = (
        2 * _SHARES[0] * ((1 + M * M) * M - 2 * C * M),
        2 * _SHARES[1] * ((1 - (A - M) * M) * M + C * (A - 2 * M)),
    )

    def component(index: int) -> Expression:
        return gradients(objective, places)[index]

    def on_slice(index: int) -> Expression:
        return component(index).subs(_pair_shares())

    return (
        identity_step(
            "responsibilities at x = y + a/2 (the midpoint of the means)",
            ("psi_2(y + a/2)", "e^{ay}/(1 + e^{ay})"),
            lambda: (_term(A) / (1 + _term(A))).subs(X, Y + A / 2),
            lambda: _pair_shares()[_SHARES[1]],
            kind="substitution",
            latex=(r"\psi_2(y + a/2)", r"e^{ay}/(1 + e^{ay})"),
            simplify=reduced,
        ),
        *(
            identity_step(
                f"lowered gradient integrand of component {index + 1} at the means 0, a",
                (f"G_{index + 1}", str(stein[index])),
                lambda index=index: component(index),  # type: ignore[misc]
                lambda index=index: stein[index].subs(_posterior(places)),  # type: ignore[misc]
                kind="Stein identity",
                latex=(f"G_{index + 1}", sympy.latex(stein[index])),
                simplify=lambda rest: sympy.expand(rest.subs(_SHARES[0], 1 - _SHARES[1])),
            )
            for index in range(2)
        ),
        identity_step(
            "the Gaussian moves with x = y + a/2: exponent of N(y + a/2)/N(y)",
            ("y^2/2 - (y + a/2)^2/2", "-a y/2 - a^2/8"),
            lambda: Y**2 / 2 - (Y + A / 2) ** 2 / 2,
            lambda: -A * Y / 2 - A**2 / 8,
            kind="substitution",
        ),
        identity_step(
            "e^{-ay/2}(G_1 - G_2) is odd in y, hence E G_1 = E G_2 = g(a)",
            ("even part of e^{-ay/2}(G_1 - G_2)", "0"),
            lambda: even(weight * (on_slice(0) - on_slice(1))),
            lambda: sympy.Integer(0),
            simplify=reduced,
        ),
        identity_step(
            "the even part of e^{-ay/2} G_1; with the factor e^{-a^2/8} its expectation is (C)",
            ("even part of e^{-ay/2} G_1", str(target)),
            lambda: even(weight * on_slice(0)),
            lambda: target,
            latex=(r"\tfrac12\sum_{\pm} e^{\mp ay/2} G_1(\pm y)", sympy.latex(target)),
            simplify=reduced,
        ),
        _line_step(objective, places),
        _ratio_step(objective, "0,a", (Fraction(1), Fraction(1))),
        _speed_step(objective, "0,a", Fraction(1)),
    )


def _attempt(objective: Objective, text: str) -> SliceReduction | None:
    """Return the reduction of a slice, ``None`` when it is refused (then a step does not hold)."""
    try:
        return reduce_slice(objective, Slice.parse(text))
    except SliceError:
        return None


def _ratio_step(objective: Objective, text: str, expected: tuple[Fraction, ...]) -> DerivationStep:
    """Second route: the decision procedure finds the same multiples."""

    def check() -> bool:
        reduction = _attempt(objective, text)
        return reduction is not None and reduction.ratios == expected

    shown = ", ".join(str(ratio) for ratio in expected)
    return DerivationStep(
        "second route: exact comparison of the exponential polynomials of all components",
        f"(grad_1, ..., grad_{len(expected)}) on ({text}) u",
        f"({shown}) g(a) u",
        "symbolic identity",
        check,
    )


def _line_step(objective: Objective, places: tuple[Expression, ...]) -> DerivationStep:
    """All vectors of the gradient lie along u, pointwise in x."""

    def check() -> bool:
        inputs = {
            "psi": lambda index: _SHARES[index[0]],
            "v": lambda index: places[index[0]] if index[1] == 0 else sympy.Integer(0),
        }
        sizes = {"j": len(places), "a": 2}
        table = run(lower_objective(objective, "gradient"), sizes, inputs, sympy.Integer(0))
        return all(sympy.expand(table[i, 1]) == 0 for i in range(len(places)))

    return DerivationStep(
        "lowered gradient integrand in a direction e perpendicular to u, pointwise",
        "G_i . e",
        "0",
        "symbolic identity",
        check,
    )


def _speed_step(objective: Objective, text: str, multiple: Fraction) -> DerivationStep:
    """Chain rule along the slice: ``dL/da = sum beta_i ratio_i g(a)``."""

    def check() -> bool:
        reduction = _attempt(objective, text)
        if reduction is None:
            return False
        pairs = zip(reduction.slice.components, reduction.ratios, strict=True)
        return sum((form[1] * ratio for form, ratio in pairs), Fraction(0)) == multiple

    factor = "" if multiple == 1 else f"{multiple} "
    return DerivationStep(
        "chain rule along the slice, v_i = beta_i a u",
        "dL/da = sum_i beta_i (grad_i . u)",
        f"{factor}g(a)",
        "differentiation",
        check,
    )


def slice_zero_a(objective: Objective = FORWARD) -> Derivation:
    """Equation (C), from the lowered gradient.

    Examples
    --------
    >>> derivation = slice_zero_a()
    >>> len(derivation.steps), bool(derivation.verify())
    (9, True)
    """
    return Derivation(
        "slice-0-a",
        "Equation (C): the slice (0, a u) of the forward loss",
        "on v = (0, a u), |u| = 1: grad_1 L = grad_2 L = g(a) u, g(a) = dL/da = (a/2) e^{-a^2/8} "
        "E_{y~N(0,1)}[ sech(ay/2) (1 - (a^2/4) sech^2(ay/2)) ]",
        ("uniform weights", "single Gaussian teacher at the origin"),
        Scope("n = 2, all d"),
        _pair_steps(objective),
        "derived here",
        r"g(a) = \frac a2 e^{-a^2/8}\, E\left[\operatorname{sech}\tfrac{ay}2 \left(1 - "
        r"\tfrac{a^2}4 \operatorname{sech}^2\tfrac{ay}2\right)\right]",
    )


def _triple_shares() -> dict[Expression, Expression]:
    small = sympy.exp(-(A**2) / 2)
    rise, fall = small * sympy.exp(A * Y), small * sympy.exp(-A * Y)
    total = 1 + rise + fall
    return {_SHARES[0]: 1 / total, _SHARES[1]: rise / total, _SHARES[2]: fall / total}


def _triple_steps(objective: Objective) -> tuple[DerivationStep, ...]:
    places = (sympy.Integer(0), A, -A)
    target = (M**2 - 2 * C * M**2 + C**2) / A
    score = 2 * A * sympy.sinh(A * Y) / (2 * sympy.cosh(A * Y) + sympy.exp(A**2 / 2))
    spread = 2 * A**2 * sympy.cosh(A * Y) / (2 * sympy.cosh(A * Y) + sympy.exp(A**2 / 2))

    def on_slice(expression: Expression) -> Expression:
        return expression.subs(_triple_shares())

    def component(index: int) -> Expression:
        return on_slice(gradients(objective, places)[index])

    def posterior(symbol: Expression) -> Expression:
        return on_slice(_posterior(places)[symbol])

    total = _term(sympy.Integer(0)) + _term(A) + _term(-A)
    return (
        identity_step(
            "responsibility of the component at a",
            ("psi_2", "e^{ay - a^2/2}/(1 + e^{ay - a^2/2} + e^{-ay - a^2/2})"),
            lambda: (_term(A) / total).subs(X, Y),
            lambda: _triple_shares()[_SHARES[1]],
            kind="substitution",
            simplify=reduced,
        ),
        identity_step(
            "score error",
            ("m", str(score)),
            lambda: posterior(M),
            lambda: score,
            latex=("m", sympy.latex(score)),
            simplify=reduced,
        ),
        identity_step(
            "posterior variance",
            ("C", f"{spread} - m^2"),
            lambda: posterior(C) + posterior(M) ** 2,
            lambda: spread,
            latex=("C + m^2", sympy.latex(spread)),
            simplify=reduced,
        ),
        identity_step(
            "the component at 0: its integrand is odd in y",
            ("even part of G_1", "0"),
            lambda: even(component(0)),
            lambda: sympy.Integer(0),
            simplify=reduced,
        ),
        identity_step(
            "the components at a and -a: opposite gradients",
            ("even part of G_2 + G_3", "0"),
            lambda: even(component(1) + component(2)),
            lambda: sympy.Integer(0),
            simplify=reduced,
        ),
        identity_step(
            "even part of G_2, whose expectation is g(a)",
            ("even part of G_2", "(m^2 - 2 C m^2 + C^2)/a"),
            lambda: even(component(1)),
            lambda: target.subs({M: posterior(M), C: posterior(C)}),
            latex=(r"\tfrac12\sum_{\pm} G_2(\pm y)", sympy.latex(target)),
            simplify=reduced,
        ),
        _line_step(objective, places),
        _ratio_step(objective, "0,a,-a", (Fraction(0), Fraction(1), Fraction(-1))),
        _speed_step(objective, "0,a,-a", Fraction(2)),
    )


def slice_zero_a_minus_a(objective: Objective = FORWARD) -> Derivation:
    """The scalar stationary condition on ``(0, a u, -a u)``.

    Examples
    --------
    >>> slice_zero_a_minus_a().name
    'slice-0-a-minus-a'
    """
    return Derivation(
        "slice-0-a-minus-a",
        "The slice (0, a u, -a u) of the forward loss",
        "on v = (0, a u, -a u), |u| = 1: grad_1 L = 0, grad_2 L = -grad_3 L = g(a) u with a g(a) = "
        "E_{y~N(0,1)}[ m^2 - 2 C m^2 + C^2 ], m = 2a sinh(ay)/(2 cosh(ay) + e^{a^2/2}), "
        "C = 2a^2 cosh(ay)/(2 cosh(ay) + e^{a^2/2}) - m^2; stationary iff g(a) = 0",
        ("uniform weights", "single Gaussian teacher at the origin"),
        Scope("n = 3; d = 1, and any d since all vectors lie along u"),
        _triple_steps(objective),
        "derived here",
        r"a\,g(a) = E\left[m^2 - 2 C m^2 + C^2\right]",
    )


def _radial_step(objective: Objective, text: str, expected: RadialForm) -> DerivationStep:
    def check() -> bool:
        reduction = _attempt(objective, text)
        return reduction is not None and reduction.radial == expected

    return DerivationStep(
        f"{objective.name} loss on ({text}) u, exact comparison of exponential polynomials",
        "a sum_i beta_i G_i",
        f"{expected.first} m^2 + ({expected.mixed}) m^2 C + {expected.second} C^2",
        "symbolic identity",
        check,
    )


def truth_isolated(objective: Objective = FORWARD) -> Derivation:
    """No other stationary point near the truth on a slice through it.

    Examples
    --------
    >>> truth_isolated().scope.text
    'instances (0, a) and (0, a, -a), d = 1'
    """
    form = RadialForm(Fraction(2), Fraction(-4), Fraction(2))
    level, spread = sympy.Symbol("t", positive=True), sympy.Symbol("D", positive=True)
    places = sympy.symbols("v1:4")
    return Derivation(
        "slice-truth-isolated",
        "On a slice through the truth, no other stationary point has spread at most sqrt(2)",
        "a sum_i beta_i grad_i L = 2 E[ m^2 (1 - 2C) + C^2 ] and 0 <= C <= D^2/4, so it is "
        "positive for 0 < D^2 < 2",
        ("single Gaussian teacher at the origin",),
        Scope("instances (0, a) and (0, a, -a), d = 1"),
        (
            _radial_step(objective, "0,a", form),
            _radial_step(objective, "0,a,-a", form),
            identity_step(
                "Popoviciu: for means in [l, l + D], (v - l)(l + D - v) >= 0 gives C <= "
                "(m - l)(l + D - m) <= D^2/4; the posterior average of the left side",
                ("E_psi[(v - l)(l + D - v)]", "(m - l)(l + D - m) - C"),
                lambda: _average(lambda v: (v - level) * (level + spread - v), places),
                lambda: ((M - level) * (level + spread - M) - C).subs(_posterior(places)),
                simplify=lambda rest: sympy.expand(rest.subs(_SHARES[0], 1 - sum(_SHARES[1:]))),
            ),
            identity_step(
                "a product of two numbers with sum D is at most D^2/4",
                ("D^2/4 - t (D - t)", "(D/2 - t)^2"),
                lambda: spread**2 / 4 - level * (spread - level),
                lambda: (spread / 2 - level) ** 2,
            ),
        ),
        "derived here (the third bound of Lemma S, on a slice)",
        r"a \sum_i \beta_i\, \partial_i L = 2 E[m^2(1 - 2C) + C^2] > 0",
    )


def _average(function: Callable[[Expression], Expression], places: Any) -> Expression:
    pairs = zip(_SHARES, places, strict=True)
    return sum(share * function(place) for share, place in pairs)
