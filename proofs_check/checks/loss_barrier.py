r"""Checks of far components: pushed outwards below a level of the loss (F11), or beside a near one.

``rho_L(n, d, L)`` is the least ``a`` from which on ``beta - nu`` of `numerics.fates.loss_barrier`
is positive, which increases with ``a``: a component is beyond the radius where it is positive at
its norm, and within where it is negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from proofs_check.checks.general import coarse, second_look
from proofs_check.claim import Context
from proofs_check.sampling import Cases
from proofs_check.sampling.cases import range_text
from proofs_check.statements.mixture import Mixture
from proofs_check.statements.relation import Ball, Nested, Point, Relation, as_ball, dot
from proofs_check.verdict import CheckResult, Method, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypothesis.strategies import SearchStrategy

    from numerics.stationary.census import CensusPoint

_ONE = Fraction(1)


def room(norm: Ball, components: int, span: int, loss: Ball) -> Ball:
    """``beta - nu`` at a norm, equal weights: positive beyond ``rho_L``, negative within.

    Where ``|v|^2 < d + 4`` or ``|v|^2 <= L`` the radius is not reached either; -1 stands for that.

    Examples
    --------
    >>> from flint import arb
    >>> bool(room(arb("5.2"), 3, 1, arb("0.2")) > 0), bool(room(arb("5.1"), 3, 1, arb("0.2")) > 0)
    (True, False)
    """
    share = Fraction(1, components)
    return weighted_room(norm, share, share, span, loss)


def weighted_room(norm: Ball, share: Fraction, least: Fraction, span: int, loss: Ball) -> Ball:
    """The same for a component with weight `share`, `least` the least of all."""
    from numerics.fates.loss_barrier import push

    square = norm * norm
    if square < span + 4 or square <= loss:
        return as_ball(-1)
    return push(norm, share, least, span, loss)


def beyond(at: Point, factor: Fraction = _ONE) -> list[tuple[int, Ball]]:
    """Components that are (certainly) beyond ``rho_L/factor``, and ``beta - nu`` there."""
    weights, span = at.mixture.weights, min(at.mixture.n, at.mixture.dimension)
    loss = at.loss("forward")
    if not loss > 0:
        return []
    rooms = [
        weighted_room(as_ball(factor) * dot(v, v).sqrt(), weight, min(weights), span, loss)
        for v, weight in zip(at.means, weights, strict=True)
    ]
    return [(j, found) for j, found in enumerate(rooms) if found > 0]


def pushed_outwards(factor: Fraction = _ONE, name: str = "rho_L") -> Relation:
    """``-v_j . grad_j L >= pi_j |v_j|^2 2^(-d/2) exp(-|v_j|^2/4) (beta - nu)`` beyond the radius.

    Examples
    --------
    >>> print(pushed_outwards().text)
    -2^(d/2) exp(a^2/4) v_j.grad_j L/(pi_j a^2) >= beta - nu for all j with a = |v_j| beyond rho_L
    """

    def push(at: Point) -> Nested:
        gradient = at.gradient("forward")
        span = min(at.mixture.n, at.mixture.dimension)
        scale = as_ball(2) ** as_ball(Fraction(span, 2))
        found = []
        for j, _ in beyond(at, factor):
            square = dot(at.means[j], at.means[j])
            outward = -dot(at.means[j], gradient[j]) / as_ball(at.mixture.weights[j])
            found.append(scale * (square / 4).exp() * outward / square)
        return found or [as_ball(0)]

    return Relation(
        "-2^(d/2) exp(a^2/4) v_j.grad_j L/(pi_j a^2) >= beta - nu for all j with a = |v_j| beyond "
        f"{name}",
        push,
        ">=",
        lambda at: [found for _, found in beyond(at, factor)] or [as_ball(0)],
        given=lambda at: bool(beyond(at, factor)),
        tight=False,
    )


def pushed_beside_one(radii: Mapping[int, Fraction], name: str) -> Relation:
    """``v_j . grad_j L < 0`` for every far component, one being within 3/20 of the truth.

    Parameters
    ----------
    radii : mapping
        Distance from which on a component is far, for each number of components.
    name : str
        The distances in words.

    Examples
    --------
    >>> print(pushed_beside_one({2: Fraction(4)}, "4").text)
    v_j.grad_j L < 0 for all j with |v_j| >= 4, if all but one within 3/20 are that far
    """

    def far(at: Point) -> list[int]:
        square = radii[at.mixture.n] ** 2
        return [j for j, v in enumerate(at.mixture.means) if sum(x * x for x in v) >= square]

    def met(at: Point) -> bool:
        near = [v for v in at.mixture.means if sum(x * x for x in v) <= Fraction(9, 400)]
        return len(near) == 1 and len(far(at)) == at.mixture.n - 1

    def inwards(at: Point) -> Nested:
        gradient = at.gradient("forward")
        return [dot(at.means[j], gradient[j]) for j in far(at)]

    return Relation(
        f"v_j.grad_j L < 0 for all j with |v_j| >= {name}, if all but one within 3/20 are that far",
        inwards,
        "<",
        lambda at: [as_ball(0) for _ in far(at)],
        given=met,
    )


def curved_at_most(share: Fraction = _ONE) -> Relation:
    """``g.Hg <= share M |g|^2``: the loss's curvature along the step, ``M`` at its own level."""

    def curvature(at: Point) -> Ball:
        flat = [entry for row in at.gradient("forward") for entry in row]
        turned = [dot(row, flat) for row in at.hessian("forward")]
        return dot(flat, turned) / dot(flat, flat)

    def most(at: Point) -> Ball:
        from numerics.fates.curvature import hessian_bound

        span = min(at.mixture.n, at.mixture.dimension)
        return as_ball(share) * hessian_bound(at.mixture.weights, span, at.loss("forward"))

    times = "" if share == 1 else f"{share} "
    text = f"g.Hg <= {times}M(pi, d, L) |g|^2, g the gradient and H the Hessian"
    return Relation(text, curvature, "<=", most, given=_curved, tight=False)


