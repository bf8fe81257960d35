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
from proofs_check.verdict import FULL_BUDGET, CheckResult, Method, Verdict, inconclusive

if TYPE_CHECKING:
    from flint import arb

    from numerics.validated.interval import Box
    from proofs_check.statements.relation import Point

_COMPONENTS = 3
#: Where the outer means lie when a derivative that is not positive is looked for.
_OUTER = (Fraction(4), Fraction(5))
#: Listed places have that accuracy.
_LISTED = Fraction(1, 10**4)


@dataclass(frozen=True)
class Reach:
    """A cube, and what the a-priori bounds say of the stationary points beyond it.

    Attributes
    ----------
    radius : Fraction
        ``|v_j| <= radius`` is searched.
    near : Fraction
        A stationary point with a mean within that of the truth lies in the cube (``N-critical``).
    """

    radius: Fraction
    near: Fraction

    @property
    def whole(self) -> bool:
        """Whether every point has a mean within `near`, or all beyond where none is stationary."""
        return self.near >= FAR

    @property
    def text(self) -> str:
        """The stationary points that are in the cube, in words."""
        if self.whole:
            return "all stationary points"
        return (
            f"stationary points with |v_j| <= {self.radius}, or with a mean within {self.near} or "
            f"all |v_j| >= {FAR}"
        )

    def holds(self) -> bool:
        """Whether balls show the conditions of both bounds.

        Examples
        --------
        >>> Reach(Fraction(4), Fraction(1, 4)).holds()
        True
        >>> Reach(Fraction(4), Fraction(1, 2)).holds()
        False
        """
        from numerics.fates.distinct_far import beyond
        from numerics.numbers.balls import ball, precision

        with precision(96):
            inside = beyond(ball(self.radius), self.near, _COMPONENTS, 1)
        return bool(inside > 0) and bool(_push(FAR) > 0)

    def closes_the_line(self) -> bool:
        """Whether no stationary point lies beyond the cube."""
        return self.whole and self.holds()


#: No stationary point of three has all means at least that far from the truth.
FAR = Fraction(7, 4)
QUICK = Reach(Fraction(4), Fraction(1, 4))
FULL = Reach(Fraction(7), FAR)


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
    components : tuple of int
        Numbers of components, in increasing order.

    Examples
    --------
    >>> AllFar(Fraction(7, 4)).run(Context()).verdict
    <Verdict.PROVED: 'PROVED'>
    >>> AllFar(Fraction(1, 4)).run(Context()).verdict
    <Verdict.REFUTED: 'REFUTED'>
    """

    radius: Fraction = FAR
    components: tuple[int, ...] = (_COMPONENTS,)

    @property
    def name(self) -> str:
        """What is shown, and where."""
        return f"moved apart the loss rises, n = {self._counts}, all |v_j| >= {self.radius}"

    @property
    def _counts(self) -> str:
        first, last = self.components[0], self.components[-1]
        return f"{first}" if first == last else f"{first}, ..., {last}"

    def run(self, context: Context) -> CheckResult:
        """Prove it by the bound, or look for a place where the derivative is not positive."""
        scope = f"n = {self._counts}, d = 1, equal weights, all |v_j| >= {self.radius}"
        bounds = [_push(self.radius, count) for count in self.components]
        if all(bound > 0 for bound in bounds):
            note = "sum_j sign(v_j) dL/dv_j > 0 there, so that no such point is stationary"
            margin = min(bounds, key=float).str(3, radius=False)
            return CheckResult(
                self.name, Verdict.PROVED, Method.BALL, scope, margin=margin, notes=(note,)
            )
        return second_look(
            self.name,
            [
                (
                    _RISES,
                    tuple(self._outer(count, far) for count in self.components for far in _OUTER),
                )
            ],
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
        scope = f"n = 3, d = 1, equal weights, {reach.text}"
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
