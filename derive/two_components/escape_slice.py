r"""The escape of one of two components: loss and slope on the slice ``(0, a u)`` for large ``a``.

With ``u = a y/2``, ``eps = 2/a^2`` and ``S = int sech(u) e^{-eps u^2} du``, ``T`` the same with a
factor ``u^2``, loss and slope are exact multiples of ``S`` and ``T``; the moments of ``sech``,
alternating remainders of the exponential and Chebyshev's covariance inequality turn that into
bounds that hold for every ``a``.
"""

from __future__ import annotations

from typing import Any

import sympy

from derive.algebra.run_program import run
from derive.losses.lowering import lower_objective
from derive.losses.objectives import FORWARD, Objective
from derive.slices.slice_derivations import _SHARES, A, Y, _pair_shares, even, gradients, reduced
from derive.steps.derivation import Derivation, DerivationStep, Scope, identity_step

Expression = Any

U = sympy.Symbol("u", real=True)
W = sympy.Symbol("w", real=True)
EPS = sympy.Symbol("eps", positive=True)
K = sympy.Symbol("k", real=True)
#: ``int sech(u) e^{-eps u^2} du`` and the same with ``u^2 sech``.
S, T = sympy.symbols("S T", positive=True)
_POINT, _WEIGHT_U, _WEIGHT_W = sympy.symbols("x omega_u omega_w", positive=True)


def moment(power: int) -> Expression:
    """``int u^power sech(u) du``, from the Fourier transform ``pi sech(pi k/2)``.

    Examples
    --------
    >>> [moment(power) for power in (0, 1, 2, 4)]
    [pi, 0, pi**3/4, 5*pi**5/16]
    """
    transform = sympy.pi * sympy.sech(sympy.pi * K / 2)
    derivative = sympy.diff(transform, K, power).subs(K, 0)
    return sympy.simplify(derivative / sympy.I**power)


def loss_ratio(terms: int) -> Expression:
    r"""``sum_{k<terms}`` of the expansion of ``L / (sqrt(pi/8) a e^{-a^2/8})`` in ``1/a^2``.

    An even number of terms is a lower bound for every ``a > 0``, an odd one an upper bound.

    Examples
    --------
    >>> loss_ratio(2), loss_ratio(3) - loss_ratio(2)
    (1 - pi**2/(2*a**2), 5*pi**4/(8*a**4))
    """
    eps = 2 / A**2
    return sympy.expand(
        sum((-eps) ** k / sympy.factorial(k) * moment(2 * k) / moment(0) for k in range(terms))
    )


def slope_ratio(second_moment: Expression) -> Expression:
    """``-L' / ((a/4) L)`` when ``T/S`` is ``second_moment``: decreasing in it.

    Examples
    --------
    >>> slope_ratio(0), slope_ratio(sympy.pi**2 / 4)
    (1 - 4/a**2, 1 - 4/a**2 - 4*pi**2/a**4)
    """
    return sympy.expand(1 - 4 / A**2 - 16 / A**4 * second_moment)


def leading() -> Expression:
    """The leading term ``sqrt(pi/8) a e^{-a^2/8}`` of the loss: ``S`` replaced by ``pi``.

    Examples
    --------
    >>> leading()
    sqrt(2)*sqrt(pi)*a*exp(-a**2/8)/4
    """
    return sympy.simplify(loss_of(moment(0)))


def loss_of(integral: Expression) -> Expression:
    """``L`` when ``S`` is ``integral``."""
    return A / 2 * sympy.exp(-(A**2) / 8) / sympy.sqrt(2 * sympy.pi) * integral