def _curved(at: Point) -> bool:
    """Whether there are several components and the gradient is (certainly) not 0."""
    gradient = at.gradient("forward")
    return at.mixture.n > 1 and any(entry != 0 for row in gradient for entry in row)


@dataclass(frozen=True)
class FarAndNear(Cases):
    """Some components near the truth, some far from it, equal weights.

    Attributes
    ----------
    components, dimensions : pair of int

    Examples
    --------
    >>> print(FarAndNear())
    n = 2..4, d = 1, each |v_i| up to 3/2, or 5 to 7, equal weights
    """

    components: tuple[int, int] = (2, 4)
    dimensions: tuple[int, int] = (1, 1)

    __hash__ = Cases.__hash__  # the one that a dataclass makes does not take the parameters

    def strategy(self) -> SearchStrategy[Mixture]:
        """Hypothesis strategy of the family."""
        from hypothesis import strategies as st

        lowest, highest = (1, 1) if self.on_line else self.dimensions
        entry = st.integers(-20, 20).map(lambda k: Fraction(k, 10))
        sizes = st.one_of(
            st.integers(0, 150).map(lambda k: Fraction(k, 100)),
            st.integers(500, 700).map(lambda k: Fraction(k, 100)),
        )

        def of(shape: tuple[int, int]) -> SearchStrategy[Mixture]:
            n, d = shape
            row = st.tuples(sizes, st.lists(entry, min_size=d, max_size=d)).map(_scaled)
            return st.lists(row, min_size=n, max_size=n).map(Mixture.of)

        return st.tuples(st.integers(*self.components), st.integers(lowest, highest)).flatmap(of)

    def __str__(self) -> str:
        return (
            f"{range_text('n', self.components)}, {range_text('d', self.dimensions)}, "
            "each |v_i| up to 3/2, or 5 to 7, equal weights"
        )


def _scaled(drawn: tuple[Fraction, list[Fraction]]) -> list[Fraction]:
    """A vector of about the drawn size in the drawn direction."""
    from math import isqrt

    size, towards = drawn
    square = sum((entry**2 for entry in towards), Fraction(0))
    if not square:
        return [size, *(Fraction(0) for _ in towards[1:])]
    length = Fraction(isqrt(int(square * 10**12)), 10**6)
    return [size * entry / length for entry in towards]


