r"""Half the gradient of the forward loss of two components, over boxes of parameters, in balls.

Coordinates of `derive.two_components.crossing`: ``v = c + l/a -+ a/2``, ``l`` the logarithm of the
odds of the weights, ``L = E m^2``. With ``t = a (x - c)`` and the derivatives of ``m`` derived
there, every entry is

.. math:: \sum \int f(t) g(t) \varphi(c + t/a) \, dt / a,

``f``, ``g`` sums of monomials in the parameters times functions of ``t`` alone, which are computed
once per node. Parameters enter each term of the trapezoid sum few times, so that boxes lose little.

*Error.* In the strip ``|Im t| <= y = 5/2``, with ``S = sec(y/2)`` (`numerics.quadrature.majorant`):
``|tanh(t/2)| <= S``, ``|bell(t)| <= S^2 bell(Re t)`` and ``|t|^p |bell| <= 4 S^2 y^p`` for ``p <=
2``, since ``bell(s) <= 4 e^{-|s|}`` and ``(|s| + y)^p e^{-|s|}`` decreases; the Gaussian grows by
``e^{y^2/(2 a^2)}``. So ``f g <= B`` with explicit ``B``, the discretisation error is at most ``2 B
e^{y^2/(2a^2)}/(e^{2 pi y/h} - 1)``, and the nodes left out, all beyond ``|x| = X``, add at most ``B
(2 (h/a) phi(X) + erfc(X/sqrt 2))``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any

from flint import arb

from derive.two_components.crossing import FormTerm, forms
from numerics.numbers.balls import ball, precision
from numerics.validated.interval import Box, Interval
from numerics.validated.krawczyk import Balls, Matrix

_BITS = 64
_STEP = Fraction(1, 2)
_HEIGHT = Fraction(5, 2)
_REACH = 8
#: Product rule: half the derivatives of ``E m^2``, as sums of products of derivatives of ``m``.
_ENTRIES = {
    "F1": (("m", "m_1"),),
    "F2": (("m", "m_2"),),
    "F1c": (("m_c", "m_1"), ("m", "m_1c")),
    "F1a": (("m_a", "m_1"), ("m", "m_1a")),
    "F1l": (("m_l", "m_1"), ("m", "m_1l")),
    "F2c": (("m_c", "m_2"), ("m", "m_2c")),
    "F2a": (("m_a", "m_2"), ("m", "m_2a")),
    "F2l": (("m_l", "m_2"), ("m", "m_2l")),
}
_VALUES = ("F1", "F2")
_JACOBIAN = ("F1c", "F1a", "F2c", "F2a")
_BY_ODDS = ("F1l", "F2l")

Row = tuple[arb, tuple[arb, ...]]
Loop = Callable[[Sequence[Row], arb, arb, arb], list[arb]]


NodeFunction = tuple[tuple[Fraction, tuple[int, int, int]], ...]


@dataclass(frozen=True)
class _Compiled:
    """A loop over nodes for some entries, the node functions it reads, and their values so far."""

    loop: Loop
    functions: tuple[NodeFunction, ...]
    rows: dict[int, Row] = field(default_factory=dict)

    def row(self, number: int) -> Row:
        """``t`` and the node functions there."""
        found = self.rows.get(number)
        if found is None:
            found = self.rows[number] = _node(self.functions, number)
        return found


def enclose(names: Sequence[str], c: Interval, a: Interval, odds: arb) -> Balls:
    """Enclose entries at all parameters of a box.

    Parameters
    ----------
    names : sequence of {"F1", "F2", "F1c", "F1a", "F1l", "F2c", "F2a", "F2l"}
        ``F1``, ``F2``: half the gradient in ``v_1`` and ``v_2``; then their derivatives.
    c, a : Interval
        ``a`` positive.
    odds : arb
        ``l = log(pi_2/pi_1)``.

    Examples
    --------
    >>> root = Fraction("2.4562822547796749")
    >>> centre, gap = Interval(root / 2, root / 2), Interval(root, root)
    >>> all(abs(value) < 1e-9 for value in enclose(("F1", "F2"), centre, gap, arb(0)))
    True
    """
    compiled = _compiled(tuple(names))
    with precision(_BITS):
        place, gap = c.ball(), a.ball()
        first, last = _range(c, a)
        rows = [compiled.row(k) for k in range(first, last + 1)]
        sums = compiled.loop(rows, place, gap, odds)
        factor = ball(_STEP) / gap / (2 * arb.pi()).sqrt()
        error = _error_factor(arb(gap.lower()))
        return [
            factor * total + arb(0, (_bound(name, place, gap, odds) * error).abs_upper())
            for name, total in zip(names, sums, strict=True)
        ]


def _range(c: Interval, a: Interval) -> tuple[int, int]:
    """Numbers of the nodes outside which ``|x| >= _REACH`` for every point of the box."""
    low = min(gap * (-_REACH - place) for gap in (a.low, a.high) for place in (c.low, c.high))
    high = max(gap * (_REACH - place) for gap in (a.low, a.high) for place in (c.low, c.high))
    return math.floor(low / _STEP), math.ceil(high / _STEP)


def _error_factor(gap: arb) -> arb:
    """Discretisation and truncation errors over the bound of the integrand."""
    y, h, reach = ball(_HEIGHT), ball(_STEP), arb(_REACH)
    growth = (y * y / (2 * gap * gap)).exp()
    discretisation = 2 * growth / ((2 * arb.pi() * y / h).exp() - 1)
    density = (-reach * reach / 2).exp() / (2 * arb.pi()).sqrt()
    return discretisation + 2 * h / gap * density + (reach / arb(2).sqrt()).erfc()


def _bound(name: str, c: arb, a: arb, odds: arb) -> arb:
    """Bound of the modulus of an entry's integrand, without the Gaussian, in the strip."""
    return sum(
        (_form_bound(f, c, a, odds) * _form_bound(g, c, a, odds) for f, g in _ENTRIES[name]),
        arb(0),
    )