def _loss_steps(objective: Objective) -> list[DerivationStep]:
    places = (sympy.Integer(0), A)

    def integrand() -> Expression:
        inputs = {"psi": lambda index: _SHARES[index[0]], "v": lambda index: places[index[0]]}
        program = lower_objective(objective, "loss")
        table = run(program, {"j": 2, "a": 1}, inputs, sympy.Integer(0))
        return table[()].subs(_pair_shares())

    def slope() -> Expression:
        return even(sympy.exp(-A * Y / 2) * gradients(objective, places)[1].subs(_pair_shares()))

    wave = sympy.sech(A * Y / 2)
    return [
        identity_step(
            "the loss at the means 0, a: even part of e^{-ay/2} times its integrand at x = y + a/2",
            ("even part of e^{-ay/2} m^2", "(a^2/4) sech(ay/2)"),
            lambda: even(sympy.exp(-A * Y / 2) * integrand()),
            lambda: A**2 / 4 * wave,
            latex=(r"\tfrac12\sum_\pm e^{\mp ay/2} m^2", r"\tfrac{a^2}4\,\mathrm{sech}\tfrac{ay}2"),
            simplify=reduced,
        ),
        identity_step(
            "its slope, dL/da = grad_2 (equation (C)): even part of e^{-ay/2} G_2",
            ("even part of e^{-ay/2} G_2", "(a/2) (sech(ay/2) - (a^2/4) sech^3(ay/2))"),
            slope,
            lambda: A / 2 * (wave - A**2 / 4 * wave**3),
            simplify=reduced,
        ),
        identity_step(
            "u = ay/2: y^2/2 = eps u^2 with eps = 2/a^2, and dy = (2/a) du; so L = (a/2) "
            "(2 pi)^{-1/2} e^{-a^2/8} S",
            ("(a^2/4) e^{-a^2/8} (2 pi)^{-1/2} (2/a) S", "(a/2) (2 pi)^{-1/2} e^{-a^2/8} S"),
            lambda: A**2 / 4 * sympy.exp(-(A**2) / 8) / sympy.sqrt(2 * sympy.pi) * 2 / A * S,
            lambda: loss_of(S),
            kind="substitution",
        ),
    ]


def _slope_steps() -> list[DerivationStep]:
    wave, decay = sympy.sech(U), sympy.exp(-EPS * U**2)
    boundary = wave * sympy.diff(decay, U) - sympy.diff(wave, U) * decay
    cube = ((1 + 2 * EPS) * S - 4 * EPS**2 * T) / 2
    return [
        identity_step(
            "an exact derivative, whose integral vanishes: 2 S3 = (1 + 2 eps) S - 4 eps^2 T",
            (
                "d/du [sech (e^{-eps u^2})' - sech' e^{-eps u^2}]",
                "(2 sech^3 - (1 + 2 eps - 4 eps^2 u^2) sech) e^{-eps u^2}",
            ),
            lambda: sympy.diff(boundary, U),
            lambda: (2 * wave**3 - (1 + 2 * EPS - 4 * EPS**2 * U**2) * wave) * decay,
            kind="differentiation",
            simplify=lambda rest: sympy.simplify(sympy.expand(rest.rewrite(sympy.exp))),
        ),
        identity_step(
            "so -L' = (a/4) L (1 - 4/a^2 - (16/a^4) T/S), exactly",
            ("-(a/2)(S - (a^2/4) S3)", "(a^2/4)(a/4) S (1 - 4/a^2 - (16/a^4) T/S)"),
            lambda: -A / 2 * (S - A**2 / 4 * cube.subs(EPS, 2 / A**2)),
            lambda: A**2 / 4 * (A / 4) * S * slope_ratio(T / S),
            latex=(
                r"-\tfrac a2 (S - \tfrac{a^2}4 S_3)",
                r"\tfrac{a^3}{16} S \left(1 - \tfrac4{a^2} - \tfrac{16}{a^4}\tfrac TS\right)",
            ),
        ),
    ]


def _moment_steps() -> list[DerivationStep]:
    shift, pole = sympy.I * sympy.pi, sympy.I * sympy.pi / 2

    def wave(place: Expression) -> Expression:
        return 2 * sympy.exp(sympy.I * K * place) / (sympy.exp(place) + sympy.exp(-place))

    def residue() -> Expression:
        slope = sympy.diff(sympy.cosh(U), U).subs(U, pole)
        return sympy.exp(sympy.I * K * pole) / slope

    transform = sympy.pi * sympy.sech(sympy.pi * K / 2)
    return [
        identity_step(
            "f(z) = e^{ikz} sech z picks up a factor between the lines Im z = 0 and Im z = pi",
            ("f(u + i pi)", "-e^{-pi k} f(u)"),
            lambda: wave(U + shift),
            lambda: -sympy.exp(-sympy.pi * K) * wave(U),
            simplify=lambda rest: sympy.simplify(sympy.expand(rest)),
        ),
        identity_step(
            "residue theorem between them, one simple pole at i pi/2: the Fourier transform",
            ("2 pi i Res f / (1 + e^{-pi k})", "pi sech(pi k/2)"),
            lambda: 2 * sympy.pi * sympy.I * residue() / (1 + sympy.exp(-sympy.pi * K)),
            lambda: transform,
            latex=(r"\int e^{iku}\,\mathrm{sech}\,u\,du", r"\pi\,\mathrm{sech}(\pi k/2)"),
            simplify=lambda rest: sympy.simplify(rest.rewrite(sympy.exp)),
        ),
        identity_step(
            "its Taylor coefficients: the moments 0, 2, 4 of sech",
            ("int (1, u^2, u^4) sech u du", "pi, pi^3/4, 5 pi^5/16"),
            lambda: sympy.Matrix([moment(0), moment(2), moment(4)]),
            lambda: sympy.Matrix([sympy.pi, sympy.pi**3 / 4, 5 * sympy.pi**5 / 16]),
        ),
    ]


