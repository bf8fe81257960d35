"""Stationary points on a slice: all of them in a range, proved, with the Hessian's inertia."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import TYPE_CHECKING

from derive.algebra.run_program import run
from numerics.errors import InputError, NodeLimitError, check_integer
from numerics.evaluation.expectation import expectation
from numerics.kernels import load_program
from numerics.numbers.balls import precision
from numerics.numbers.exact import parse_number, parse_weights
from numerics.stationary.slice_function import SliceFunction
from numerics.validated.inertia import (
    Inertia,
    inertia_across,
    inertia_of_balls,
    inertia_of_fractions,
)
from numerics.validated.interval import Interval, decimal_strings
from numerics.validated.roots import Root, find_roots
from numerics.validated.subdivision import Undecided

if TYPE_CHECKING:
    from derive.losses.objectives import Objective
    from derive.slices.slices import SliceReduction

#: Where roots are searched unless a range is given: it leaves out a = 0, often the truth itself.
DEFAULT_RANGE = ("0.1", "10")
MAX_DIGITS = 2000
#: Largest end of a range.
MAX_END = 1000
#: Digits tried in turn until every sign of the Hessian is decided.
_SIGNATURE_DIGITS = (15, 40, 100, 200)

RADIAL_REASON = (
    "identity: a sum_i beta_i grad_i = E[{first} m^2 + ({mixed}) m^2 C + {second} C^2] > 0 "
    "(0 <= C <= D^2/4) excludes everything but the truth"
)
TRUTH_REASON = "exact: all means equal the teacher's, so every gradient component vanishes"


@dataclass(frozen=True)
class StationaryPoint:
    """A proved stationary point ``a`` on a slice.

    Attributes
    ----------
    mid, rad : str
        Decimal text; ``mid +- rad`` contains the root.
    enclosure, isolation : Interval
        Exact intervals: the root lies in the first, and no other one in the second.
    existence, uniqueness : str
        How they are proved (uniqueness: within ``isolation``).
    within_range : bool or None
        ``None`` when the root is too close to an end of the range to tell.
    truth : bool
        Whether this is the teacher itself.
    along, across : Inertia
        Signature of the Hessian's block along the line (d = 1), and of each of the ``d - 1``
        perpendicular blocks; the zero in ``across`` is the rotation's, by symmetry.
    met : bool
        Whether the requested digits were reached.
    """

    mid: str
    rad: str
    enclosure: Interval
    isolation: Interval
    existence: str
    uniqueness: str
    within_range: bool | None
    truth: bool
    along: Inertia
    across: Inertia
    met: bool

    def inertia(self, dimension: int) -> Inertia:
        """Signature of the Hessian in ``R^d``.

        Examples
        --------
        >>> point = stationary_points("forward", "0,a").points[0]
        >>> str(point.inertia(1)), str(point.inertia(3))
        ('1 positive, 1 negative, 0 zero', '3 positive, 1 negative, 2 zero')
        """
        return self.along + self.across * (dimension - 1)


@dataclass(frozen=True)
class Exclusion:
    """A part of the range without stationary points (but the truth), and the proof."""

    interval: Interval
    reason: str


@dataclass(frozen=True)
class StationaryReport:
    """Outcome of `stationary_points`.

    Attributes
    ----------
    objective, slice, identity : str
        The identity is the derived reason why one scalar equation decides.
    weights : tuple of Fraction
    range : Interval
    digits : int
    points : tuple of StationaryPoint
        All proved stationary points in the range.
    excluded : tuple of Exclusion
        Parts excluded by an identity; the rest is excluded by interval Newton.
    undecided : tuple of Undecided
        Parts about which nothing is proved, each with its reason.
    evaluations : int
        Rigorous expectations computed.
    """

    objective: str
    slice: str
    identity: str
    weights: tuple[Fraction, ...]
    range: Interval
    digits: int
    points: tuple[StationaryPoint, ...]
    excluded: tuple[Exclusion, ...]
    undecided: tuple[Undecided, ...]
    evaluations: int

    @property
    def complete(self) -> bool:
        """Whether ``points`` are proved to be all stationary points in the range."""
        return not self.undecided


def stationary_points(
    objective: str | Objective,
    slice_text: str,
    *,
    weights: object = None,
    search_range: Sequence[object] = DEFAULT_RANGE,
    digits: int = 15,
    max_evaluations: int = 4000,
) -> StationaryReport:
    """Find all stationary points on a slice ``v_i = (alpha_i + beta_i a) u`` in a range of ``a``.

    Parameters
    ----------
    objective : str or Objective
    slice_text : str
        For example ``"0,a"``, ``"0,a,-a"``; entries are linear in ``a`` with rational numbers.
    weights : list, optional
        Weights of the components; uniform by default.
    search_range : two numbers
        Read exactly; both ends belong to the range.
    digits : int
        Radius of each root at most ``10**-digits * max(1, |a|)``.
    max_evaluations : int
        Budget of the search; what it leaves is reported as undecided.

    Raises
    ------
    InputError
        For a slice without variable, one that no derived identity reduces to a scalar equation,
        and numbers that are not allowed.

    Examples
    --------
    >>> report = stationary_points("forward", "0,a", digits=20)
    >>> report.complete, report.points[0].mid
    (True, '2.4562822547796749311009')
    """
    check_integer("digits", digits, 1, MAX_DIGITS)
    whole = _range(search_range)
    reduction = _reduction(objective, slice_text, weights)
    function = SliceFunction(
        load_program(objective, "gradient"),
        load_program(objective, "hessian"),
        reduction.slice.components,
        reduction.slice.weights,
        reduction.representative,
        reduction.slice.truth,
    )
    free, excluded = _without_truth(reduction, whole)
    points: list[StationaryPoint] = []
    undecided: list[Undecided] = []
    truth = reduction.slice.truth
    if excluded and truth is not None and whole.low <= truth <= whole.high:
        points.append(_truth_point(function, truth, excluded[0], digits))
    for piece in free:
        try:
            found = find_roots(
                function, piece.low, piece.high, digits=digits, max_evaluations=max_evaluations
            )
        except NodeLimitError as error:
            allowed = f"a range that needs at most {error.limit} quadrature nodes at any point"
            raise InputError("range", f"{piece.low},{piece.high}", allowed) from error
        points += [_point(function, root, digits) for root in found.roots]
        undecided += found.undecided
    return StationaryReport(
        reduction.objective,
        str(reduction.slice),
        reduction.statement,
        reduction.slice.weights,
        whole,
        digits,
        tuple(sorted(points, key=lambda point: point.enclosure.low)),
        tuple(excluded),
        tuple(undecided),
        function.evaluations,
    )


def _range(ends: Sequence[object]) -> Interval:
    if isinstance(ends, str) or len(ends) != 2:
        shown = ends if isinstance(ends, str) else ",".join(map(str, ends))
        raise InputError("range", shown, "two numbers LO,HI with LO < HI")
    low, high = (parse_number(end, "range") for end in ends)
    if max(abs(low), abs(high)) > MAX_END:
        allowed = f"ends of at most {MAX_END} in size (the gradient decays like exp(-a^2/8))"
        raise InputError("range", f"{ends[0]},{ends[1]}", allowed)
    if not low < high:
        raise InputError("range", f"{ends[0]},{ends[1]}", "two numbers LO,HI with LO < HI")
    return Interval(low, high)


def _reduction(objective: str | Objective, text: str, weights: object) -> SliceReduction:
    from derive.losses.objectives import OBJECTIVES
    from derive.slices.slices import Slice, SliceError, reduce_slice

    if isinstance(objective, str) and objective not in OBJECTIVES:
        raise InputError("objective", objective, "one of " + ", ".join(OBJECTIVES))
    if not isinstance(text, str):
        raise InputError("slice", text, 'text such as "0,a"')
    try:
        parsed = Slice.parse(text)
        if weights is not None:
            shares = parse_weights(weights, len(parsed.components))
            parsed = Slice.parse(text, shares)
        return reduce_slice(objective, parsed)
    except SliceError as error:
        allowed = "a slice that a derived identity reduces to one equation"
        raise InputError("slice", text, f"{allowed} (here {error})") from error


def _without_truth(
    reduction: SliceReduction, whole: Interval
) -> tuple[list[Interval], list[Exclusion]]:
    """Split the range: what Newton's method must search, what the radial identity excludes."""
    truth, radial = reduction.slice.truth, reduction.radial
    if truth is None or radial is None:
        return [whole], []
    slopes = [slope for _, slope in reduction.slice.components]
    square = radial.squared_radius(max(slopes) - min(slopes))
    if square is None:
        around = Interval(min(whole.low, truth) - 1, max(whole.high, truth) + 1)
    else:
        radius = _below_root(square)
        around = Interval(truth - radius, truth + radius)
    shared = around.meet(whole)
    if shared is None or around.width == 0:
        return [whole], []
    reason = RADIAL_REASON.format(first=radial.first, mixed=radial.mixed, second=radial.second)
    parts = [(whole.low, shared.low), (shared.high, whole.high)]
    return [Interval(a, b) for a, b in parts if a < b], [Exclusion(shared, reason)]