def _form_bound(name: str, c: arb, a: arb, odds: arb) -> arb:
    total = arb(0)
    for term, node in zip(forms()[name], _node_bounds(name), strict=True):
        total += abs(_monomial(term, c, a, odds)) * node
    return total


@lru_cache(maxsize=32)
def _node_bounds(name: str) -> tuple[arb, ...]:
    """Bounds of the node functions of a form in the strip."""
    with precision(_BITS):
        secant, y = 1 / (ball(_HEIGHT) / 2).cos(), ball(_HEIGHT)
        bounds = []
        for term in forms()[name]:
            total = arb(0)
            for coefficient, (p, q, r) in term.node:
                if p > (2 if r else 0):
                    raise ValueError(f"{name}: no bound for t^{p} bell^{r}")
                size = ball(abs(coefficient)) * secant ** (q + 2 * r)
                total += size * 4 * y**p if r else size
            bounds.append(total)
        return tuple(bounds)


def _monomial(term: FormTerm, c: arb, a: arb, odds: arb) -> arb:
    i, j, k = term.powers
    return _power(c, i) * (_power(a, j) if j >= 0 else 1 / _power(a, -j)) * _power(odds, k)


def _power(value: arb, exponent: int) -> arb:
    """Repeated products: Arb's power of a ball around 0 is not finite."""
    result = arb(1)
    for _ in range(exponent):
        result *= value
    return result


@lru_cache(maxsize=16)
def _compiled(names: tuple[str, ...]) -> _Compiled:
    """Compile the loop: monomials of the parameters first, then one pass over the nodes."""
    nodes: list[NodeFunction] = []
    monomials: list[FormTerm] = []
    used = sorted({form for name in names for pair in _ENTRIES[name] for form in pair})
    lines = []
    for form in used:
        pieces = []
        for term in forms()[form]:
            monomials.append(term)
            factor = f"q{len(monomials) - 1}"
            if term.node != ((Fraction(1), (0, 0, 0)),):
                if term.node not in nodes:
                    nodes.append(term.node)
                factor += f"*n{nodes.index(term.node)}"
            pieces.append(factor)
        lines.append(f"        {form} = {' + '.join(pieces) or 'zero'}")
    parameters = [f"q{k}" for k in range(len(monomials))]
    source = [
        f"def loop(rows, qs, c, b{''.join(f', S{name}' for name in names)}):",
        f"    ({', '.join(parameters)},) = qs",
        f"    for t, ({' '.join(f'n{k},' for k in range(len(nodes)))}) in rows:",
        "        x = c + t*b",
        "        w = (-square(x)/2).exp()",
        *lines,
        *(
            f"        S{name} += w*({' + '.join(f'{f}*{g}' for f, g in _ENTRIES[name])})"
            for name in names
        ),
        f"    return [{', '.join(f'S{name}' for name in names)}]",
    ]
    scope: dict[str, Any] = {"square": _square, "zero": arb(0)}
    exec(compile("\n".join(source), "<crossing>", "exec"), scope)

    def run(rows: Sequence[Any], c: arb, a: arb, odds: arb) -> list[arb]:
        values = [_monomial(term, c, a, odds) for term in monomials]
        result: list[arb] = scope["loop"](rows, values, c, 1 / a, *(arb(0) for _ in names))
        return result

    return _Compiled(run, tuple(nodes))


def _square(value: arb) -> arb:
    """Range of the square: for a ball around 0, ``value * value`` reaches below 0."""
    if not value.contains(0):
        return value * value
    top = arb(value.abs_upper())
    return arb(0).union(top * top)


def _node(functions: Sequence[NodeFunction], number: int) -> Row:
    """``t`` and the node functions there; callers hold the precision `_BITS`."""
    t = ball(number * _STEP)
    tau, cosh = (t / 2).tanh(), (t / 2).cosh()
    bell = 1 / (cosh * cosh)
    values = []
    for function in functions:
        total = arb(0)
        for coefficient, (p, q, r) in function:
            total += ball(coefficient) * t**p * tau**q * bell**r
        values.append(total)
    return t, tuple(values)


@dataclass(frozen=True)
class PairSystem:
    """Half the gradient in ``(v_1, v_2)`` as a system in ``(c, a)`` at fixed odds.

    Attributes
    ----------
    odds : arb
        ``l``; a ball stands for all values in it.

    Examples
    --------
    >>> from numerics.validated.interval import box_around
    >>> from numerics.validated.krawczyk import prove_zero
    >>> near = box_around([Fraction("1.228"), Fraction("2.456")], Fraction(1, 100))
    >>> prove_zero(PairSystem(arb(0)), near) is not None
    True
    """

    odds: arb

    def value(self, point: Sequence[Fraction]) -> Balls:
        """Enclose the system at an exact point."""
        c, a = (Interval(x, x) for x in point)
        return enclose(_VALUES, c, a, self.odds)

    def jacobian(self, box: Box) -> Matrix:
        """Enclose the Jacobian over a box; its determinant is that of half the Hessian.

        (At a zero, and because the coordinates preserve areas.)
        """
        first_c, first_a, second_c, second_a = enclose(_JACOBIAN, box[0], box[1], self.odds)
        return [[first_c, first_a], [second_c, second_a]]

    def by_odds(self, box: Box) -> Balls:
        """Enclose the derivatives in ``l`` over a box."""
        return enclose(_BY_ODDS, box[0], box[1], self.odds)
