"""Range, base and slopes of numbers over boxes contain what the numbers are at every point."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.errors import InputError
from numerics.numbers.balls import ball, precision
from numerics.validated.interval import Interval
from numerics.validated.slope_numbers import Affine, Frame

NAMES = ("s", "t", "u")
rationals = st.fractions(-3, 3, max_denominator=8)
UNARY = {
    "exp": lambda x: x.exp(),
    "tanh": lambda x: x.tanh(),
    "erf": lambda x: x.erf(),
    "sin": lambda x: x.sin(),
    "cos": lambda x: x.cos(),
    "abs": abs,
    "square": lambda x: x**2,
    "cube": lambda x: x**3,
    "product": lambda x: x * x,
    "inverse": lambda x: 1 / (2 + x * x),
    "logarithm": lambda x: (1 + x**2).log(),
    "root": lambda x: (1 + abs(x)).sqrt(),
    "minus": lambda x: -x,
}
BINARY = {
    "plus": lambda x, y: x + y,
    "minus": lambda x, y: x - y,
    "times": lambda x, y: x * y,
    "over": lambda x, y: x / (1 + y**2),
    "min": lambda x, y: x.min(y),
    "max": lambda x, y: x.max(y),
}
Expression = tuple[Any, ...]


def expressions() -> st.SearchStrategy[Expression]:
    leaves = st.one_of(
        st.sampled_from(NAMES).map(lambda name: ("parameter", name)),
        rationals.map(lambda value: ("constant", value)),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(sorted(UNARY)), inner),
            st.tuples(st.sampled_from(sorted(BINARY)), inner, inner),
        ),
        max_leaves=6,
    )


def value(expression: Expression, of: Any) -> Any:
    """Evaluate with numbers over a box, or with thin balls."""
    head, *rest = expression
    if head == "parameter":
        return of[rest[0]]
    if head == "constant":
        return of["one"] * rest[0]
    if len(rest) == 1:
        return UNARY[head](value(rest[0], of))
    return BINARY[head](value(rest[0], of), value(rest[1], of))


class Thin:
    """A thin ball with the names and mixed arithmetic that relations use."""

    def __init__(self, of: arb) -> None:
        self.of = of

    def _lifted(self, other: Any) -> arb:
        return other.of if isinstance(other, Thin) else ball(other)

    def __add__(self, other: Any) -> Thin:
        return Thin(self.of + self._lifted(other))

    def __sub__(self, other: Any) -> Thin:
        return Thin(self.of - self._lifted(other))

    def __mul__(self, other: Any) -> Thin:
        return Thin(self.of * self._lifted(other))

    def __truediv__(self, other: Any) -> Thin:
        return Thin(self.of / self._lifted(other))

    def __rtruediv__(self, other: Any) -> Thin:
        return Thin(self._lifted(other) / self.of)

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self) -> Thin:
        return Thin(-self.of)

    def __abs__(self) -> Thin:
        return Thin(abs(self.of))

    def __pow__(self, exponent: int) -> Thin:
        result = Thin(arb(1))
        for _ in range(exponent):
            result = result * self
        return result

    def __getattr__(self, name: str) -> Any:
        def call(*others: Any) -> Thin:
            return Thin(getattr(self.of, name)(*map(self._lifted, others)))

        return call


@st.composite
def cases(draw: st.DrawFn) -> tuple[Expression, dict[str, Interval], list[dict[str, Fraction]]]:
    """An expression, a box, and points in it."""
    box = {}
    for name in NAMES:
        low = draw(rationals)
        box[name] = Interval(low, low + draw(st.sampled_from([Fraction(1, 50), Fraction(3, 2)])))
    shares = st.fixed_dictionaries({name: st.integers(0, 8) for name in NAMES})
    points = [
        {name: box[name].low + box[name].width * share / 8 for name, share in drawn.items()}
        for drawn in draw(st.lists(shares, min_size=2, max_size=4))
    ]
    return draw(expressions()), box, points


def exact_point(point: dict[str, Fraction]) -> dict[str, Thin]:
    return {**{name: Thin(ball(x)) for name, x in point.items()}, "one": Thin(arb(1))}


def numbers(frame: Frame) -> dict[str, Any]:
    return {**{name: frame.parameter(name) for name in NAMES}, "one": frame.constant(1)}


@settings(max_examples=150)
@given(cases(), st.booleans(), st.fractions(-1, 1, max_denominator=3))
def test_every_point_of_the_box_is_enclosed(
    case: tuple[Expression, dict[str, Interval], list[dict[str, Fraction]]],
    touching: bool,
    shift: Fraction,
) -> None:
    expression, box, points = case
    target = Affine(shift, {"t": Fraction(1)})
    frame = Frame(box, ("s", target) if touching else None)
    with precision(90):
        found = value(expression, numbers(frame))
        for point in points:
            exact = value(expression, exact_point(point)).of
            assert found.range.overlaps(exact)
            if touching:
                deviations = [point["s"] - point["t"] - shift]
                base = {**point, "s": point["t"] + shift}
            else:
                deviations = [point[name] - box[name].middle for name in NAMES]
                base = {name: box[name].middle for name in NAMES}
            if found.nonnegative():
                assert not exact < 0
            if not all(box[name].low <= base[name] <= box[name].high for name in NAMES):
                continue  # what a number is outside the box, nobody asks
            at_base = value(expression, exact_point(base)).of
            assert found.base.overlaps(at_base)
            form = at_base
            for deviation, slope, size in zip(
                deviations, found.total_slopes, found.magnitudes, strict=True
            ):
                form = form + ball(deviation) * slope + ball(abs(deviation)) * size
            assert form.overlaps(exact) or not form.is_finite()


@given(st.fractions(Fraction(1, 100), 4), st.fractions(Fraction(1, 100), 4))
def test_a_factor_that_vanishes_is_divided_out_only_if_it_is_small_enough(
    left: Fraction, right: Fraction
) -> None:
    square = {name: Interval(Fraction(0), Fraction(1)) for name in ("s", "t")}
    frame = Frame(square, ("s", Affine(Fraction(0), {"t": Fraction(1)})))
    s, t = frame.parameter("s"), frame.parameter("t")
    gap = right * abs(s - t) - abs(left * (s - t) * (1 + s * t) / 2)
    # over the square, |left (1 + s t)/2| takes all values from left/2 to left
    if right < left:
        assert not gap.nonnegative()
    if right > 2 * left:
        assert gap.nonnegative()


def test_both_signs_of_the_factor_count() -> None:
    equal = ("s", Affine(Fraction(0), {"t": Fraction(1)}))
    square = {name: Interval(Fraction(0), Fraction(1)) for name in ("s", "t")}
    above = {**square, "s": Interval(Fraction(1), Fraction(2))}
    for box, holds in ((square, False), (above, True)):
        frame = Frame(box, equal)
        gap = frame.parameter("s") - frame.parameter("t")
        assert (gap * 1).nonnegative() is holds
        assert not (-gap).nonnegative()


@pytest.mark.parametrize("wrong", [0.5, float("nan"), True])
def test_what_is_not_exact_is_refused(wrong: object) -> None:
    t = Frame({"t": Interval(Fraction(0), Fraction(1))}).parameter("t")
    with pytest.raises((InputError, TypeError)):
        t + wrong


def test_comparisons_and_conditions_are_refused() -> None:
    t = Frame({"t": Interval(Fraction(0), Fraction(1))}).parameter("t")
    with pytest.raises(InputError, match="min, max, abs"):
        bool(t)
    with pytest.raises(InputError, match="comparison"):
        t < 1  # noqa: B015


def test_no_bound_beside_a_zero_is_no_bound() -> None:
    """``0 / 0`` on the base set is not 0."""
    box = {name: Interval(Fraction(0), Fraction(1)) for name in ("s", "t")}
    frame = Frame(box, ("s", Affine(Fraction(0), {"t": Fraction(1)})))
    gap = frame.parameter("s") - frame.parameter("t")
    assert not (abs(gap) / gap).nonnegative()
    assert not ((gap * gap) / gap).range.is_finite()
