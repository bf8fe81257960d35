"""Checks of claim F10: one large step from a cluster at the edge of Theorem B's radius."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from proofs_check.checks.fates import ClaimedStart
from proofs_check.sampling import Cases
from proofs_check.statements.mixture import Mixture
from proofs_check.statements.relation import Ball, Point, Relation, as_ball, dot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import SearchStrategy


def polynomial_radius(centre: Sequence[Fraction], factor: Fraction = Fraction(1)) -> Fraction:
    """``factor/(4 (1 + 2 |c|^2))``.

    Examples
    --------
    >>> polynomial_radius([Fraction(1), Fraction(1)])
    Fraction(1, 20)
    """
    square = sum((entry**2 for entry in centre), Fraction(0))
    return factor / (4 * (1 + 2 * square))


def at_the_edge(
    centre: Sequence[Fraction],
    directions: Sequence[Sequence[Fraction]],
    share: Fraction = Fraction(1),
    factor: Fraction = Fraction(1),
) -> tuple[tuple[Fraction, ...], ...]:
    """Means around a centre whose deviations have the given directions and ``D = share * radius``.

    The directions are made to sum to zero; ``D`` is rounded down by less than ``1e-9`` of itself.

    Examples
    --------
    >>> at_the_edge([Fraction(2)], [[Fraction(1)], [Fraction(0)]])[0] > (Fraction(2),)
    True
    """
    n, d = len(directions), len(centre)
    average = [sum((row[a] for row in directions), Fraction(0)) / n for a in range(d)]
    rows = [[row[a] - average[a] for a in range(d)] for row in directions]
    square = sum((entry**2 for row in rows for entry in row), Fraction(0))
    size = share * polynomial_radius(centre, factor)
    scale = size / _root_above(square) if square else Fraction(0)
    return tuple(tuple(centre[a] + scale * row[a] for a in range(d)) for row in rows)


def _root_above(square: Fraction) -> Fraction:
    """A rational at least the root, and larger by less than ``1e-9`` of it."""
    scale = 10**20
    least = math.isqrt(square.numerator * scale**2 // square.denominator) + 1
    return Fraction(least, scale)


def first_step(bound: Fraction, share: Fraction = Fraction(1, 2), name: str = "n/2") -> Relation:
    """``|V+|^2 <= bound`` after one step of ``share * n``.

    Examples
    --------
    >>> first_step(Fraction(1, 7)).text
    'after one step of n/2: |V+|^2 <= 1/7'
    """

    def moved(at: Point) -> Ball:
        eta = as_ball(share * len(at.means))
        pairs = zip(at.means, at.gradient("forward"), strict=True)
        after = [[x - eta * g for x, g in zip(*row, strict=True)] for row in pairs]
        return dot(after, after)

    text = f"after one step of {name}: |V+|^2 <= {bound}"
    return Relation(text, moved, "<=", lambda at: as_ball(bound), tight=False)


@dataclass(frozen=True)
class EdgeCases(Cases):
    """Clusters at the edge of Theorem B's radius, or at a share of it.

    Attributes
    ----------
    components, dimensions : pair of int
    distance : int
        ``|c|`` is at most about this.
    factor : Fraction
        The radius times this.
    on_line : bool
        Only ``d = 1``.

    Examples
    --------
    >>> print(EdgeCases())
    n = 2..8, d = 1..3, |c| up to 60, D from a tenth of the radius to the radius, uniform weights
    """

    components: tuple[int, int] = (2, 8)
    dimensions: tuple[int, int] = (1, 3)
    distance: int = 60
    factor: Fraction = Fraction(1)

    __hash__ = Cases.__hash__  # the one that a dataclass makes does not take the parameters

    def strategy(self) -> SearchStrategy[Mixture]:
        """Hypothesis strategy of the family."""
        from hypothesis import strategies as st

        from proofs_check.sampling.drawing import log_uniform

        entries = st.integers(-20, 20).map(Fraction)
        lowest, highest = (1, 1) if self.on_line else self.dimensions

        def of(shape: tuple[int, int]) -> SearchStrategy[Mixture]:
            n, d = shape
            return st.builds(
                self._mixture,
                log_uniform("0.05", str(self.distance)),
                st.lists(entries, min_size=d, max_size=d),
                st.lists(st.lists(entries, min_size=d, max_size=d), min_size=n, max_size=n),
                st.sampled_from((Fraction(1), Fraction(1, 2), Fraction(1, 10))),
            )

        return st.tuples(st.integers(*self.components), st.integers(lowest, highest)).flatmap(of)

    def _mixture(
        self,
        distance: Fraction,
        towards: list[Fraction],
        directions: list[list[Fraction]],
        share: Fraction,
    ) -> Mixture:
        square = sum((entry**2 for entry in towards), Fraction(0))
        length = _root_above(square) if square else Fraction(1)
        centre = [distance * entry / length for entry in towards]
        return Mixture.of(at_the_edge(centre, directions, share, self.factor))

    def __str__(self) -> str:
        n, d = self.components, self.dimensions
        times = "" if self.factor == 1 else f"{self.factor} times "
        return (
            f"n = {n[0]}..{n[1]}, d = {d[0]}..{d[1]}, |c| up to {self.distance}, D from a tenth "
            f"of {times}the radius to the radius, uniform weights"
        )


def large_first_step(
    centre: Sequence[str],
    directions: Sequence[Sequence[int]],
    share: Fraction = Fraction(1, 2),
    later: str = "1/4",
) -> ClaimedStart:
    """A start at the edge: one step of ``share * n``, then smaller ones; all converge.

    Examples
    --------
    >>> large_first_step(["6"], [[1], [-1]]).step_size
    '0:1,1:1/4'
    """
    where = [Fraction(entry) for entry in centre]
    rows = at_the_edge(where, [[Fraction(entry) for entry in row] for row in directions])
    n, d = len(directions), len(centre)
    return ClaimedStart(
        f"n = {n}, d = {d}, c = ({', '.join(centre)}), first step {share * n}, then {later}",
        tuple(tuple(str(entry) for entry in row) for row in rows),
        f"0:{share * n},1:{later}",
        ("converged",) * n,
    )