def _below_root(square: Fraction) -> Fraction:
    """A rational strictly below the square root, within about one millionth."""
    scale = 10**6
    return Fraction(max(isqrt(int(square * scale * scale)) - 1, 0), scale)


def _truth_point(
    function: SliceFunction, truth: Fraction, exclusion: Exclusion, digits: int
) -> StationaryPoint:
    place = Interval(truth, truth)
    along, across = truth_inertia(function)
    return StationaryPoint(
        *_texts(place, digits),
        place,
        exclusion.interval,
        TRUTH_REASON,
        exclusion.reason,
        True,
        True,
        along,
        across,
        True,
    )


def _point(function: SliceFunction, root: Root, digits: int) -> StationaryPoint:
    at_truth = function.truth is not None and (
        root.isolation.low <= function.truth <= root.isolation.high
    )
    if at_truth and function.truth is not None:
        enclosure = Interval(function.truth, function.truth)
        along, across = truth_inertia(function)
    else:
        enclosure = root.enclosure
        along, across = hessian_inertia(function, root.enclosure)
    newton = "proved (interval Newton)"
    return StationaryPoint(
        *_texts(enclosure, digits),
        enclosure,
        root.isolation,
        TRUTH_REASON if at_truth else newton,
        newton,
        root.within_range,
        at_truth,
        along,
        across,
        root.met or at_truth,
    )


