"""The exponential below a parabola, above a power, and of a number."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import comb
from typing import ClassVar

from proofs_check.proofs import kernel
from proofs_check.proofs.kernel import Term, Theorem
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.tactics import facts
from proofs_check.proofs.tactics.closing import OPAQUE, close
from proofs_check.proofs.tactics.exponentials import (
    NoOdds,
    with_argument,
)
from proofs_check.proofs.tactics.language import (
    at_most,
    equal,
    exponential,
    nonnegative,
)
from proofs_check.proofs.tactics.steps import (
    Premises,
    _as,
    _named,
)

_HALF = Fraction(1, 2)


@dataclass(frozen=True)
class ExponentialAbove:
    """``exp(-t) <= 1 - t + c t^2`` for ``t >= -1/8``, ``c = 2/3``.

    Attributes
    ----------
    at : Term
        ``t``.
    low : str
        The premise ``-1/8 <= t``.
    """

    at: Term
    low: str
    constant: Fraction = Fraction(2, 3)
    kind: ClassVar[str] = "pointwise inequality"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """``exp(t/4) >= 1 + t/4``, so ``1 <= (1 - t + c t^2) exp(t)`` by the fourth power."""
        t, c = self.at, self.constant
        low = close(at_most(Fraction(-1, 8), t), ((1, (_named(premises, self.low),), ()),))
        up, down = exponential(t), exponential(-t)
        quarter = Fraction(1, 4) * t
        line = kernel.combine(
            nonnegative(1 + quarter), ((Fraction(1, 4), (low,), ()), (Fraction(31, 32), (), ()))
        )
        power = power_beyond(t, line)
        parabola = 1 - t + c * t**2
        # c > 1/4, so the parabola is positive: its discriminant is 1 - 4 c
        sign = kernel.combine(
            nonnegative(parabola),
            ((1, (), (1 - _HALF * t,)), (c - Fraction(1, 4), (), (t,))),
            (),
            OPAQUE,
        )
        beyond = kernel.combine(
            at_most(1, parabola * (1 + quarter) ** 4),
            tuple(
                (value, (low,) * (k % 2), (t, *((t + Fraction(1, 8),) * (k // 2))))
                for k, value in enumerate(self._shifted())
            ),
            (),
            OPAQUE,
        )
        one = kernel.combine(
            at_most(1, parabola * up), ((1, (beyond,), ()), (1, (sign, power), ())), (), OPAQUE
        )
        pair = with_argument(kernel.axiom("exponential of a sum", t, -t), number(0))
        unit = kernel.combine(
            equal(up * down, 1), (), ((number(-1), pair), (number(1), self._unit())), OPAQUE
        )
        found = kernel.combine(
            at_most(down, parabola),
            ((1, (one, facts.exponential_sign(-t)), ()),),
            ((parabola, unit),),
            OPAQUE,
        )
        return _as(found, goal)

    def _shifted(self) -> list[Fraction]:
        """``((1 - t + c t^2)(1 + t/4)^4 - 1)/t^2`` by powers of ``t + 1/8``."""
        c = self.constant
        plain = [
            c - Fraction(5, 8),
            c - Fraction(5, 16),
            Fraction(3, 8) * c - Fraction(15, 256),
            c / 16 - Fraction(1, 256),
            c / 256,
        ]
        return [
            sum(
                (
                    value * comb(m, k) * Fraction(-1, 8) ** (m - k)
                    for m, value in enumerate(plain)
                    if m >= k
                ),
                Fraction(0),
            )
            for k in range(len(plain))
        ]

    @staticmethod
    def _unit() -> Theorem:
        return NoOdds().prove(equal(exponential(number(0)), 1), {})


def power_beyond(t: Term, line: Theorem) -> Theorem:
    """``(1 + t/4)^4 <= exp(t)`` from ``0 <= 1 + t/4``."""
    quarter = Fraction(1, 4) * t
    root, base = exponential(quarter), 1 + quarter
    tangent = kernel.axiom("tangent", quarter)
    square = kernel.combine(
        at_most(base**2, root**2),
        ((1, (tangent, tangent), ()), (2, (line, tangent), ())),
        (),
        OPAQUE,
    )
    half = 2 * quarter
    once = with_argument(kernel.axiom("exponential of a sum", quarter, quarter), half)
    twice = with_argument(kernel.axiom("exponential of a sum", half, half), t)
    fourth = kernel.combine(
        at_most(base**4, root**4),
        ((1, (square, square), ()), (2, (square,), (base,))),
        (),
        OPAQUE,
    )
    factor = exponential(half) + root**2
    return kernel.combine(
        at_most(base**4, exponential(t)),
        ((1, (fourth,), ()),),
        ((number(-1), twice), (-factor, once)),
        OPAQUE,
    )


@dataclass(frozen=True)
class ExponentialOfNumber:
    """``exp(c) <= number`` for a rational ``c >= 0``, from ``exp(t) <= 1/(1 - t)`` at a small t.

    Attributes
    ----------
    at : Fraction
    rounds : int
        ``t = c/4^rounds``, which must be less than one.
    """

    at: Fraction
    rounds: int = 1
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """The tangent at ``-t``, and fourth powers."""
        t = self.at / 4**self.rounds
        found, most = self._reciprocal(t), 1 / (1 - t)
        for _ in range(self.rounds):
            found, most, t = self._fourth(t, found, most), most**4, 4 * t
        rest = goal.args[1].data - most
        return close(goal, ((1, (found,), ()), (max(rest, Fraction(0)), (), ())))

    @staticmethod
    def _reciprocal(t: Fraction) -> Theorem:
        """``exp(t) <= 1/(1 - t)``, as ``(1 - t) exp(t) <= exp(-t) exp(t) = 1``."""
        most = 1 / (1 - t)
        pair = with_argument(kernel.axiom("exponential of a sum", number(t), number(-t)), number(0))
        one = NoOdds().prove(equal(exponential(number(0)), 1), {})
        tangent = kernel.axiom("tangent", number(-t))
        sign = facts.exponential_sign(number(t))
        return kernel.combine(
            at_most(exponential(number(t)), most),
            ((most, (sign, tangent), ()),),
            ((number(-most), pair), (number(most), one)),
            OPAQUE,
        )

    @staticmethod
    def _fourth(t: Fraction, first: Theorem, most: Fraction) -> Theorem:
        """``exp(4 t) <= most^4`` from ``exp(t) <= most``."""
        up = exponential(number(t))
        sign = facts.exponential_sign(number(t))
        square = kernel.combine(
            at_most(up**2, most**2), ((1, (first, sign), ()), (most, (first,), ())), (), OPAQUE
        )
        fourth = kernel.combine(
            at_most(up**4, most**4), ((1, (square,), (up,)), (most**2, (square,), ())), (), OPAQUE
        )
        double, whole = number(2 * t), number(4 * t)
        once = with_argument(kernel.axiom("exponential of a sum", number(t), number(t)), double)
        twice = with_argument(kernel.axiom("exponential of a sum", double, double), whole)
        factor = exponential(double) + up**2
        return kernel.combine(
            at_most(exponential(whole), most**4),
            ((1, (fourth,), ()),),
            ((number(1), twice), (factor, once)),
            OPAQUE,
        )
