"""Tactics of the proofs about clusters: tangents of the responsibilities, Minkowski."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import comb
from typing import ClassVar

from proofs_check.proofs import kernel
from proofs_check.proofs.kernel import Definition, ProofError, Term, Theorem
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.tactics import facts
from proofs_check.proofs.tactics.bounds import largest_of, square_root_bound
from proofs_check.proofs.tactics.closing import OPAQUE, close
from proofs_check.proofs.tactics.exponentials import (
    NoOdds,
    exponential_positive,
    with_argument,
)
from proofs_check.proofs.tactics.language import (
    N_,
    J,
    Operand,
    V,
    X,
    at_most,
    below,
    define,
    equal,
    exponential,
    log_ratio,
    nonnegative,
    psi,
    term,
)
from proofs_check.proofs.tactics.script import Step, Tactic
from proofs_check.proofs.tactics.steps import (
    Binder,
    Premises,
    _as,
    _binders,
    _equations,
    _named,
)

_HALF = Fraction(1, 2)


def _logarithm(premises: Premises) -> tuple[Term, Theorem]:
    """``l_j`` and ``w_j p/q = exp(l_j)`` from ``n pi_j = 1`` for every j."""
    density = kernel.axiom("density", V, J, X)
    weight, exponent = density.record.conclusion.args[1].args
    uniform = kernel.specialise(_named(premises, "uniform"), J)
    ratio = exponential(log_ratio(V))
    scaled = kernel.combine(
        equal(N_ * psi(V, J) * ratio, exponent),
        (),
        ((N_, density), (exponent, uniform)),
        OPAQUE,
    )
    assert weight.op == "pi"
    return exponent.args[0], scaled


@dataclass(frozen=True)
class ResponsibilityTangent:
    """``1 + log w_j <= w_j``, or ``(1 + t) w_j - w_j log w_j <= exp(t)``; ``w_j = n psi_j``.

    Attributes
    ----------
    at : Term or None
        ``t``, for the second.
    """

    at: Term | None = None
    kind: ClassVar[str] = "pointwise inequality"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """The tangent of the exponential at ``log w_j``, or at ``t``; ``p/q`` is divided out."""
        log, scaled = _logarithm(premises)
        f, w = log_ratio(V), N_ * psi(V, J)
        gap = log - f
        positive = exponential_positive(f)
        if self.at is None:
            whole = with_argument(kernel.axiom("exponential of a sum", f, gap), log)
            tangent = kernel.axiom("tangent", gap)
            shown = at_most(1 + gap, w)
            product = kernel.combine(
                nonnegative(exponential(f) * (w - 1 - gap)),
                ((1, (facts.exponential_sign(f), tangent), ()),),
                ((number(-1), scaled), (number(-1), whole)),
                OPAQUE,
            )
            found = facts.cancel(positive, product, shown)
        else:
            t = self.at
            both = kernel.axiom("exponential of a sum", f, t)
            rest = f + t - log
            whole = with_argument(kernel.axiom("exponential of a sum", log, rest), f + t)
            tangent = kernel.axiom("tangent", rest)
            shown = at_most(w * (1 + t - gap), exponential(t))
            product = kernel.combine(
                nonnegative(exponential(f) * (exponential(t) - w * (1 + t - gap))),
                ((1, (facts.exponential_sign(log), tangent), ()),),
                ((number(1), both), (number(-1), whole), (1 + rest, scaled)),
                OPAQUE,
            )
            found = facts.cancel(positive, product, shown)
        return _as(found, goal)


@dataclass(frozen=True)
class ResponsibilityChord:
    """``8 (w_j - 1)^2 <= 5 (w_j^2 - 1) log w_j``, ``w_j = n psi_j``."""

    kind: ClassVar[str] = "pointwise inequality"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """With ``x = exp(t/2)``, ``t = log w_j``: by cases, where x is more or less than one."""
        log, scaled = _logarithm(premises)
        f, w = log_ratio(V), N_ * psi(V, J)
        t = log - f
        half = _HALF * t
        x = exponential(half)
        # w = x^2, as exp(f) w = exp(log) = exp(f) exp(t)
        whole = with_argument(kernel.axiom("exponential of a sum", f, t), log)
        product = kernel.combine(
            equal(exponential(f) * (w - exponential(t)), 0),
            (),
            ((number(1), scaled), (number(1), whole)),
            OPAQUE,
        )
        same = facts.cancel(exponential_positive(f), product, equal(w, exponential(t)))
        double = with_argument(kernel.axiom("exponential of a sum", half, half), t)
        square = kernel.combine(
            equal(w, x**2), (), ((number(1), same), (number(1), double)), OPAQUE
        )
        shown = at_most(8 * (x**2 - 1) ** 2, 5 * (x**4 - 1) * t)
        found = self._by_cases(x, half, shown)
        return _as(
            kernel.combine(
                at_most(8 * (w - 1) ** 2, 5 * (w**2 - 1) * t),
                ((1, (found,), ()),),
                ((8 * (w + x**2 - 2) - 5 * t * (w + x**2), square),),
                OPAQUE,
            ),
            goal,
        )

    @staticmethod
    def _by_cases(x: Term, half: Term, shown: Term) -> Theorem:
        """``8 (x^2 - 1)^2 <= 5 (x^4 - 1) t`` from the tangents at ``t/2`` and ``-t/2``."""
        positive = exponential_positive(half)
        up = kernel.axiom("tangent", half)
        pair = with_argument(kernel.axiom("exponential of a sum", half, -half), number(0))
        unit = kernel.combine(
            equal(x * exponential(-half), 1),
            (),
            ((number(-1), pair), (number(1), NoOdds().prove(equal(exponential(number(0)), 1), {}))),
            OPAQUE,
        )
        down = kernel.combine(
            at_most(x * (1 - half), 1),
            ((1, (positive, kernel.axiom("tangent", -half)), ()),),
            ((number(1), unit),),
            OPAQUE,
        )
        more, less = kernel.assume(at_most(1, x)), kernel.assume(below(x, 1))
        rest = shown.args[1] - shown.args[0]
        # x rest = 2 (x^2 - 1) (5 (x^2 + 1) (1 - x + x t/2) + (x - 1) ((x - 2)^2 + 1))
        scaled = kernel.combine(
            nonnegative(x * rest),
            (
                (10, (more, positive, down), (x,)),
                (10, (more, positive, down), ()),
                (10, (more, down), (x,)),
                (10, (more, down), ()),
                (2, (more, more, positive), (x - 2,)),
                (2, (more, more, positive), ()),
                (2, (more, more), (x - 2,)),
                (2, (more, more), ()),
            ),
            (),
            OPAQUE,
        )
        first = facts.cancel(positive, scaled, shown)
        # rest = 2 (x + 1) (5 (1 - x) (x - 1 - t/2) (x^2 + 1) + (1 - x)^2 ((2 x - 1)^2 + x^2))
        second = kernel.combine(
            shown,
            (
                (10, (less, positive, up), (x,)),
                (10, (less, positive, up), ()),
                (10, (less, up), (x,)),
                (10, (less, up), ()),
                (2, (less, less, positive), (2 * x - 1,)),
                (2, (less, less, positive), (x,)),
                (2, (less, less), (2 * x - 1,)),
                (2, (less, less), (x,)),
            ),
            (),
            OPAQUE,
        )
        return kernel.split(number(1), x, first, second)


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


@dataclass(frozen=True)
class Minkowski:
    """``|sum of f_i|^2 <= (sum of b_i)^2`` from ``|f_i|^2 <= b_i^2`` and ``0 <= b_i``.

    Attributes
    ----------
    parts : tuple of (Term, Term, str, str)
        ``f_i``, ``b_i``, and the premises with its square and its sign.
    over : tuple of Term or Over
        The sums that ``|f|^2`` is.
    """

    parts: tuple[tuple[Term, Operand, str, str], ...]
    over: tuple[Binder, ...]
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """``f_i.f_k <= b_i b_k`` by Cauchy and Schwarz, the parts and bounds as words."""
        binders = _binders(self.over)
        mean = _mean_over(binders)
        equations = _equations(premises)
        products = []
        known: list[_Part] = []
        for f, b, square, sign in self.parts:
            bound = term(b)
            small = close(
                at_most(mean(f**2), bound**2), ((1, (_named(premises, square),), ()),), equations
            )
            positive = close(nonnegative(bound), ((1, (_named(premises, sign),), ()),), equations)
            known.append(_Part(f, bound, _word(f), _word(bound), small, positive))
            products.append((1, (small,), ()))
        for one, two in combinations(known, 2):
            words = one.words | two.words
            schwarz = facts.cauchy_schwarz(one.word, two.word, (), binders)
            (small, above), (least, over) = one.in_words(mean), two.in_words(mean)
            size = square_over_zero(one.word, binders)
            b, c = one.size, two.size
            # (f.g)^2 <= |f|^2 |g|^2 <= |f|^2 c^2 <= b^2 c^2
            squares = kernel.combine(
                at_most(mean(one.word * two.word) ** 2, (b * c) ** 2),
                (
                    (1, (schwarz,), ()),
                    (1, (size, least), ()),
                    (1, (small,), (c,)),
                ),
                (),
                OPAQUE,
            )
            both = kernel.combine(nonnegative(b * c), ((1, (above, over), ()),), (), OPAQUE)
            inner = square_root_bound(at_most(mean(one.word * two.word), b * c), squares, both)
            written = at_most(mean(one.vector * two.vector), one.bound * two.bound)
            products.append((2, (kernel.combine(written, ((1, (inner,), ()),), (), words),), ()))
        return close(goal, products, equations)


@dataclass(frozen=True)
class _Part:
    """One part of a sum, its bound, words for both, and the two premises."""

    vector: Term
    bound: Term
    word: Term
    size: Term
    small: Theorem
    positive: Theorem

    @property
    def words(self) -> frozenset[Definition]:
        return frozenset({self.word.data, self.size.data})

    def in_words(self, mean: Callable[[Term], Term]) -> tuple[Theorem, Theorem]:
        """The premises, of the words."""
        small = at_most(mean(self.word**2), self.size**2)
        return (
            kernel.combine(small, ((1, (self.small,), ()),), (), self.words),
            kernel.combine(nonnegative(self.size), ((1, (self.positive,), ()),), (), self.words),
        )


def _word(meaning: Term) -> Term:
    """A word for a term, of all its variables: what it consists of need not be looked at."""
    variables = tuple(sorted(meaning.free, key=lambda variable: variable.key))
    return define("word", meaning, *variables)(*variables)


def square_over_zero(f: Term, over: tuple[facts.Over, ...]) -> Theorem:
    """``0 <=`` sums of ``f^2``."""
    found = facts.square_over(f, (), over)
    mean = _mean_over(over)
    return kernel.combine(nonnegative(mean(f**2)), ((1, (found,), ()),), (), OPAQUE)


def _mean_over(over: tuple[facts.Over, ...]) -> Callable[[Term], Term]:
    from proofs_check.proofs.kernel.terms import closed

    def mean(t: Term) -> Term:
        for one in reversed(over):
            data = one.variable.sort if one.op == "sum" else None
            t = Term(one.op, (*one.prefix, closed(t, one.variable)), data)
        return t

    return mean


@dataclass(frozen=True)
class Certificate:
    """``right - left`` is a sum of products of premises and of squares, modulo equations.

    Attributes
    ----------
    products : tuple of (number, tuple of str, tuple of Term)
        Nonnegative numbers, names of premises, and what is squared beside them.
    """

    products: tuple[tuple[Fraction | int, tuple[str, ...], tuple[Operand, ...]], ...]
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """The kernel checks the sum."""
        products = [
            (c, tuple(_named(premises, name) for name in names), tuple(term(s) for s in squares))
            for c, names, squares in self.products
        ]
        return close(goal, products, _equations(premises))


@dataclass(frozen=True)
class Weighted:
    """A `Certificate` that is given the multipliers of its equations, where they are hard to find.

    Attributes
    ----------
    products : tuple of (number, tuple of str, tuple of Term)
        As in a `Certificate`.
    factors : tuple of (Term or number, str)
        Multipliers and equations.
    """

    products: tuple[tuple[Fraction | int, tuple[str, ...], tuple[Operand, ...]], ...]
    factors: tuple[tuple[Operand, str], ...]
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """The kernel checks the sum, no definition written out."""
        products = tuple(
            (c, tuple(_named(premises, name) for name in names), tuple(term(s) for s in squares))
            for c, names, squares in self.products
        )
        equations = tuple((term(f), _named(premises, name)) for f, name in self.factors)
        return kernel.combine(goal, products, equations, OPAQUE)


#: A number, names of premises, and, if any, what is squared beside them.
Row = (
    tuple[Fraction | int, tuple[str, ...]]
    | tuple[Fraction | int, tuple[str, ...], tuple[Operand, ...]]
)


def shown(name: str, why: str, goal: Term, *rows: Row, using: tuple[str, ...] = ()) -> Step:
    """A step by a `Certificate`: what it uses is read off its products; equations are named.

    Parameters
    ----------
    name, why : str
    goal : Term
    *rows : tuple
        The products of the certificate.
    using : tuple of str
        Equations.

    Examples
    --------
    >>> from proofs_check.proofs.tactics.language import nonnegative, real
    >>> shown("t >= 0", "2 t - t", nonnegative(real("t")), (1, ("half",))).uses
    ('half',)
    """
    products = tuple((row[0], row[1], row[2] if len(row) == 3 else ()) for row in rows)
    names = dict.fromkeys(used for row in rows for used in row[1])
    return Step(name, why, goal, Certificate(products), tuple(dict.fromkeys((*names, *using))))


@dataclass(frozen=True)
class Discharged:
    """Another tactic, and then a hypothesis that a premise shows is cut.

    Attributes
    ----------
    tactic : Tactic
    shown : str
    """

    tactic: Tactic
    shown: str
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Prove without the premise, then cut."""
        rest = {name: p for name, p in premises.items() if name != self.shown}
        return kernel.cut(premises[self.shown], self.tactic.prove(goal, rest))