def _bound_steps() -> list[DerivationStep]:
    x, t = _POINT, sympy.Symbol("t", positive=True)
    pair = (U**2 - W**2) * (_WEIGHT_W - _WEIGHT_U)
    return [
        identity_step(
            "e^{-x} >= 1 - x for x >= 0: the remainder is an integral of nonnegative terms",
            ("e^{-x} - (1 - x)", "int_0^x (x - t) e^{-t} dt"),
            lambda: sympy.exp(-x) - (1 - x),
            lambda: sympy.integrate((x - t) * sympy.exp(-t), (t, 0, x)),
        ),
        identity_step(
            "e^{-x} <= 1 - x + x^2/2 for x >= 0, likewise",
            ("1 - x + x^2/2 - e^{-x}", "int_0^x (x - t)^2/2 e^{-t} dt"),
            lambda: 1 - x + x**2 / 2 - sympy.exp(-x),
            lambda: sympy.integrate((x - t) ** 2 / 2 * sympy.exp(-t), (t, 0, x)),
        ),
        identity_step(
            "with x = eps u^2 and the moments: two-sided bounds of L over its leading term",
            ("(S bounds)/pi at eps = 2/a^2", "1 - pi^2/(2a^2); the same + 5 pi^4/(8a^4)"),
            lambda: sympy.Matrix([loss_ratio(2), loss_ratio(3)]),
            lambda: sympy.Matrix(
                [
                    1 - sympy.pi**2 / (2 * A**2),
                    1 - sympy.pi**2 / (2 * A**2) + 5 * sympy.pi**4 / (8 * A**4),
                ]
            ),
        ),
        identity_step(
            "Chebyshev's covariance inequality, T/S <= pi^2/4: averaged over two draws u, w of the "
            "law sech/pi, (u^2 - w^2)(e^{-eps w^2} - e^{-eps u^2}) >= 0 is twice M2 S - pi T "
            "(times 1/pi^2)",
            ("(u^2 - w^2)(e_w - e_u)", "u^2 e_w + w^2 e_u - u^2 e_u - w^2 e_w"),
            lambda: pair,
            lambda: U**2 * _WEIGHT_W + W**2 * _WEIGHT_U - U**2 * _WEIGHT_U - W**2 * _WEIGHT_W,
        ),
        identity_step(
            "0 <= T/S <= M2/pi = pi^2/4: bounds of the slope",
            ("-L'/((a/4) L) at T/S = 0 and pi^2/4", "1 - 4/a^2 and 1 - 4/a^2 - 4 pi^2/a^4"),
            lambda: sympy.Matrix([slope_ratio(0), slope_ratio(moment(2) / moment(0))]),
            lambda: sympy.Matrix([1 - 4 / A**2, 1 - 4 / A**2 - 4 * sympy.pi**2 / A**4]),
        ),
    ]


def escape_slice(objective: Objective = FORWARD) -> Derivation:
    """Loss and slope on ``(0, a u)``, with bounds for every ``a``.

    Examples
    --------
    >>> derivation = escape_slice()
    >>> len(derivation.steps), bool(derivation.verify())
    (13, True)
    """
    steps = (*_loss_steps(objective), *_slope_steps(), *_moment_steps(), *_bound_steps())
    return Derivation(
        "escape-slice",
        "Escape: loss and slope on the slice (0, a u) of the forward loss",
        "on v = (0, a u), |u| = 1, for every a > 0: 1 - pi^2/(2a^2) <= L/(sqrt(pi/8) a e^{-a^2/8}) "
        "<= 1 - pi^2/(2a^2) + 5 pi^4/(8a^4), and 1 - 4/a^2 - 4 pi^2/a^4 <= -L'/((a/4) L) <= "
        "1 - 4/a^2",
        ("uniform weights", "single Gaussian teacher at the origin", "Chebyshev's inequality"),
        Scope("n = 2, all d"),
        steps,
        "derived here",
        r"1-\tfrac{\pi^2}{2a^2}\le\frac{L}{\sqrt{\pi/8}\,a\,e^{-a^2/8}}\le 1-\tfrac{\pi^2}{2a^2}"
        r"+\tfrac{5\pi^4}{8a^4},\quad 1-\tfrac4{a^2}-\tfrac{4\pi^2}{a^4}\le\frac{-L'}{(a/4)L}"
        r"\le 1-\tfrac4{a^2}",
    )