@dataclass(frozen=True)
class CriticalPointsWithin:
    """Known stationary points lie within the radius ``rho_L`` that belongs to their loss.

    The points are found and proved to exist (`numerics.stationary.census`); their loss and norms
    are enclosed.

    Attributes
    ----------
    name : str
        Name within the claim.
    sizes : tuple of (int, int, int)
        Components, dimension, starts of the search.
    factor : Fraction
        The radius is divided by it.

    Examples
    --------
    >>> CriticalPointsWithin("pairs", ((2, 1, 20),)).run(Context()).verdict
    <Verdict.PROVED: 'PROVED'>
    """

    name: str
    sizes: tuple[tuple[int, int, int], ...]
    factor: Fraction = _ONE

    def run(self, context: Context) -> CheckResult:
        """Enclose loss and norms at every point."""
        points: list[CensusPoint] = []
        for n, d, starts in self.sizes:
            points += _census(n, d, starts, context.seed)
        scope = f"{len(points)} stationary points, " + ", ".join(
            f"n = {n} d = {d}" for n, d, _ in self.sizes
        )
        rooms = [self._room(point) for point in points]
        outside = [p for p, found in zip(points, rooms, strict=True) if not found < 0]
        if outside or not points:
            return second_look(
                self.name,
                [(pushed_outwards(self.factor, self._radius), (_near(p),)) for p in outside
                 if p.rank == 1],
                coarse(context),
                "a stationary point is not shown to be within the radius",
                scope,
                decide="narrower enclosures, or more starts",
            )  # fmt: skip
        nearest = max(rooms, key=lambda found: float(found.mid()))
        return CheckResult(
            self.name,
            Verdict.PROVED,
            Method.BALL,
            scope,
            margin=(-nearest).str(3, radius=False),
            cases=len(points),
            notes=("margin: nu - beta at the largest norm of each",),
        )

    @property
    def _radius(self) -> str:
        return "rho_L" if self.factor == 1 else f"rho_L/({self.factor})"

    def _room(self, point: CensusPoint) -> Ball:
        """``beta - nu`` at the largest norm of a point's components."""
        from numerics.numbers.balls import precision

        loss, largest = _loss_and_norm(point)
        count = sum(point.multiplicities)
        with precision(96):
            return room(as_ball(self.factor) * largest, count, point.rank, loss)


@lru_cache(maxsize=16)
def _census(components: int, dimension: int, starts: int, seed: int) -> tuple[CensusPoint, ...]:
    from numerics.stationary.census import census

    return census(components, dimension, starts=starts, seed=seed).points


def known_points(
    components: int, dimension: int, starts: int, seed: int
) -> list[tuple[Ball, Ball]]:
    """Loss and largest norm of the proved stationary points."""
    return [_loss_and_norm(p) for p in _census(components, dimension, starts, seed)]


def radius(components: int, span: int, level: str) -> float:
    """``rho_L`` to three decimals, rounded up.

    Examples
    --------
    >>> radius(3, 1, "0.2"), radius(2, 2, "0.5")
    (5.19, 5.762)
    """
    from numerics.numbers.balls import precision

    low, high = 0, 20_000
    with precision(96):
        while high - low > 1:
            middle = (low + high) // 2
            norm, loss = as_ball(Fraction(middle, 1000)), as_ball(level)
            low, high = (low, middle) if room(norm, components, span, loss) > 0 else (middle, high)
    return high / 1000


def _loss_and_norm(point: CensusPoint) -> tuple[Ball, Ball]:
    """Enclose the loss at a stationary point, and the largest norm of its components."""
    from numerics.evaluation.expectation import expectation
    from numerics.kernels import load_program
    from numerics.mixtures.problem import EnclosedProblem
    from numerics.numbers.balls import precision
    from numerics.stationary.line_system import Grouping

    rank = point.rank

    def means() -> list[list[Any]]:
        flat = [side.ball() for side in point.places]
        return [flat[k : k + rank] for k in range(0, len(flat), rank)]

    grouping = Grouping.uniform(point.multiplicities)
    problem = EnclosedProblem(means, grouping.weights, rank)
    loss = expectation(load_program("forward", "loss"), problem, 6, "ball").balls
    with precision(96):
        return loss, max((dot(row, row) for row in means()), key=lambda s: float(s.mid())).sqrt()


def _near(point: CensusPoint) -> Mixture:
    """A rational mixture next to a stationary point on a line."""
    places = [Fraction(round(side.middle * 10**9), 10**9) for side in point.places]
    rows = [
        [place]
        for place, count in zip(places, point.multiplicities, strict=True)
        for _ in range(count)
    ]
    return Mixture.of(rows)
