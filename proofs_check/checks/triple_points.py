"""The check that a list of stationary points of three equal components on a line is complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from proofs_check.checks.general import coarse, second_look
from proofs_check.checks.stationary_lists import missing_on_slice
from proofs_check.claim import Context
from proofs_check.statements.mixture import Mixture
from proofs_check.statements.relation import Relation, as_ball
from proofs_check.verdict import CheckResult, Method, Verdict, inconclusive

if TYPE_CHECKING:
    from flint import arb

    from numerics.validated.interval import Box
    from proofs_check.statements.relation import Point

_COMPONENTS = 3
#: Where the outer means lie when a derivative that is not positive is looked for.
_OUTER = (Fraction(4), Fraction(5))
#: Listed places have that accuracy.
_LISTED = Fraction(1, 10**4)
#: Beyond that cube there is no stationary point.
CUBE = Fraction(7)


def _push(radius: Fraction, components: int = _COMPONENTS) -> arb:
    """Half the derivative of the loss when both halves are moved apart is at least that."""
    from numerics.numbers.balls import ball, precision
    from numerics.stationary.line_halves import least_push

    with precision(96):
        return least_push(ball(radius), (Fraction(1, components),) * components)


@dataclass(frozen=True)
class AllFar:
    """Components of equal weight on a line, all far: moved apart, the loss rises.

    The argument is that of `numerics.stationary.line_halves`; balls confirm its inequality.

    Attributes
    ----------
    radius : Fraction
        All ``|v_j|`` are at least that.
    components : pair of int
        The least and the largest number of components, at least 2.

    Examples
    --------
    >>> AllFar(Fraction(7, 4)).run(Context()).verdict
    <Verdict.PROVED: 'PROVED'>
    >>> AllFar(Fraction(1, 4)).run(Context()).verdict
    <Verdict.REFUTED: 'REFUTED'>
    """

    radius: Fraction = Fraction(7, 4)
    components: tuple[int, int] = (_COMPONENTS, _COMPONENTS)

    @property
    def name(self) -> str:
        """What is shown, and where."""
        return f"moved apart the loss rises, n = {self._counts}, all |v_j| >= {self.radius}"

    @property
    def _counts(self) -> str:
        least, most = self.components
        return f"{least}" if least == most else f"{least}, ..., {most}"

    def run(self, context: Context) -> CheckResult:
        """Prove it by the bound, or look for a place where the derivative is not positive."""
        scope = f"n = {self._counts}, d = 1, equal weights, all |v_j| >= {self.radius}"
        least, most = self.components
        counts = range(least, most + 1)
        bounds = [_push(self.radius, count) for count in counts]
        if all(bound > 0 for bound in bounds):
            note = "sum_j sign(v_j) dL/dv_j > 0 there, so that no such point is stationary"
            margin = min(bounds, key=float).str(3, radius=False)
            return CheckResult(
                self.name, Verdict.PROVED, Method.BALL, scope, margin=margin, notes=(note,)
            )
        tried = tuple(self._outer(count, far) for count in counts for far in _OUTER)
        return second_look(
            self.name,
            [(_RISES, tried)],
            coarse(context),
            "the bound is not positive, and the derivative is, where it was tried",
            scope,
            decide="a sharper bound, or a counterexample",
        )

    def _outer(self, count: int, far: Fraction) -> Mixture:
        """Two means at the radius, on both sides, and all others farther out."""
        places = (-self.radius, self.radius, *(max(far, self.radius),) * (count - 2))
        return Mixture(tuple((place,) for place in places), (Fraction(1, count),) * count)


def _moved_apart(at: Point) -> Any:
    """``sum_j sign(v_j) dL/dv_j``."""
    slopes = zip(at.mixture.means, at.gradient("forward"), strict=True)
    return sum((1 if place > 0 else -1) * slope for (place,), (slope,) in slopes)


_RISES = Relation("sum_j sign(v_j) dL/dv_j > 0", _moved_apart, ">", lambda at: as_ball(0))


@dataclass(frozen=True)
class TripleClassification:
    """Three components of equal weight on a line: the list of all stationary points.

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

        scope = "n = 3, d = 1, equal weights, all stationary points"
        if not any(self._on_slice(point) for point in self.points):
            return missing_on_slice(self.name, "0,a,-a", context, scope)
        searched = context.budget == "full"  # what the bounds exclude in the cube, too
        found = all_triples(CUBE, far=not searched)
        if not (found.complete and found.none_beyond):
            reason = f"{len(found.undecided)} boxes undecided, all |v_j| <= {found.reach}"
            return inconclusive(self.name, reason, scope, decide="smaller boxes, or a larger cube")
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
            notes=(
                f"{found.boxes} boxes, up to permutations and reflection",
                "far means are excluded by the search in the cube, and by bounds beyond"
                if searched
                else "far means are excluded by bounds, in the cube and beyond",
            ),
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
