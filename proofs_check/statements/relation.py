"""Statements that compare two computed quantities: ``=``, ``<=``, ``<``, ``>=``, ``>``.

Both sides are functions of a `Point`: a mixture together with a way to evaluate losses, gradients,
Hessians and other expectations there. The same sides are evaluated by ``numerics`` to look for
a counterexample and by independent code to confirm one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

from numerics.errors import InputError
from proofs_check.statements.mixture import Mixture
from proofs_check.statements.origin import origin_field
from proofs_check.statements.sign import Decision, Sign, SignText

if TYPE_CHECKING:
    from derive.algebra.program import Program
    from derive.losses.objectives import Objective

Ball = Any  # a flint.arb; typed loosely so that listing claims does not load python-flint
Nested = Any  # a ball, or lists of balls nested to the depth of the quantity


class Point(Protocol):
    """A mixture at which quantities can be evaluated; all numbers are Arb balls."""

    @property
    def mixture(self) -> Mixture:
        """The exact point."""
        ...

    @property
    def means(self) -> list[list[Ball]]:
        """The means as balls."""
        ...

    @property
    def weights(self) -> list[Ball]:
        """The weights as balls."""
        ...

    @property
    def parameters(self) -> Mapping[str, Ball]:
        """The parameters of the family (`proofs_check.statements.family`) that it belongs to."""
        ...

    def loss(self, objective: str | Objective) -> Ball:
        """Loss of an objective."""
        ...

    def gradient(self, objective: str | Objective) -> list[list[Ball]]:
        """Gradient in the means, ``n x d``."""
        ...

    def hessian(
        self, objective: str | Objective, rows: Sequence[int] | None = None
    ) -> list[list[Ball]]:
        """Hessian in the means, ``nd x nd``, rows ordered (component, coordinate).

        With ``rows``, the principal submatrix in these.
        """
        ...

    def expectation(self, program: Program) -> Nested:
        """Expectation of a lowered integrand, nested in the order of its free labels."""
        ...

    def elsewhere(self, mixture: Mixture) -> Point:
        """Return the same kind of evaluation at another mixture (for symmetries)."""
        ...


Side = Callable[[Point], Nested]
#: What says whether a point counts: a comparison of its balls is true only if it is certain.
Predicate = Callable[[Point], object]


class RelationError(InputError):
    """A side that cannot be evaluated as it is written: an error of the claim, not of its numbers.

    Names the relation, and the file and line where it was written.
    """

    def __init__(self, relation: Relation, found: str, allowed: str) -> None:
        place = f", written at {relation.origin}" if relation.origin else ""
        super().__init__(f"relation {relation.text!r}{place}", found, allowed)


@dataclass(frozen=True)
class RelationOutcome:
    """What an evaluation says about a relation at one point.

    Attributes
    ----------
    decision : {"holds", "fails", "undecided"}
        ``holds``: the enclosures show it in every component (an equality: only of exact numbers).
        ``fails``: they exclude it in one. ``undecided``: neither, they overlap or touch.
    violated : pair of balls or None
        The two sides of a component whose enclosures exclude the relation.
    margin : Fraction
        ``=``: the largest ``|left - right|`` the enclosures allow; else the smallest amount they
        allow by which the side that should be larger is. Divided by ``max(1, |left|, |right|)``.
    width : Fraction
        Largest radius of ``left - right``, divided by the same.
    sides : tuple of pair of balls
        Both sides of every component.
    """

    decision: Decision
    violated: tuple[Ball, Ball] | None
    margin: Fraction
    width: Fraction
    sides: tuple[tuple[Ball, Ball], ...] = ()


@dataclass(frozen=True)
class Relation:
    """A statement about every mixture of a family.

    Attributes
    ----------
    text : str
        The statement in plain text.
    left, right : callable
        Functions of a `Point`; nested lists are compared entry by entry.
    sign : {"=", "<=", "<", ">=", ">"}
        How left and right compare; `comparison` is its meaning.
    given : callable or None
        A condition on the point: where it is not (certainly) true, the relation says nothing, and
        the point does not count.
    tight : bool
        Whether an inequality is nearly an equality somewhere among its cases, so that 5% less would
        fail there. A bound that is not says so.
    origin : str
        File and line where it was written.

    Raises
    ------
    InputError
        If the sign is none of these, to the letter, or a side is no function.

    Examples
    --------
    >>> de_bruijn = Relation(
    ...     "sum_j v_j . grad_j K = L",
    ...     lambda at: dot(at.means, at.gradient("kl")),
    ...     "=",
    ...     lambda at: at.loss("forward"),
    ... )
    >>> de_bruijn.sign
    '='
    """

    text: str
    left: Side
    sign: SignText
    right: Side
    given: Predicate | None = None
    tight: bool = True
    origin: str = origin_field()

    def __post_init__(self) -> None:
        Sign.read(self.sign)
        for name in ("left", "right"):
            if not callable(getattr(self, name)):
                raise RelationError(self, f"{name}: {getattr(self, name)!r}", "a function")
        if self.given is not None and not callable(self.given):
            raise RelationError(self, f"given: {self.given!r}", "a function, or None")

    @property
    def comparison(self) -> Sign:
        """The meaning of the sign."""
        return Sign.read(self.sign)

    def applies(self, at: Point) -> bool:
        """Whether it says something at a point: its condition is certainly true there."""
        return self.given is None or bool(self._written(self.given, at))

    def judge(self, at: Point) -> RelationOutcome:
        """Compare both sides at a point.

        Raises
        ------
        RelationError
            If a side cannot be evaluated as written, or the sides have different shapes, or no
            entries.
        ArithmeticError
            If a side is not finite.
        """
        left_side, right_side = self._written(self.left, at), self._written(self.right, at)
        if shape(left_side) != shape(right_side):
            shapes = f"{shape(left_side) or 'a number'} against {shape(right_side) or 'a number'}"
            raise RelationError(self, f"sides of shapes {shapes}", "sides of one shape")
        left = [self._ball(entry) for entry in flatten(left_side)]
        right = [self._ball(entry) for entry in flatten(right_side)]
        if not left:
            raise RelationError(self, "sides without entries", "at least one entry")
        sign = self.comparison
        entries = [_compare(a, b, sign) for a, b in zip(left, right, strict=True)]
        worst = max if sign.is_equality else min
        broken = [entry for entry in entries if entry.decision == "fails"]
        most = max(broken, key=lambda entry: abs(entry.gap), default=None)
        shown = all(entry.decision == "holds" for entry in entries)
        return RelationOutcome(
            "fails" if most else "holds" if shown else "undecided",
            (most.left, most.right) if most else None,
            worst(entry.margin for entry in entries),
            max(entry.width for entry in entries),
            tuple(zip(left, right, strict=True)),
        )

    def _written(self, function: Callable[[Point], Any], at: Point) -> Any:
        """Call a function of the author; what is wrong with it is his error, by name."""
        try:
            return function(at)
        except (InputError, NotImplementedError):
            raise
        except (AttributeError, LookupError, NameError, TypeError, ValueError) as error:
            found = f"{type(error).__name__}: {error}"
            raise RelationError(self, found, "what a Point offers, exact numbers, and + - *") from (
                error
            )

    def _ball(self, entry: Any) -> Ball:
        try:
            return as_ball(entry)
        except InputError as error:
            raise RelationError(self, str(error.value), error.allowed) from error


@dataclass(frozen=True)
class _Entry:
    """Comparison of one component."""

    left: Ball
    right: Ball
    decision: Decision
    gap: Fraction  # midpoint
    margin: Fraction
    width: Fraction


def _compare(left: Ball, right: Ball, sign: Sign) -> _Entry:
    gap = sign.gap(left, right)
    scale = max(Fraction(1), abs(exact(left.mid())), abs(exact(right.mid())))
    margin = abs(gap).upper() if sign.is_equality else gap.lower()
    return _Entry(
        left,
        right,
        sign.decide(left, right),
        exact(gap.mid()),
        exact(margin) / scale,
        exact(gap.rad()) / scale,
    )


def exact(end: Ball) -> Fraction:
    """Rational value of an exact ball (a midpoint, or an end from ``lower`` or ``upper``).

    Raises
    ------
    ArithmeticError
        If the number is not finite.
    """
    from numerics.numbers.balls import exact_rational

    return exact_rational(end)


def as_ball(value: Any) -> Ball:
    """Enclose an exact number, also a `Decimal` or a text; balls pass.

    Raises
    ------
    InputError
        For anything else: python-flint would take a float for an exact number.

    Examples
    --------
    >>> as_ball("1/4") + Fraction(1, 4)
    0.500000000000000
    >>> as_ball(0.1)
    Traceback (most recent call last):
    ...
    numerics.errors.InputError: number in a relation: got 0.1, a binary float; allowed: an int, ...
    """
    from proofs_check.statements.mixing import mixing

    return mixing(value)


def shape(value: Nested) -> tuple[Any, ...]:
    """Return the lengths of nested lists, row by row; ``()`` of a number.

    Examples
    --------
    >>> shape([[1, 2], [3, 4]]), shape([[1, 2], [3]]), shape(7)
    ((2, 2), (2, (2,), (1,)), ())
    """
    if not isinstance(value, list | tuple):
        return ()
    inner = [shape(entry) for entry in value]
    if any(entry != inner[0] for entry in inner):
        return (len(value), *inner)
    return (len(value), *(inner[0] if inner else ()))


def flatten(value: Nested) -> Iterator[Ball]:
    """Yield the entries of nested lists in order.

    Examples
    --------
    >>> list(flatten([[1, 2], [3]]))
    [1, 2, 3]
    """
    if isinstance(value, list | tuple):
        for entry in value:
            yield from flatten(entry)
    else:
        yield value


def dot(left: Nested, right: Nested) -> Ball:
    """Sum of the entrywise products of two equally nested lists.

    Examples
    --------
    >>> dot([[1, 2], [3, 4]], [[1, 0], [0, 1]])
    5
    """
    return sum(a * b for a, b in zip(flatten(left), flatten(right), strict=True))


def scaled(factor: Any, value: Nested) -> Nested:
    """Multiply every entry of nested lists by an exact number or a ball.

    Examples
    --------
    >>> scaled(Fraction(1, 2), [[as_ball(1)], [as_ball(3)]])
    [[0.500000000000000], [1.50000000000000]]
    """
    if isinstance(value, list | tuple):
        return [scaled(factor, entry) for entry in value]
    return as_ball(factor) * value
