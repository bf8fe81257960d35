"""Draw mixtures: Hypothesis strategies for means, weights, students and teachers.

Every draw is exact (`fractions.Fraction`) and log-uniform where a scale matters, on the 96
preferred values per decade (1.00, 1.02, 1.05, ...), so that counterexamples shrink to readable
numbers. No draw is ever rejected.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, Literal

from hypothesis import strategies as st

from numerics.numbers.exact import Vector
from proofs_check.statements.family import Family
from proofs_check.statements.mixture import Mixture

WeightKind = Literal["any", "uniform"]

_PER_DECADE = 96
#: Steps of an even grid between two ends.
_GRID = 1000
_PREFERRED = tuple(Fraction(round(100 * 10 ** (k / _PER_DECADE)), 100) for k in range(_PER_DECADE))


def log_uniform(low: Fraction | str, high: Fraction | str) -> st.SearchStrategy[Fraction]:
    """Draw positive rationals, log-uniform between two positive bounds; shrinks towards 1.

    Raises
    ------
    ValueError
        If the bounds are not positive and in order.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(log_uniform("1e-12", "20"), lambda value: value < Fraction(1, 100)) < Fraction(1, 100)
    True
    """
    lower, upper = Fraction(low), Fraction(high)
    if not 0 < lower <= upper:
        raise ValueError(f"bounds must be positive and in order, got {low} and {high}")
    first = math.ceil(_PER_DECADE * _log10(lower) - 1e-9)
    last = math.floor(_PER_DECADE * _log10(upper) + 1e-9)
    return st.integers(first, max(first, last)).map(_preferred)


def fractions(bound: int = 20, denominator: int = 100) -> st.SearchStrategy[Fraction]:
    """Draw rationals in ``[-bound, bound]`` with a small denominator.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(fractions(), lambda value: value > Fraction(1, 3))
    Fraction(1, 1)
    """
    return st.fractions(-bound, bound, max_denominator=denominator)


def weights(n: int, low: Fraction | str = "1e-3") -> st.SearchStrategy[Vector]:
    """Draw ``n`` positive rationals with sum exactly 1 from log-uniform shares in ``[low, 1]``.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(weights(3), lambda drawn: True)
    (Fraction(1, 3), Fraction(1, 3), Fraction(1, 3))
    """
    shares = st.tuples(*[log_uniform(low, Fraction(1)) for _ in range(n)])
    return shares.map(lambda drawn: tuple(share / sum(drawn) for share in drawn))


@st.composite
def weights_between(draw: st.DrawFn, n: int, low: Fraction | str, high: Fraction | str) -> Vector:
    """Draw ``n`` weights with sum exactly 1, each in ``[low, high]``.

    Each is drawn where the others can still make up for it.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(weights_between(2, "1/10", "9/10"), lambda drawn: drawn[0] > Fraction(4, 5))[0] <= 1
    True
    """
    lower, upper = Fraction(low), Fraction(high)
    left, result = Fraction(1), []
    for others in range(n - 1, 0, -1):
        least, most = max(lower, left - others * upper), min(upper, left - others * lower)
        result.append(draw(uniform(least, most)))
        left -= result[-1]
    return (*result, left)


def uniform(low: Fraction, high: Fraction) -> st.SearchStrategy[Fraction]:
    """Draw rationals on an even grid from ``low`` to ``high``; shrinks towards the middle.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(uniform(Fraction(-1), Fraction(1)), lambda value: True)
    Fraction(0, 1)
    """
    half = _GRID // 2
    return st.integers(-half, half).map(lambda k: low + (high - low) * Fraction(k + half, _GRID))


def parameter(low: Fraction, high: Fraction) -> st.SearchStrategy[Fraction]:
    """Draw a parameter between two ends: log-uniform if both are positive, else `uniform`.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(parameter(Fraction(1, 10), Fraction(5)), lambda value: True)
    Fraction(1, 1)
    """
    if low <= 0 or high < 2 * low:
        return uniform(low, high)
    return log_uniform(low, high).map(lambda value: min(max(value, low), high))


def parameters(
    ends: Mapping[str, tuple[Fraction, Fraction]],
) -> st.SearchStrategy[dict[str, Fraction]]:
    """Draw values of named parameters."""
    return st.fixed_dictionaries({name: parameter(low, high) for name, (low, high) in ends.items()})


def members(
    family: Family, ends: Mapping[str, tuple[Fraction, Fraction]]
) -> st.SearchStrategy[Mixture]:
    """Draw mixtures of a family.

    Examples
    --------
    >>> from hypothesis import find
    >>> pair = Family(lambda t: [[t], [-t]], ("t",))
    >>> print(find(members(pair, {"t": (Fraction(1, 10), Fraction(5))}), lambda mixture: True))
    t = 1, means ((1), (-1)), weights (1/2, 1/2)
    """
    return parameters(ends).map(family.mixture)


def with_parameters(
    mixtures: st.SearchStrategy[Mixture], ends: Mapping[str, tuple[Fraction, Fraction]]
) -> st.SearchStrategy[Mixture]:
    """Draw parameters beside mixtures that do not depend on them."""
    return st.builds(
        lambda mixture, drawn: replace(mixture, parameters=tuple(drawn.items())),
        mixtures,
        parameters(ends),
    )


def uniform_weights(n: int) -> st.SearchStrategy[Vector]:
    """Draw nothing but ``1/n, ..., 1/n``.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(uniform_weights(2), lambda drawn: True)
    (Fraction(1, 2), Fraction(1, 2))
    """
    return st.just((Fraction(1, n),) * n)


def directions(d: int) -> st.SearchStrategy[Vector]:
    """Draw rational vectors of length 1 in the maximum norm.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(directions(2), lambda vector: True)
    (Fraction(1, 1), Fraction(0, 1))
    """
    others = st.lists(
        st.integers(-10, 10).map(lambda k: Fraction(k, 10)), min_size=d - 1, max_size=d - 1
    )
    place, sign = st.integers(0, d - 1), st.sampled_from((Fraction(1), Fraction(-1)))
    return st.builds(lambda k, s, rest: (*rest[:k], s, *rest[k:]), place, sign, others.map(tuple))


@st.composite
def means(
    draw: st.DrawFn,
    n: int,
    d: int,
    separation: tuple[Fraction | str, Fraction | str] = ("1e-12", "20"),
    *,
    on_line: bool = False,
) -> tuple[Vector, ...]:
    """Draw ``n x d`` means at log-uniform separations from a centre drawn in the same way.

    Parameters
    ----------
    n, d : int
        Number of components and dimension.
    separation : pair
        Smallest and largest distance (maximum norm) of a mean from the first one, and of the first
        one from the origin.
    on_line : bool
        Whether all differences are parallel, so that one coordinate matters.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(means(2, 1), lambda drawn: drawn[0] != drawn[1])
    ((Fraction(1, 1),), (Fraction(2, 1),))
    """
    size = log_uniform(*separation)
    first = _moved((Fraction(0),) * d, draw(size), draw(directions(d)))
    common = draw(directions(d)) if on_line else None
    result = [first]
    for _ in range(n - 1):
        direction = common or draw(directions(d))
        sign = draw(st.sampled_from((1, -1))) if on_line else 1
        result.append(_moved(first, sign * draw(size), direction))
    return tuple(result)


@st.composite
def mixtures(
    draw: st.DrawFn,
    components: tuple[int, int] = (1, 4),
    dimensions: tuple[int, int] = (1, 3),
    separation: tuple[Fraction | str, Fraction | str] = ("1e-12", "20"),
    weight: WeightKind | tuple[Any, Any] = "any",
    *,
    on_line: bool = False,
) -> Mixture:
    """Draw students with the standard Gaussian teacher.

    Parameters
    ----------
    components, dimensions : pair of int
        Smallest and largest number of components, and dimension.
    separation : pair
        See `means`.
    weight : {"any", "uniform"} or pair
        Log-uniform or equal weights, or the range of every weight.
    on_line : bool
        Whether all differences of means are parallel.

    Examples
    --------
    >>> from hypothesis import find
    >>> print(find(mixtures(components=(2, 4)), lambda mixture: mixture.dimension == 2))
    means ((1, 0), (2, 0)), weights (1/2, 1/2)
    """
    n = draw(st.integers(*components))
    d = draw(st.integers(*dimensions))
    return Mixture(
        draw(means(n, d, separation, on_line=on_line)),
        draw(_weights(n, weight)),
    )


def _weights(n: int, weight: WeightKind | tuple[Any, Any]) -> st.SearchStrategy[Vector]:
    if isinstance(weight, tuple | list):
        return weights_between(n, *weight)
    return weights(n) if weight == "any" else uniform_weights(n)


@st.composite
def teachers(
    draw: st.DrawFn,
    student: Mixture,
    components: tuple[int, int] = (1, 3),
    separation: tuple[Fraction | str, Fraction | str] = ("1e-2", "10"),
) -> Mixture:
    """Give a drawn mixture teacher to a student; the frame's origin is the teacher's first mean.

    Examples
    --------
    >>> from hypothesis import find
    >>> student = Mixture.of([["1"]])
    >>> print(find(teachers(student, components=(2, 2)), lambda mixture: True))
    means ((1)), weights (1), teacher means ((0), (1)), teacher weights (1/2, 1/2)
    """
    k, d = draw(st.integers(*components)), student.dimension
    origin = (Fraction(0),) * d
    others = [
        _moved(origin, draw(log_uniform(*separation)), draw(directions(d))) for _ in range(k - 1)
    ]
    return Mixture(student.means, student.weights, (origin, *others), draw(weights(k)))


def _preferred(index: int) -> Fraction:
    decade, step = divmod(index, _PER_DECADE)
    return _PREFERRED[step] * Fraction(10) ** decade


def _log10(value: Fraction) -> float:
    return math.log10(value.numerator) - math.log10(value.denominator)


def _moved(start: Vector, distance: Fraction, direction: Vector) -> Vector:
    return tuple(a + distance * b for a, b in zip(start, direction, strict=True))