@dataclass(frozen=True)
class Absurd:
    """Any inequality from ``s < t`` and ``t <= s``.

    Attributes
    ----------
    strict, weak : str
    """

    strict: str
    weak: str
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """``t - s`` is positive and zero: divide by it."""
        strict = _named(premises, self.strict)
        s, t = strict.record.conclusion.args
        gap, rest = t - s, goal.args[1] - goal.args[0]
        factor = kernel.combine(below(0, gap), ((1, (strict,), ()),), (), OPAQUE)
        weak = close(
            at_most(gap, 0), ((1, (_named(premises, self.weak),), ()),), _equations(premises)
        )
        other = kernel.combine(at_most(0, gap), ((1, (strict,), ()),), (), OPAQUE)
        zero = kernel.antisymmetry(weak, other)
        product = kernel.combine(nonnegative(gap * rest), (), ((-rest, zero),), OPAQUE)
        return facts.cancel(factor, product, goal)


@dataclass(frozen=True)
class FirstOfLarger:
    """``0 <= s`` from ``0 <= max(s, t)`` and ``t < 0``.

    Attributes
    ----------
    larger, other : str
        The two premises.
    """

    larger: str
    other: str
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """By cases: the larger is t, which cannot be, or s."""
        other = _named(premises, self.other)
        t = other.record.conclusion.args[0]
        s = goal.args[1]
        larger = close(nonnegative(largest_of(s, t)), ((1, (_named(premises, self.larger),), ()),))
        one = kernel.axiom("first case", s, t, t, s)
        two = kernel.axiom("second case", s, t, t, s)
        weak = kernel.combine(nonnegative(t), ((1, (larger,), ()),), ((number(1), one),), OPAQUE)
        first = Absurd("strict", "weak").prove(goal, {"strict": other, "weak": weak})
        second = kernel.combine(goal, ((1, (larger,), ()),), ((number(1), two),), OPAQUE)
        return kernel.split(s, t, first, second)


@dataclass(frozen=True)
class AbsoluteBound:
    """``t^2 <= b^2`` from ``-b <= t`` and ``t <= b``.

    Attributes
    ----------
    above, beneath : str
    """

    above: str
    beneath: str
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """``(b - t)(b + t) >= 0``."""
        products = ((1, (_named(premises, self.above), _named(premises, self.beneath)), ()),)
        return close(goal, products, _equations(premises))


__all__ = [
    "AbsoluteBound",
    "Absurd",
    "Certificate",
    "Discharged",
    "ExponentialAbove",
    "ExponentialOfNumber",
    "FirstOfLarger",
    "Minkowski",
    "ProofError",
    "ResponsibilityChord",
    "ResponsibilityTangent",
    "Row",
    "Weighted",
    "shown",
]
