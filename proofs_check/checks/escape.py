r"""Checks about the escape of one of two components: bounds for every distance, and a law in time.

`SliceBound`: bounds of loss and slope on ``(0, a u)``, implied by those that ``derive`` proves.
`RestrictedLaw`: what they give for the flow restricted to the slice, ``a' = -L'(a)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from proofs_check.checks.general import derived, second_look
from proofs_check.checks.slices import on_slice
from proofs_check.claim import Context
from proofs_check.points.interpreter import ball, precision
from proofs_check.statements.relation import Relation
from proofs_check.verdict import CheckResult, Method, Verdict

if TYPE_CHECKING:
    from proofs_check.statements.relation import Ball, Point

Expression = Any

#: Where a bound that is not implied is looked at; the loss at 12 is 1e-7, well above rounding.
_PLACES = tuple(Fraction(k) for k in (6, 8, 10, 12))


def in_balls(expression: Expression, a: Ball) -> Ball:
    """Evaluate a SymPy expression in ``a`` and pi in ball arithmetic, at the current precision.

    Raises
    ------
    ValueError
        For anything but sums, products, powers, exponentials, rationals, pi and ``a``.

    Examples
    --------
    >>> from derive.two_components.escape_slice import loss_ratio
    >>> print(in_balls(loss_ratio(2), ball(Fraction(10))).str(8, radius=False))
    0.95065198
    """
    import sympy  # listing claims loads this module, and must not load SymPy
    from flint import arb

    if expression.is_Rational:
        return ball(Fraction(int(expression.p), int(expression.q)))
    if expression is sympy.pi:
        return arb.pi()
    if expression.is_Symbol and expression.name == "a":
        return a
    parts = [in_balls(part, a) for part in expression.args]
    if isinstance(expression, sympy.exp):
        return parts[0].exp()
    if expression.is_Pow:
        whole = expression.exp
        return parts[0] ** int(whole) if whole.is_Integer else parts[0] ** parts[1]
    if not (expression.is_Add or expression.is_Mul):
        raise ValueError(f"cannot evaluate {expression}")
    total = parts[0]
    for part in parts[1:]:
        total = total + part if expression.is_Add else total * part
    return total


@dataclass(frozen=True)
class SliceBound:
    """A bound of loss or slope on ``(0, a u)``, for every ``a > 0``.

    It is proved if the difference to the bound that ``derive`` proves has nonnegative coefficients
    in ``1/a^2``. Otherwise exact places are tried.

    Attributes
    ----------
    quantity : {"loss", "slope"}
        ``L/(sqrt(pi/8) a e^{-a^2/8})`` or ``-L'/((a/4) L)``.
    side : {"lower", "upper"}
    bound : str
        In ``a`` and ``pi``.

    Examples
    --------
    >>> print(SliceBound("slope", "upper", "1 - 4/a**2").run(Context()).verdict)
    PROVED
    """

    quantity: Literal["loss", "slope"]
    side: Literal["lower", "upper"]
    bound: str

    @property
    def name(self) -> str:
        """Quantity, side and bound."""
        sign = ">=" if self.side == "lower" else "<="
        what = "L/leading" if self.quantity == "loss" else "-L'/((a/4)L)"
        return f"{what} {sign} {self.bound}"

    @property
    def expression(self) -> Expression:
        """The bound as an expression in the symbol of ``derive``."""
        import sympy

        from derive.slices.slice_derivations import A

        return sympy.expand(sympy.sympify(self.bound, locals={"a": A}))

    def run(self, context: Context) -> CheckResult:
        """Compare with the derived bound; look for a violation where it is not implied."""
        scope = "all a > 0, n = 2, any d"
        found = derived("escape-slice", "n = 2")
        if found.verdict is Verdict.PROVED and self._implied():
            cited = (self.quantity, self.side) == ("slope", "lower")
            notes = (f"derived: {self._proved()}", *found.notes)
            notes += ("cites Chebyshev's covariance inequality",) if cited else ()
            return CheckResult(self.name, Verdict.PROVED, Method.SYMBOLIC, scope, notes=notes)
        return second_look(
            self.name,
            ((self._relation(), (on_slice("0,a", place),)) for place in _PLACES),
            context,
            "neither implied by the derived bound nor violated",
            scope,
            decide="a sharper bound, or a place on the slice that violates it",
        )

    def _proved(self) -> Expression:
        import sympy

        from derive.two_components.escape_slice import loss_ratio, moment, slope_ratio

        if self.quantity == "loss":
            return loss_ratio(2 if self.side == "lower" else 3)
        return slope_ratio(moment(2) / moment(0) if self.side == "lower" else sympy.Integer(0))

    def _implied(self) -> bool:
        import sympy

        from derive.slices.slice_derivations import A

        gap = self._proved() - self.expression
        gap = sympy.expand(gap if self.side == "lower" else -gap)
        small = sympy.Symbol("z", positive=True)
        terms = sympy.Poly(sympy.expand(gap.subs(A, small ** sympy.Rational(-1, 2))), small)
        return all(coefficient.is_nonnegative for coefficient in terms.coeffs())

    def _relation(self) -> Relation:
        from derive.two_components.escape_slice import leading

        bound, unit = self.expression, leading()

        def given(at: Point) -> Ball:
            a = at.means[1][0]
            if self.quantity == "loss":
                return in_balls(unit * bound, a)
            return a / 4 * at.loss("forward") * in_balls(bound, a)

        def found(at: Point) -> Ball:
            if self.quantity == "loss":
                return at.loss("forward")
            return -at.gradient("forward")[1][0]

        if self.side == "lower":
            return Relation(self.name, given, "<=", found)
        return Relation(self.name, found, "<=", given)


@dataclass(frozen=True)
class RestrictedLaw:
    r"""The loss along ``a' = -L'(a)`` (first mean held at the truth) is of order 1/(tau ln tau).

    With ``1/L = c s ln s``, hence ``ln s = W(1/(cL))``, the derivative of ``s`` in time is
    ``(L'/L)^2 / (c (ln s + 1))``. If that is at most 1 for all ``a >= start``, then ``s <= s_0 +
    tau`` and ``L >= 1/(c s ln s)``; if at least 1, the opposite inequalities hold.

    Attributes
    ----------
    side : {"at most", "at least"}
    constant : Fraction
        ``c``.
    start : Fraction
        Smallest ``a``, at least 4. (``a`` increases from there on: the slope's lower bound is
        positive.)

    Examples
    --------
    >>> print(RestrictedLaw("at most", Fraction(1)).run(Context()).verdict)
    PROVED
    """

    side: Literal["at most", "at least"]
    constant: Fraction
    start: Fraction = Fraction(6)

    @property
    def name(self) -> str:
        """The law with its constant."""
        sign = {"at most": "<=", "at least": ">="}[self.side]
        return f"ds/dtau {sign} 1 for 1/L = {self.constant} s ln s"

    def run(self, context: Context) -> CheckResult:
        """Verify the inequalities in balls; look for a violation where they fail."""
        scope = f"the flow restricted to (0, a u), all a >= {self.start}, n = 2, any d"
        found = derived("escape-slice", "n = 2")
        with precision(40):
            shown = self._at_most() if self.side == "at most" else self._at_least()
        missing = [text for text, holds in shown.items() if not holds]
        if found.verdict is Verdict.PROVED and not missing:
            return CheckResult(self.name, Verdict.PROVED, Method.BALL, scope, notes=tuple(shown))
        places = (place for place in _PLACES if place >= self.start)
        return second_look(
            self.name,
            ((self._relation(), (on_slice("0,a", place),)) for place in places),
            context,
            f"not shown: {'; '.join(missing)}",
            scope,
            decide="sharper enclosures, or a place on the slice that violates it",
        )

    def _slope(self) -> Ball:
        """Lower bound of ``-L'/((a/4) L)`` at the start; it increases with ``a``."""
        from derive.two_components.escape_slice import moment, slope_ratio

        return in_balls(slope_ratio(moment(2) / moment(0)), ball(self.start))

    def _leading(self, terms: int) -> Ball:
        """``sqrt(pi/8) a`` times the loss's bound: ``L e^{a^2/8}`` bounded, at the start."""
        import sympy

        from derive.slices.slice_derivations import A
        from derive.two_components.escape_slice import leading, loss_ratio

        factor = sympy.simplify(leading() * sympy.exp(A**2 / 8))
        return in_balls(factor, ball(self.start)) * in_balls(loss_ratio(terms), ball(self.start))

    def _at_most(self) -> dict[str, bool]:
        """``(L'/L)^2 <= a^2/16 <= r ln(1/L)`` and ``r (ln c + x + ln x) <= c (x + 1)``."""
        a, c = ball(self.start), ball(self.constant)
        # 1/L >= e^{a^2/8}/(sqrt(pi/8) a): the upper bound 1 of L over its leading term
        logarithm = a * a / 8 - self._leading(1).log()
        r = a * a / 16 / logarithm
        place = r / (c - r) if bool(c > r) else None
        return {
            "0 <= -L'/((a/4) L) <= 1 (derived)": bool(self._slope() > 0),
            "a^2/16 <= r (a^2/8 - ln(sqrt(pi/8) a)) <= r ln(1/L) from the start on: equality "
            "there, and the quotient of the two decreases": bool(logarithm > 0)
            and _decreases(self.start, logarithm),
            "c (x + 1) - r (ln c + x + ln x) > 0 at its minimum x = r/(c - r)": place is not None
            and bool(c * (place + 1) - r * (c.log() + place + place.log()) > 0),
        }

    def _at_least(self) -> dict[str, bool]:
        """``(L'/L)^2 >= k^2 a^2/16 >= (k^2/2) ln(1/L)``, ``>= c (x + 1)`` from the start on."""
        c, k = ball(self.constant), self._slope()
        size = self._leading(2)  # sqrt(pi/8) a (1 - pi^2/(2 a^2)), increasing in a
        half = k * k / 2
        # x = ln s = W(1/(cL)) at the start, from L <= leading term
        a = ball(self.start)
        x = ((a * a / 8).exp() / self._leading(1) / c).lambertw()
        return {
            "k = the slope's lower bound at the start is positive": bool(k > 0),
            "sqrt(pi/8) a (1 - pi^2/(2a^2)) >= 1, so ln(1/L) <= a^2/8": bool(size > 1),
            "(k^2/2)(ln c + x + ln x) - c (x + 1) > 0 at the start": bool(
                half * (c.log() + x + x.log()) - c * (x + 1) > 0
            ),
            "and it increases with x: k^2/2 >= c": bool(half >= c),
        }

    def _relation(self) -> Relation:
        def speed(at: Point) -> Ball:
            return (at.gradient("forward")[1][0] / at.loss("forward")) ** 2

        return pace_relation(self.name, self.side, self.constant, speed)


def pace_relation(
    name: str,
    side: Literal["at most", "at least"],
    constant: Fraction,
    speed: Callable[[Point], Ball],
) -> Relation:
    """``ds/dtau`` against 1: ``|dL/dtau|/L^2`` against ``c (ln s + 1)``, ``1/L = c s ln s``.

    Examples
    --------
    >>> relation = pace_relation("law", "at most", Fraction(1), lambda at: at.loss("forward"))
    >>> relation.text, relation.sign
    ('law', '<=')
    """

    def pace(at: Point) -> Ball:
        c = ball(constant)
        return c * ((1 / (c * at.loss("forward"))).lambertw() + 1)

    sides = (speed, pace) if side == "at most" else (pace, speed)
    return Relation(name, sides[0], "<=", sides[1])


def _decreases(start: Fraction, logarithm: Ball) -> bool:
    """Whether ``a^2/ln(...)``, ``ln(...) = a^2/8 - ln(sqrt(pi/8) a)``, decreases from ``start`` on.

    Its derivative has the sign of ``2 ln(...) - a (a/4 - 1/a) = 1 - 2 ln(sqrt(pi/8) a)``, which
    decreases: so the sign at the start decides.
    """
    a = ball(start)
    return bool(1 - 2 * (a * a / 8 - logarithm) < 0)