def _texts(enclosure: Interval, digits: int) -> tuple[str, str]:
    """Decimal midpoint and radius; integers as such."""
    if enclosure.width == 0 and enclosure.low.denominator == 1:
        return str(enclosure.low), "0"
    return decimal_strings(enclosure, digits + 2)


def hessian_inertia(function: SliceFunction, enclosure: Interval) -> tuple[Inertia, Inertia]:
    """Inertia of the Hessian at the stationary point in an enclosure: along the line, and across.

    In the second block ``B`` the rotation of the line gives ``B t = 0`` exactly, ``t`` the means
    along the line (the point is stationary and the loss rotation-invariant).
    """
    for digits in _SIGNATURE_DIGITS:
        along, across = _inertia_at(function, enclosure, digits)
        if along.decided and across.decided:
            break
    return along, across


def _inertia_at(
    function: SliceFunction, enclosure: Interval, digits: int
) -> tuple[Inertia, Inertia]:
    count = len(function.components)
    with precision(4 * digits + 64):
        box = enclosure.ball()
        problem = function.problem(lambda: box, columns=2)
        found = expectation(function.hessian, problem, digits, "ball").balls
        function.evaluations += 1
        blocks = [[[found[i][c][k][c] for k in range(count)] for i in range(count)] for c in (0, 1)]
        means = [row[0] for row in problem.means()]
        return inertia_of_balls(blocks[0]), inertia_across(blocks[1], means)


def truth_inertia(function: SliceFunction) -> tuple[Inertia, Inertia]:
    """Exact inertia at the truth, where every responsibility equals its weight.

    Both blocks agree: the truth singles out no direction.

    Examples
    --------
    >>> report = stationary_points("forward", "0,a,-a", search_range=(0, 1))
    >>> str(report.points[0].along)
    '1 positive, 0 negative, 2 zero'
    """
    count = len(function.components)
    zero = Fraction(0)
    inputs = {
        "psi": lambda index: function.weights[index[0]],
        "pi": lambda index: function.weights[index[0]],
        "v": lambda _: zero,
        "log_student": lambda _: zero,
        "log_teacher": lambda _: zero,
    }
    table = run(function.hessian, {"j": count, "a": 1}, inputs, zero)
    block = [[table[i, 0, k, 0] for k in range(count)] for i in range(count)]
    inertia = inertia_of_fractions(block)
    return inertia, inertia
