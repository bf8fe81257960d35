"""The check that a list of stationary points of three equal components on a line is complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from proofs_check.checks.stationary_lists import missing_on_slice
from proofs_check.claim import Context
from proofs_check.verdict import FULL_BUDGET, CheckResult, Method, Verdict, inconclusive

if TYPE_CHECKING:
    from numerics.validated.interval import Box

_COMPONENTS = 3
#: Listed places have that accuracy.
_LISTED = Fraction(1, 10**4)


@dataclass(frozen=True)
class Reach:
    """A cube, and what the a-priori bounds place in it.

    Attributes
    ----------
    radius : Fraction
        ``|v_j| <= radius`` is searched.
    near : Fraction
        A stationary point with a mean within that of the truth lies in the cube (``N-critical``).
    loss : Fraction or None
        So does one with at most that loss (``L-critical``).
    """

    radius: Fraction
    near: Fraction
    loss: Fraction | None = None

    @property
    def text(self) -> str:
        """The stationary points that are in the cube, in words."""
        loss = "" if self.loss is None else f" or a loss of at most {self.loss}"
        return f"|v_j| <= {self.radius}, which any with a mean within {self.near}{loss} satisfies"

    def holds(self) -> bool:
        """Whether balls show the conditions of both bounds.

        Examples
        --------
        >>> Reach(Fraction(4), Fraction(1, 4)).holds()
        True
        >>> Reach(Fraction(4), Fraction(1, 2)).holds()
        False
        """
        from flint import arb

        from numerics.fates.distinct_far import beyond
        from numerics.fates.loss_barrier import outwards
        from numerics.numbers.balls import ball, precision

        with precision(96):
            radius: arb = ball(self.radius)
            shown = bool(beyond(radius, self.near, _COMPONENTS, 1) > 0)
            if self.loss is None:
                return shown
            level = ball(self.loss)
            return shown and bool(outwards(radius, _COMPONENTS, 1, level) > 0)


QUICK = Reach(Fraction(4), Fraction(1, 4))
FULL = Reach(Fraction(8), Fraction(11, 5), Fraction(7, 2))


@dataclass(frozen=True)
class TripleClassification:
    """Three components of equal weight on a line: the list of stationary points in a cube.

    Attributes
    ----------
    points : tuple of (str, str, str)
        Places to four decimals, up to permutations and reflection.

    Examples
    --------
    >>> TripleClassification((("-1", "0", "1"),)).run(Context()).verdict
    <Verdict.REFUTED: 'REFUTED'>
    """

    points: tuple[tuple[str, str, str], ...]

    @property
    def name(self) -> str:
        """The list."""
        shown = "; ".join(f"({', '.join(point)})" for point in self.points)
        return f"all stationary points for n = 3, d = 1: {shown or 'none'}"

    def run(self, context: Context) -> CheckResult:
        """Prove the list and compare."""
        from numerics.stationary.triple_classification import all_triples

        reach = FULL if context.budget == "full" else QUICK
        scope = f"n = 3, d = 1, equal weights, stationary points with {reach.text}"
        if not any(self._on_slice(point) for point in self.points):
            return missing_on_slice(self.name, "0,a,-a", context, scope)
        if not reach.holds():
            return inconclusive(
                self.name, "the a-priori bounds are not shown", scope, decide="a larger cube"
            )
        found = all_triples(reach.radius)
        if not found.complete:
            reason = f"{len(found.undecided)} boxes undecided"
            return inconclusive(self.name, reason, scope, decide=FULL_BUDGET)
        zeros = [zero.enclosure for zero in found.zeros]
        if len(zeros) != len(self.points) or not all(map(self._listed, zeros)):
            reason = f"{len(zeros)} points were proved, and not all are listed"
            return inconclusive(self.name, reason, scope, decide="a list of these points")
        return CheckResult(
            self.name,
            Verdict.PROVED,
            Method.BALL,
            scope,
            cases=found.boxes,
            notes=(f"{found.boxes} boxes, up to permutations and reflection",),
        )

    @staticmethod
    def _on_slice(point: Sequence[str]) -> bool:
        """Whether a listed point may be the one on ``(-a, 0, a)`` with ``2 < a < 3``."""
        first, second, third = (Fraction(mean) for mean in point)
        return second == 0 and first == -third and 2 < third < 3

    def _listed(self, box: Box) -> bool:
        return any(
            all(
                side.low >= x - _LISTED and side.high <= x + _LISTED
                for side, x in zip(box, map(Fraction, point), strict=True)
            )
            for point in self.points
        )
