r"""Numbers that depend on parameters in a box: value, and slope from a base point.

In a box of parameters :math:`p` with deviations :math:`\delta_k(p)` from a base set, a number
:math:`f(p)` is enclosed twice: by its range, and in the form

.. math:: f(p) = L(p) + a + \sum_k \delta_k s_k + \sum_k |\delta_k| t_k

with :math:`L` affine with rational coefficients (kept exactly), and balls :math:`a` (the value on
the base set, less :math:`L`), :math:`s_k` and :math:`t_k`. The mean value form has the box's centre
as base and :math:`\delta_k = p_k - c_k`; slopes instead of derivatives let ``abs``, ``min`` and
``max`` pass. With a base set on which :math:`f` vanishes *exactly* the factor :math:`\delta` can be
divided out (`SlopeNumber.nonnegative`).

Source: A. Neumaier, *Interval methods for systems of equations*, 1990, section 2.3 (slopes).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import arb

from numerics.errors import InputError
from numerics.numbers.balls import ball, exact_rational
from numerics.numbers.exact import parse_number
from numerics.validated.interval import Interval


@dataclass(frozen=True)
class Affine:
    """``constant + sum of coefficient * parameter``, exact.

    Examples
    --------
    >>> gap = Affine(Fraction(0), {"s": Fraction(1), "t": Fraction(-1)})
    >>> gap.substituted("s", Affine(Fraction(0), {"t": Fraction(1)})).is_zero
    True
    """

    constant: Fraction = Fraction(0)
    coefficients: Mapping[str, Fraction] = field(default_factory=dict)

    @property
    def is_zero(self) -> bool:
        """Whether it vanishes for all parameters."""
        return not self.constant and not any(self.coefficients.values())

    @property
    def is_constant(self) -> bool:
        """Whether no parameter enters."""
        return not any(self.coefficients.values())

    def plus(self, other: Affine, factor: Fraction = Fraction(1)) -> Affine:
        """Return the sum with a multiple of another."""
        total = dict(self.coefficients)
        for name, value in other.coefficients.items():
            total[name] = total.get(name, Fraction(0)) + factor * value
        kept = {name: value for name, value in total.items() if value}
        return Affine(self.constant + factor * other.constant, kept)

    def times(self, factor: Fraction) -> Affine:
        """Return a multiple."""
        return Affine().plus(self, factor)

    def substituted(self, name: str, value: Affine) -> Affine:
        """Put an affine expression in place of a parameter."""
        factor = self.coefficients.get(name, Fraction(0))
        rest = {key: entry for key, entry in self.coefficients.items() if key != name}
        return Affine(self.constant, rest).plus(value, factor)

    def values(self, box: Mapping[str, Interval]) -> Interval:
        """Return the exact range over a box of parameters."""
        low = high = self.constant
        for name, factor in self.coefficients.items():
            ends = sorted((factor * box[name].low, factor * box[name].high))
            low, high = low + ends[0], high + ends[1]
        return Interval(low, high)

    def over(self, box: Mapping[str, Interval]) -> arb:
        """Enclose the values over a box of parameters."""
        return self.values(box).ball()


@dataclass(frozen=True)
class Frame:
    """A box of parameters, and the base set from which slopes are counted.

    Attributes
    ----------
    box : mapping of str to Interval
    touching : (str, Affine) or None
        With a parameter and an affine expression in the others, the base set is where they agree
        (the others anywhere in the box), and the only deviation is their difference. Else the base
        is the box's centre, with a deviation for every parameter.

    Examples
    --------
    >>> square = {"s": Interval(Fraction(1), Fraction(2)), "t": Interval(Fraction(1), Fraction(2))}
    >>> diagonal = Frame(square, ("s", Affine(Fraction(0), {"t": Fraction(1)})))
    >>> s, t = (diagonal.parameter(name) for name in "st")
    >>> (s - t).base, bool((abs(s - t) * 2 - abs(s - t)).nonnegative())
    (0, True)
    """

    box: Mapping[str, Interval]
    touching: tuple[str, Affine] | None = None

    @cached_property
    def base_box(self) -> Mapping[str, Interval]:
        """Parameters of the base set (of the touching one: a range that contains it)."""
        if self.touching is None:
            return {name: Interval(side.middle, side.middle) for name, side in self.box.items()}
        name, target = self.touching
        values = {key: side for key, side in self.box.items() if key != name}
        return {**values, name: target.values(values)}

    @cached_property
    def spans(self) -> tuple[Interval, ...]:
        """Exact range of every deviation over the box."""
        if self.touching is None:
            return tuple(
                Interval(side.low - side.middle, side.high - side.middle)
                for side in self.box.values()
            )
        name, target = self.touching
        gap = Affine(Fraction(0), {name: Fraction(1)}).plus(target, Fraction(-1))
        return (gap.values(self.box),)

    @cached_property
    def deviations(self) -> tuple[arb, ...]:
        """Range of every deviation over the box, as balls."""
        return tuple(span.ball() for span in self.spans)

    @property
    def touches(self) -> bool:
        """Whether the base set may meet the box."""
        return all(span.low <= 0 <= span.high for span in self.spans)

    def at_base(self, affine: Affine) -> Affine:
        """Return what an affine expression is on the base set."""
        if self.touching is None:
            return affine
        return affine.substituted(*self.touching)

    def slopes(self, affine: Affine) -> tuple[arb, ...]:
        """Coefficients of the deviations in an affine expression."""
        names = list(self.box) if self.touching is None else [self.touching[0]]
        return tuple(ball(affine.coefficients.get(name, Fraction(0))) for name in names)

    def parameter(self, name: str) -> SlopeNumber:
        """Return a parameter as a number."""
        return self.affine(Affine(Fraction(0), {name: Fraction(1)}))

    def affine(self, value: Affine) -> SlopeNumber:
        """Return an exact affine expression as a number."""
        zeros = tuple(arb(0) for _ in self.deviations)
        return SlopeNumber(self, value, arb(0), zeros, zeros, value.over(self.box))

    def number(
        self, rest: arb, slopes: Sequence[arb], magnitudes: Sequence[arb], values: arb
    ) -> SlopeNumber:
        """Return a number from its base value, slopes and range."""
        return SlopeNumber(self, Affine(), rest, slopes, magnitudes, values)

    def constant(self, value: int | Fraction | arb) -> SlopeNumber:
        """Return a number that does not depend on the parameters.

        Raises
        ------
        InputError
            For floats, which are not exact.
        """
        if isinstance(value, int | Fraction) and not isinstance(value, bool):
            return self.affine(Affine(Fraction(value)))
        enclosed = ball(value)
        if enclosed.is_exact():
            return self.affine(Affine(exact_rational(enclosed)))
        zeros = tuple(arb(0) for _ in self.deviations)
        return SlopeNumber(self, Affine(), enclosed, zeros, zeros, enclosed)


class SlopeNumber:
    """A number over a frame's box; behaves like a ball (``+ - * / **``, ``abs``, ``exp``, ...).

    Attributes
    ----------
    frame : Frame
    affine : Affine
        Exact part.
    rest, slopes, magnitudes : ball, tuples of balls
        ``a``, ``s`` and ``t`` of the rest.
    range : ball
        Contains all values over the box.

    Examples
    --------
    >>> frame = Frame({"t": Interval(Fraction(1), Fraction(2))})
    >>> t = frame.parameter("t")
    >>> bool((t * (1 - t)).range < 1), (abs(-t) - t).affine.is_zero
    (True, True)
    """

    __slots__ = ("affine", "frame", "magnitudes", "range", "rest", "slopes")

    def __init__(
        self,
        frame: Frame,
        affine: Affine,
        rest: arb,
        slopes: Sequence[arb],
        magnitudes: Sequence[arb],
        values: arb,
    ) -> None:
        self.frame, self.affine, self.rest = frame, affine, rest
        self.slopes, self.magnitudes = tuple(slopes), tuple(magnitudes)
        self.range = _met(values, self._form())

    def _form(self) -> arb:
        """The range that follows from base and slopes."""
        total = self.base
        for deviation, slope, size in zip(
            self.frame.deviations, self.total_slopes, self.magnitudes, strict=True
        ):
            total = total + deviation * slope
            if not size.is_zero():
                total = total + abs(deviation) * size
        return total

    @property
    def base(self) -> arb:
        """The value on the base set."""
        exact = self.frame.at_base(self.affine)
        if exact.is_zero:
            return self.rest
        return exact.over(self.frame.base_box) + self.rest

    @property
    def total_slopes(self) -> tuple[arb, ...]:
        """Slopes, those of the affine part included."""
        own = self.frame.slopes(self.affine)
        return tuple(a + b for a, b in zip(own, self.slopes, strict=True))

    @property
    def is_fixed(self) -> bool:
        """Whether it is seen not to depend on the parameters."""
        return self.affine.is_constant and all(
            entry.is_zero() for entry in (*self.slopes, *self.magnitudes)
        )

    @property
    def exactly(self) -> Affine | None:
        """The affine expression that it is; None if that is not known."""
        rest = (self.rest, *self.slopes, *self.magnitudes)
        return self.affine if all(entry.is_zero() for entry in rest) else None

    def nonnegative(self) -> bool:
        """Whether it is proved nonnegative everywhere in the box.

        By the range; or, where the base value is exactly 0 or positive, because every term
        ``delta_k s_k + |delta_k| t_k`` is: for the signs that the deviation takes in the box.
        """
        if self.range >= 0:
            return True
        return bool(self.base >= 0) and all(
            (span.high <= 0 or bool(size + slope >= 0))
            and (span.low >= 0 or bool(size - slope >= 0))
            for span, slope, size in zip(
                self.frame.spans, self.total_slopes, self.magnitudes, strict=True
            )
        )

    def _lifted(self, other: Any) -> SlopeNumber | None:
        if isinstance(other, SlopeNumber):
            if other.frame is not self.frame:
                raise InputError("number", "one over another box", "numbers over the same box")
            return other
        if isinstance(other, float):
            raise InputError("number", other, "an int, a Fraction or a ball (floats prove nothing)")
        if isinstance(other, Decimal | str):
            other = parse_number(other, "number")
        if isinstance(other, int | Fraction | arb) and not isinstance(other, bool):
            return self.frame.constant(other)
        return None

    def __add__(self, other: Any) -> SlopeNumber:
        right = self._lifted(other)
        if right is None:
            return NotImplemented
        return SlopeNumber(
            self.frame,
            self.affine.plus(right.affine),
            self.rest + right.rest,
            _added(self.slopes, right.slopes),
            _added(self.magnitudes, right.magnitudes),
            self.range + right.range,
        )

    __radd__ = __add__

    def __neg__(self) -> SlopeNumber:
        return self._scaled(Fraction(-1))

    def __sub__(self, other: Any) -> SlopeNumber:
        right = self._lifted(other)
        return NotImplemented if right is None else self + (-right)

    def __rsub__(self, other: Any) -> SlopeNumber:
        left = self._lifted(other)
        return NotImplemented if left is None else left - self

    def _scaled(self, factor: Fraction) -> SlopeNumber:
        by = ball(factor)
        return SlopeNumber(
            self.frame,
            self.affine.times(factor),
            by * self.rest,
            [by * slope for slope in self.slopes],
            [by * size for size in self.magnitudes],
            by * self.range,
        )

    def __mul__(self, other: Any) -> SlopeNumber:
        right = self._lifted(other)
        if right is None:
            return NotImplemented
        for one, two in ((self, right), (right, self)):
            if one.exactly is not None and one.exactly.is_constant:
                return two._scaled(one.exactly.constant)
        base, own = self.base, right.range
        slopes = [
            a * own + base * b for a, b in zip(self.total_slopes, right.total_slopes, strict=True)
        ]
        sizes = [a * own + base * b for a, b in zip(self.magnitudes, right.magnitudes, strict=True)]
        values = _power(self.range, 2) if self is right else self.range * own
        base = base * right.base
        return SlopeNumber(self.frame, Affine(), base, slopes, sizes, values)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> SlopeNumber:
        right = self._lifted(other)
        if right is None:
            return NotImplemented
        exact = right.exactly
        if exact is not None and exact.is_constant and exact.constant:
            return self._scaled(1 / exact.constant)
        return self * right._inverse()

    def __rtruediv__(self, other: Any) -> SlopeNumber:
        left = self._lifted(other)
        return NotImplemented if left is None else left / self

    def __pow__(self, exponent: int) -> SlopeNumber:
        if not isinstance(exponent, int) or isinstance(exponent, bool):
            raise InputError("exponent", exponent, "an integer")
        if exponent < 0:
            return 1 / self**-exponent
        return self.smooth(
            lambda x: _power(x, exponent),
            lambda x: exponent * _power(x, exponent - 1) if exponent else arb(0),
        )

    def _inverse(self) -> SlopeNumber:
        return self.smooth(lambda x: 1 / x, lambda x: -1 / (x * x))

    def smooth(
        self, function: Callable[[arb], arb], derivative: Callable[[arb], arb]
    ) -> SlopeNumber:
        """Apply a differentiable function: slopes by the mean value theorem."""
        base = self.base
        factor = derivative(base.union(self.range))
        return SlopeNumber(
            self.frame,
            Affine(),
            function(base),
            [slope * factor for slope in self.total_slopes],
            [size * factor for size in self.magnitudes],
            function(self.range),
        )

    def exp(self) -> SlopeNumber:
        """Exponential function."""
        return self.smooth(lambda x: x.exp(), lambda x: x.exp())

    def log(self) -> SlopeNumber:
        """Natural logarithm."""
        return self.smooth(lambda x: x.log(), lambda x: 1 / x)

    def sqrt(self) -> SlopeNumber:
        """Square root."""
        return self.smooth(lambda x: x.sqrt(), lambda x: 1 / (2 * x.sqrt()))

    def tanh(self) -> SlopeNumber:
        """Hyperbolic tangent."""
        return self.smooth(lambda x: x.tanh(), lambda x: 1 - _power(x.tanh(), 2))

    def erf(self) -> SlopeNumber:
        """Error function."""
        return self.smooth(lambda x: x.erf(), lambda x: 2 / arb.pi().sqrt() * (-_power(x, 2)).exp())

    def sin(self) -> SlopeNumber:
        """Sine."""
        return self.smooth(lambda x: x.sin(), lambda x: x.cos())

    def cos(self) -> SlopeNumber:
        """Cosine."""
        return self.smooth(lambda x: x.cos(), lambda x: -x.sin())

    def __abs__(self) -> SlopeNumber:
        if self.range >= 0:
            return self
        if self.range <= 0:
            return -self
        base, zeros = self.base, [arb(0)] * len(self.slopes)
        if len(self.slopes) == 1 and base.is_zero():
            # |d s + |d| t| = |d| |t + s| or |d| |t - s|, by the sign of d
            ((slope,), (size,)) = self.total_slopes, self.magnitudes
            grown = _size(size + slope).union(_size(size - slope))
            return SlopeNumber(self.frame, Affine(), base, zeros, [grown], _size(self.range))
        either = arb(0, 1)  # slopes of |x|
        return SlopeNumber(
            self.frame,
            Affine(),
            _size(base),
            [slope * either for slope in self.total_slopes],
            [size * either for size in self.magnitudes],
            _size(self.range),
        )

    def max(self, other: Any) -> SlopeNumber:
        """Larger of two numbers."""
        return self._chosen(other, 1)

    def min(self, other: Any) -> SlopeNumber:
        """Smaller of two numbers."""
        return self._chosen(other, -1)

    def _chosen(self, other: Any, sign: int) -> SlopeNumber:
        right = self._lifted(other)
        if right is None:
            raise InputError("number", repr(other), "a number over the same box, or an exact one")
        result = (self + right + sign * abs(self - right)) / 2
        pick = arb.max if sign > 0 else arb.min
        return SlopeNumber(
            result.frame,
            result.affine,
            result.rest,
            result.slopes,
            result.magnitudes,
            _met(result.range, pick(self.range, right.range)),
        )

    def __bool__(self) -> bool:
        raise InputError("number", "a comparison or a condition", "min, max, abs instead of `if`")

    def _no_order(self, other: Any) -> bool:
        raise InputError("number", "a comparison", "the sign of the relation; min, max, abs else")

    __lt__ = __le__ = __gt__ = __ge__ = _no_order
    # equality, too: a function that looks for single parameters is another one on the box
    __eq__ = __ne__ = _no_order

    def __hash__(self) -> int:
        raise InputError("number", "a look-up", "arithmetic, the same at every parameter")

    def __repr__(self) -> str:
        return f"SlopeNumber(range={self.range.str(6)}, base={self.base.str(6)})"


def _met(first: arb, second: arb) -> arb:
    """Intersection of two enclosures of one number."""
    if not second.is_finite():
        return first
    if not first.is_finite():
        return second
    return first.intersection(second)


def _added(left: Sequence[arb], right: Sequence[arb]) -> list[arb]:
    return [a + b for a, b in zip(left, right, strict=True)]


def _size(x: arb) -> arb:
    """``|x|``; never below 0, as Arb's may be."""
    return arb(x.abs_lower()).union(arb(x.abs_upper()))


def _power(x: arb, exponent: int) -> arb:
    """``x**exponent``, with the exact range of an even power over a ball about 0."""
    if exponent == 0:
        return arb(1)
    if exponent % 2 == 0:
        x = _size(x)
    return arb(x.lower()) ** exponent if x.is_exact() else _hull(x, exponent)


def _hull(x: arb, exponent: int) -> arb:
    """Values of a power that is monotone on the ball."""
    return (arb(x.lower()) ** exponent).union(arb(x.upper()) ** exponent)
