"""Rational functions of exponentials on a slice, with a decision procedure for identities.

On a slice with means ``v_i = alpha_i + beta_i a`` and ``x = y + s``, everything is a polynomial in
``a`` and in exponentials ``exp(p y + q a y + r a^2 + s a + t)`` with rational coefficients, over a
power of one denominator (the student's density over the teacher's). Such exponential monomials
with different exponents are linearly independent over the rationals, so a function vanishes
identically if and only if no monomial is left.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

#: Power of ``a`` and the exponent's coefficients of ``y``, ``a y``, ``a^2``, ``a`` and ``1``.
Key = tuple[int, Fraction, Fraction, Fraction, Fraction, Fraction]
#: A linear function ``constant + slope * a`` of the slice's variable.
Linear = tuple[Fraction, Fraction]


class Exponential:
    """A polynomial in ``a`` and in exponentials.

    Examples
    --------
    >>> e = Exponential.exp((Fraction(0), Fraction(1)), (Fraction(0), Fraction(0)))
    >>> (e * e.reflected()) == Exponential.number(1)
    True
    """

    __slots__ = ("terms",)

    def __init__(self, terms: Iterable[tuple[Key, Fraction]] = ()) -> None:
        collected: dict[Key, Fraction] = {}
        for key, value in terms:
            collected[key] = collected.get(key, Fraction(0)) + value
        self.terms = {key: value for key, value in collected.items() if value}

    @classmethod
    def number(cls, value: int | Fraction) -> Exponential:
        """Return a constant."""
        zero = Fraction(0)
        return cls([((0, zero, zero, zero, zero, zero), Fraction(value))])

    @classmethod
    def linear(cls, form: Linear) -> Exponential:
        """Return ``constant + slope * a``."""
        zero = Fraction(0)
        rest = (zero, zero, zero, zero, zero)
        return cls([((0, *rest), form[0]), ((1, *rest), form[1])])

    @classmethod
    def exp(cls, of_y: Linear, half_product: Linear, factor: Linear | None = None) -> Exponential:
        """Return ``exp(of_y * y + half_product * factor)``; ``factor`` defaults to ``of_y``."""
        other = of_y if factor is None else factor
        square = half_product[1] * other[1]
        middle = half_product[0] * other[1] + half_product[1] * other[0]
        constant = half_product[0] * other[0]
        return cls([((0, of_y[0], of_y[1], square, middle, constant), Fraction(1))])

    def reflected(self) -> Exponential:
        """Return the function at ``-y``."""
        return Exponential(((k[0], -k[1], -k[2], *k[3:]), value) for k, value in self.terms.items())

    def __add__(self, other: Exponential) -> Exponential:
        return Exponential([*self.terms.items(), *other.terms.items()])

    def __mul__(self, other: Exponential | int | Fraction) -> Exponential:
        if isinstance(other, int | Fraction):
            return Exponential((key, value * other) for key, value in self.terms.items())
        return Exponential(
            (
                (
                    p[0] + q[0],
                    p[1] + q[1],
                    p[2] + q[2],
                    p[3] + q[3],
                    p[4] + q[4],
                    p[5] + q[5],
                ),
                first * second,
            )
            for p, first in self.terms.items()
            for q, second in other.terms.items()
        )

    def __pow__(self, exponent: int) -> Exponential:
        result = Exponential.number(1)
        for _ in range(exponent):
            result = result * self
        return result

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Exponential) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(frozenset(self.terms.items()))

    def __bool__(self) -> bool:
        return bool(self.terms)

    def monomial_to(self, other: Exponential) -> Exponential | None:
        """Return the monomial ``M`` with ``other = M * self``, ``None`` when there is none.

        Examples
        --------
        >>> rise = Exponential.exp((Fraction(0), Fraction(1)), (Fraction(0), Fraction(0)))
        >>> total = Exponential.number(1) + rise
        >>> total.monomial_to(total.reflected()) == rise.inverse()
        True
        """
        if not self or not other:
            return None
        # The lexicographic order of keys is invariant under shifts, so the largest keys match.
        mine, theirs = max(self.terms), max(other.terms)
        key: Key = (
            theirs[0] - mine[0],
            theirs[1] - mine[1],
            theirs[2] - mine[2],
            theirs[3] - mine[3],
            theirs[4] - mine[4],
            theirs[5] - mine[5],
        )
        found = Exponential([(key, other.terms[theirs] / self.terms[mine])])
        return found if found * self == other else None

    def inverse(self) -> Exponential:
        """Return the reciprocal of a monomial.

        Raises
        ------
        ValueError
            When there is not exactly one term.
        """
        if len(self.terms) != 1:
            raise ValueError("only a monomial has an inverse")
        ((k, value),) = self.terms.items()
        return Exponential([((-k[0], -k[1], -k[2], -k[3], -k[4], -k[5]), 1 / value)])

    def ratio(self, other: Exponential) -> Fraction | None:
        """Return the rational ``c`` with ``self = c * other``, ``None`` when there is none.

        Examples
        --------
        >>> a = Exponential.linear((Fraction(0), Fraction(1)))
        >>> (a * Fraction(-3)).ratio(a), a.ratio(a * a)
        (Fraction(-3, 1), None)
        """
        if not self:
            return Fraction(0)
        if not other or self.terms.keys() != other.terms.keys():
            return None
        key = next(iter(self.terms))
        candidate = self.terms[key] / other.terms[key]
        return candidate if self == other * candidate else None


@dataclass(frozen=True)
class Quotient:
    """``numerator / denominator**power`` with one denominator shared by all quotients in use."""

    numerator: Exponential
    power: int
    denominator: Exponential

    def raised(self, power: int) -> Exponential:
        """Return the numerator over the given (not smaller) power of the denominator."""
        return self.numerator * self.denominator ** (power - self.power)

    def __add__(self, other: Quotient) -> Quotient:
        power = max(self.power, other.power)
        return Quotient(self.raised(power) + other.raised(power), power, self.denominator)

    def __mul__(self, other: Quotient | int | Fraction) -> Quotient:
        if isinstance(other, int | Fraction):
            return Quotient(self.numerator * other, self.power, self.denominator)
        return Quotient(
            self.numerator * other.numerator, self.power + other.power, self.denominator
        )

    __rmul__ = __mul__

    def __sub__(self, other: Quotient) -> Quotient:
        return self + other * -1

    def vanishes(self) -> bool:
        """Tell whether the function is identically zero."""
        return not self.numerator

    def even_part(self, factor: Exponential, power: int, mirror: Exponential) -> Exponential:
        """Numerator of ``f(y) w(y) + f(-y) w(-y)`` over ``denominator**power``, ``w`` the factor.

        ``mirror`` is the monomial with ``denominator(-y) = mirror * denominator(y)``.
        """
        straight = self.raised(power) * factor
        return straight + straight.reflected() * mirror.inverse() ** power


def solve(columns: list[Exponential], target: Exponential) -> list[Fraction] | None:
    """Rational coefficients with ``sum c_i column_i = target``, ``None`` when there are none.

    Free coefficients are set to zero.

    Examples
    --------
    >>> one, a = Exponential.number(1), Exponential.linear((Fraction(0), Fraction(1)))
    >>> solve([one, a], one * Fraction(2) + a * Fraction(-1))
    [Fraction(2, 1), Fraction(-1, 1)]
    """
    keys = list({key for column in [*columns, target] for key in column.terms})
    rows = [[column.terms.get(key, Fraction(0)) for column in [*columns, target]] for key in keys]
    pivots: list[int] = []
    for k in range(len(columns)):
        start = len(pivots)
        chosen = next((i for i in range(start, len(rows)) if rows[i][k]), None)
        if chosen is None:
            continue
        rows[start], rows[chosen] = rows[chosen], rows[start]
        pivot = [entry / rows[start][k] for entry in rows[start]]
        rows = [
            row if not row[k] else [x - row[k] * y for x, y in zip(row, pivot, strict=True)]
            for row in rows
        ]
        rows[start] = pivot
        pivots.append(k)
    if any(row[-1] for row in rows[len(pivots) :]):
        return None
    solution = [Fraction(0)] * len(columns)
    for row, k in zip(rows, pivots, strict=False):
        solution[k] = row[-1]
    return solution
