"""Rules about means under the law of `derive.slice_law`: by parts, by sign, by monotonicity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

import sympy

from proofs_check.proofs.certificates import is_zero
from proofs_check.proofs.kernel import ProofError
from proofs_check.proofs.proof import Finding, Situation, StepKind, without_conclusion
from proofs_check.proofs.quantities import Expression

if TYPE_CHECKING:
    from flint import acb

#: Meaning of the symbols: names in `derive.slice_law.MOMENTS`.
Means = Mapping[Expression, str]


def integrand(expression: Expression, means: Means, u: Expression) -> Expression:
    """Replace every mean by its integrand; a term without a mean is its own.

    Raises
    ------
    ProofError
        If the expression is not linear in the means.
    """
    from derive.slice_law import MOMENTS, U

    symbols = list(means)
    polynomial = sympy.Poly(sympy.expand(expression), *symbols)
    if polynomial.total_degree() > 1:
        raise ProofError("a product of means is not a mean")
    total = sympy.Integer(0)
    for powers, coefficient in polynomial.terms():
        factor = coefficient.subs(u, U)
        if sum(powers):
            factor *= MOMENTS[means[symbols[powers.index(1)]]]
        total += factor
    return total


def check_means(situation: Situation, means: Means, u: Expression) -> None:
    """Compare with the glossary: a rule may not give a symbol another meaning.

    Raises
    ------
    ProofError
        If a symbol does not mean what the rule says.
    """
    from derive.slice_law import MOMENTS

    words = situation.glossary
    said = {symbol: f"mean of {MOMENTS[name]}" for symbol, name in means.items()}
    for symbol, meaning in {**said, u: "4/a^2"}.items():
        found = words[symbol].meaning.split(":")[0] if symbol in words else "nothing"
        if found != meaning:
            raise ProofError(f"{symbol} means {found}, not {meaning}")


@dataclass(frozen=True)
class ByParts:
    """``left = right`` as ``left - right = M[(f w)'/w]``, where ``f w`` vanishes at both ends.

    Attributes
    ----------
    primitive : expression
        ``f``, in the variable of the law.
    means : mapping
    u : symbol
    """

    primitive: Expression
    means: Means
    u: Expression
    kind: ClassVar[StepKind] = "symbolic identity"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Differentiate; take the limits at the ends."""
        from derive.slice_law import mean_vanishes

        check_means(situation, self.means, self.u)
        target = situation.target
        combination = integrand(target.expression, self.means, self.u)
        if target.is_equality and mean_vanishes(-combination, self.primitive):
            return Finding(True)
        return Finding(False, "it is not the derivative's mean")


@dataclass(frozen=True)
class MeanSign:
    """The mean of a nonnegative integrand is not negative."""

    means: Means
    u: Expression
    kind: ClassVar[StepKind] = "pointwise inequality"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Write the integrand as a sum of products of squares and ``s tanh s``."""
        from derive.slice_law import S, nonnegative

        check_means(situation, self.means, self.u)
        found = integrand(situation.target.expression, self.means, self.u)
        # 1 - sech^2 is a square
        forms = (found, found.subs(sympy.sech(S) ** 2, 1 - sympy.tanh(S) ** 2))
        if not situation.target.is_equality and any(map(nonnegative, forms)):
            return Finding(True)
        return Finding(False, "no sum of squares is found for the integrand")


@dataclass(frozen=True)
class MeanDerivative:
    """``a dr/da = u Cov(s^2, f)`` for the mean ``r`` of ``f``, by the derivation ``slice-law``.

    Attributes
    ----------
    derivative : symbol
        ``a dr/da``.
    mean, square, product : symbol
        ``r``, the means of ``s^2`` and of ``s^2 f``.
    """

    derivative: Expression
    mean: Expression
    square: Expression
    product: Expression
    means: Means
    u: Expression
    kind: ClassVar[StepKind] = "symbolic identity"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Match the covariance; replay the derivation."""
        from derive.catalogue import derivation
        from derive.slice_law import vanishes

        check_means(situation, self.means, self.u)
        f, square, product = (
            integrand(x, self.means, self.u) for x in (self.mean, self.square, self.product)
        )
        covariance = self.product - self.mean * self.square
        expected = self.u * covariance - self.derivative
        target = situation.target
        if not target.is_equality or not is_zero(target.expression - expected):
            return Finding(False, "the conclusion is not a dr/da = u Cov(s^2, f)")
        if not vanishes(f * square - product):
            return Finding(False, "the covariance is of other functions")
        verification = derivation("slice-law").verify()
        return Finding(bool(verification), "; ".join(verification.failed))


@dataclass(frozen=True)
class Chebyshev:
    """Chebyshev's covariance inequality: opposite monotone functions of ``|s|`` are anticorrelated.

    The conclusion is ``M[f g] <= M[f] M[g]`` with ``s f' >= 0 >= s g'``, both even.

    Attributes
    ----------
    product, first, second : symbol
        ``M[f g]``, ``M[f]``, ``M[g]``.
    """

    product: Expression
    first: Expression
    second: Expression
    means: Means
    u: Expression
    kind: ClassVar[StepKind] = "classical result"
    cites: ClassVar[str] = "Chebyshev's covariance inequality"
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Check monotonicity; evaluate the means at some ``u`` in balls."""
        from derive.slice_law import S, nonnegative, vanishes

        check_means(situation, self.means, self.u)
        f, g, both = (
            integrand(x, self.means, self.u) for x in (self.first, self.second, self.product)
        )
        target = situation.target
        if target.is_equality or not is_zero(
            target.expression - (self.first * self.second - self.product)
        ):
            return Finding(False, "the conclusion is not M[fg] <= M[f] M[g]")
        if not vanishes(f * g - both):
            return Finding(False, "it is not the mean of the product")
        if not all(vanishes(h - h.subs(S, -S)) for h in (f, g)):
            return Finding(False, "a function is not even")
        rises, falls = S * sympy.diff(f, S), -S * sympy.diff(g, S)
        if not (nonnegative(rises) and nonnegative(falls)):
            return Finding(False, "the functions are not opposite monotone in |s|")
        gaps = []
        for u in (Fraction(1, 10), Fraction(1, 2), Fraction(1), Fraction(8)):
            one, x, y, z = (_integral(h, u) for h in (sympy.Integer(1), f, g, both))
            gap = x * y - z * one
            if not gap > 0:
                return Finding(False, f"it fails at u = {u}")
            gaps.append(float((gap / (one * one)).mid()))
        return Finding(True, f"checked at 4 values of u, least gap {min(gaps):.2g}")


def _integral(function: Expression, u: Fraction) -> Any:
    """Enclose the integral of ``function w`` over ``|s| <= 40`` (beyond: below 1e-15)."""
    from flint import acb, arb

    from derive.slice_law import S
    from numerics.flint_context import ball, precision

    def at(s: acb, _: bool) -> acb:
        exponential = s.exp()
        cosh = (exponential + 1 / exponential) / 2
        values = {"sech": 1 / cosh, "tanh": (exponential - 1 / exponential) / 2 / cosh}
        total = acb(0)
        for term in sympy.Add.make_args(sympy.expand(function)):
            number, factors = term.as_coeff_mul()
            product = acb(ball(Fraction(int(number.p), int(number.q))))
            for factor in factors:
                base, power = factor.as_base_exp()
                product *= (s if base == S else values[base.func.__name__]) ** int(power)
            total += product
        return total * values["sech"] * (-ball(u) * s * s / 2).exp()

    with precision(80):
        found = 2 * acb.integral(at, 0, 40).real
        return found + arb(0, "1e-12")


@dataclass(frozen=True)
class IntermediateValue:
    """One root of ``h = r/u`` (``= a^2 r/4``) at 1: continuous, strictly increasing, below, above.

    Attributes
    ----------
    rise : str
        Premise ``c <= 2r + a r'`` with a number ``c > 0``: ``a h'/h = 2 + a r'/r > 0``.
    above, below : str
        Premises ``r <= high`` and ``low <= r``: ``h <= 1`` where ``u = high``, ``h >= 1`` where
        ``u = low``; the root lies between.
    mean, derivative : symbol
        ``r`` and ``a dr/da``.
    low, high : number
    """

    rise: str
    above: str
    below: str
    mean: Expression
    derivative: Expression
    low: Expression
    high: Expression
    kind: ClassVar[StepKind] = "inference"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Match the premises with the hypotheses of the intermediate value theorem."""
        without_conclusion(situation)
        used = {name for known in situation.premises.values() for name in known.rests_on}
        if not all(situation.hypotheses[name].by_definition for name in used):
            return Finding(False, "a premise does not hold for every a > 0")
        rise = situation.statement(self.rise)
        least = sympy.expand(2 * self.mean + self.derivative - rise.expression)
        if rise.is_equality or not (least.is_number and least.is_positive):
            return Finding(False, "the derivative is not bounded below by a positive number")
        ends = (
            (self.above, sympy.sympify(self.high) - self.mean),
            (self.below, self.mean - sympy.sympify(self.low)),
        )
        for name, wanted in ends:
            given = situation.statement(name)
            if given.is_equality or not is_zero(given.expression - wanted):
                return Finding(False, f"{name!r} does not bound r")
        if not 0 < sympy.sympify(self.low) < sympy.sympify(self.high):
            return Finding(False, "the ends are not in order")
        return Finding(True, f"a = 2/sqrt(u), {self.low} <= u <= {self.high}")


@dataclass(frozen=True)
class EnclosedRoot:
    """Existence once more, and digits: the root enclosed by interval Newton in balls.

    Attributes
    ----------
    slice : str
    low, high : str
        Range of ``a`` searched completely.
    digits : int
    """

    slice: str
    low: str
    high: str
    digits: int = 30
    kind: ClassVar[StepKind] = "ball cover"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Search the range."""
        from numerics.stationary import stationary_points

        without_conclusion(situation)
        found = stationary_points(
            "forward", self.slice, search_range=(self.low, self.high), digits=self.digits
        )
        if found.complete and len(found.points) == 1:
            return Finding(True, f"a = {found.points[0].mid} +/- {found.points[0].rad}")
        return Finding(False, f"{len(found.points)} roots, {len(found.undecided)} undecided")
