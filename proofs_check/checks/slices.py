"""Checks about stationary points on slices: the identity, the root, the Hessian's inertia."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from proofs_check.checks.general import coarse, second_look
from proofs_check.claim import Context
from proofs_check.statements.exact_text import with_error
from proofs_check.statements.mixture import Mixture
from proofs_check.statements.relation import Relation, as_ball
from proofs_check.verdict import MORE_DIGITS, CheckResult, Method, Verdict, inconclusive

if TYPE_CHECKING:
    from numerics.stationary.line_system import LineInertia
    from numerics.stationary.slice_points import StationaryPoint, StationaryReport
    from proofs_check.statements.relation import Ball, Point

#: Where a violated statement about a whole slice is looked for.
_SAMPLES = (Fraction(1), Fraction(2), Fraction(3))


@dataclass(frozen=True)
class SliceIdentity:
    """Gradient components on a slice are fixed multiples of one scalar, by a derived identity.

    Attributes
    ----------
    slice : str
        For example ``"0,a"``.
    ratios : tuple of int
        The multiples, one per component.
    weights : tuple of str
        Weights of the components; empty for uniform ones.
    objective : str

    Examples
    --------
    >>> SliceIdentity("0,a", (1, 1)).run(Context()).verdict
    <Verdict.PROVED: 'PROVED'>
    """

    slice: str
    ratios: tuple[int, ...]
    weights: tuple[str, ...] = ()
    objective: str = "forward"

    @property
    def name(self) -> str:
        """The slice, with its weights if they are not uniform."""
        return f"slice {self.slice}" + (f", weights {self.weights}" if self.weights else "")

    def run(self, context: Context) -> CheckResult:
        """Derive the identity; look for a point that violates it where there is none."""
        from derive.slices.slices import SliceError, reduce_slice

        scope = f"v = ({self.slice}) u, all a, any d"
        try:
            found = reduce_slice(self.objective, parse(self.slice, self.weights))
        except SliceError as error:
            return self._refute(context, str(error), scope)
        if found.ratios != tuple(Fraction(ratio) for ratio in self.ratios):
            return self._refute(context, f"derived instead: {found.statement}", scope)
        notes = (found.statement,)
        return CheckResult(self.name, Verdict.PROVED, Method.SYMBOLIC, scope, notes=notes)

    def _refute(self, context: Context, reason: str, scope: str) -> CheckResult:
        first = next(k for k, ratio in enumerate(self.ratios) if ratio)
        multiples = [Fraction(ratio, self.ratios[first]) for ratio in self.ratios]
        relation = Relation(
            f"gradient components on ({self.slice}) are as {self.ratios}",
            lambda at: [row[0] for row in at.gradient(self.objective)],
            "=",
            lambda at: [at.gradient(self.objective)[first][0] * as_ball(m) for m in multiples],
        )
        points = tuple(on_slice(self.slice, a, self.weights) for a in _SAMPLES)
        return second_look(
            self.name,
            [(relation, points)],
            context,
            f"no identity: {reason}",
            scope,
            decide="an identity for this slice, or a point at which the components differ",
        )


@dataclass(frozen=True)
class SliceRoot:
    """A slice has exactly one stationary point in a range, and it lies in a given interval.

    Existence and local uniqueness are proved by interval Newton, exclusion elsewhere in the range
    by interval Newton and the radial identity around the truth.

    Attributes
    ----------
    slice : str
    near : pair of str
        The interval, the sides of which the gradient leaves with opposite signs.
    whole : pair of str
        The range in which there is no other.
    weights : tuple of str
        Weights of the components; empty for uniform ones.
    least_digits : int
        The root is enclosed to at least so many digits.
    """

    slice: str
    near: tuple[str, str]
    whole: tuple[str, str] = ("1/10", "10")
    objective: str = "forward"
    weights: tuple[str, ...] = ()
    least_digits: int = 50

    @property
    def name(self) -> str:
        """The slice and the interval."""
        return f"root on {_named(self.slice, self.weights)} in [{self.near[0]}, {self.near[1]}]"

    def run(self, context: Context) -> CheckResult:
        """Find all roots in the range; look at the ends of the interval if they are elsewhere."""
        digits = max(context.digits, self.least_digits)
        found = _points(self.objective, self.slice, self.whole, digits, self.weights)
        low, high = (Fraction(end) for end in self.near)
        scope = f"{self.whole[0]} <= a <= {self.whole[1]}"
        if found.complete and len(found.points) == 1:
            place = found.points[0].enclosure
            if low <= place.low and place.high <= high:
                return CheckResult(
                    self.name,
                    Verdict.PROVED,
                    Method.BALL,
                    scope,
                    margin=found.points[0].rad,
                    digits=digits,
                    notes=(f"a = {with_error(found.points[0].mid, found.points[0].rad)}",),
                )
        rises = Relation(
            f"the gradient on ({self.slice}) is positive at a = {self.near[0]}",
            lambda at: as_ball(0),
            "<",
            lambda at: at.gradient(self.objective)[self._representative][0],
        )
        falls = Relation(
            f"the gradient on ({self.slice}) is negative at a = {self.near[1]}",
            lambda at: at.gradient(self.objective)[self._representative][0],
            "<",
            lambda at: as_ball(0),
        )
        attempts = [
            (relation, (on_slice(self.slice, end, self.weights),))
            for relation, end in ((rises, low), (falls, high))
        ]
        reason = f"{len(found.points)} roots, {len(found.undecided)} undecided intervals"
        return second_look(self.name, attempts, coarse(context), reason, scope, decide=MORE_DIGITS)

    @property
    def _representative(self) -> int:
        from derive.slices.slices import reduce_slice

        return reduce_slice(self.objective, parse(self.slice, self.weights)).representative


@dataclass(frozen=True)
class SliceInertia:
    """Signs of the Hessian's eigenvalues at the stationary point of a slice.

    Attributes
    ----------
    slice : str
    along : pair of int
        Positive and negative eigenvalues along the line (d = 1; there are no zero ones).
    across : pair of int
        Positive and negative ones that each further dimension adds, beside exact zeros: one is the
        rotation's, and one splits each further component of a group.
    weights : tuple of str
        Weights of the entries of the slice; empty for uniform ones.
    groups : tuple of int
        Coincident components that each entry stands for, of equal weight; empty: one each.
    """

    slice: str
    along: tuple[int, int]
    across: tuple[int, int]
    whole: tuple[str, str] = ("1/10", "10")
    objective: str = "forward"
    weights: tuple[str, ...] = ()
    groups: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """The slice and the signs."""
        shown = f"{_named(self.slice, self.weights)}, groups {self.groups}"
        place = shown if self.groups else self.slice
        return f"Hessian on {place}: {self.along} along, {self.across} across"

    def run(self, context: Context) -> CheckResult:
        """Count signs by enclosures; compare determinants where the counts differ."""
        digits = max(context.digits, 50)
        found = _points(self.objective, self.slice, self.whole, digits, self.weights)
        scope = f"the stationary points with {self.whole[0]} <= a <= {self.whole[1]}, any d"
        if not found.complete or len(found.points) != 1:
            return inconclusive(
                self.name,
                "not exactly one stationary point",
                scope,
                decide="a range that holds one, with no part left open",
            )
        point = found.points[0]
        signs = self._signs(point)
        along = (signs.along.positive, signs.along.negative, signs.along.zero)
        across = (signs.across.positive, signs.across.negative, signs.across.zero)
        decided = signs.along.decided and signs.across.decided
        zeros = 1 + sum(self.groups) - len(self.groups)
        if decided and along == (*self.along, 0) and across == (*self.across, zeros):
            notes = (f"a = {with_error(point.mid, point.rad)}",)
            return CheckResult(
                self.name, Verdict.PROVED, Method.BALL, scope, digits=digits, notes=notes
            )
        # A rational point that close to the root: the determinants there keep their signs. What
        # splits groups has its own signs; the others are those of the merged components.
        splits = signs.along.negative - point.along.negative
        attempts = [
            (
                determinant_sign(
                    f"the Hessian {side} ({self.slice})",
                    negatives,
                    "root",
                    self.objective,
                    coordinate,
                ),
                (on_slice(self.slice, Fraction(point.mid), self.weights, coordinate + 1),),
            )
            for coordinate, side, negatives in (
                (0, "along", self.along[1] - splits),
                (1, "across", self.across[1]),
            )
        ]
        reason = f"signs along {along}, across {across}"
        return second_look(self.name, attempts, coarse(context), reason, scope, decide=MORE_DIGITS)

    def _signs(self, point: StationaryPoint) -> LineInertia:
        from numerics.stationary.line_system import Grouping, LineInertia, line_inertia
        from numerics.validated.interval import Interval

        if not self.groups:
            return LineInertia(point.along, point.across)
        parsed = parse(self.slice, self.weights)
        ends = (point.enclosure.low, point.enclosure.high)
        places = [sorted(c + slope * a for a in ends) for c, slope in parsed.components]
        box = tuple(Interval(low, high) for low, high in places)
        return line_inertia(Grouping(self.groups, parsed.weights), box)


def determinant_sign(
    block: str, negatives: int, place: str, objective: str = "forward", coordinate: int = 0
) -> Relation:
    """Relation that a block of the Hessian with so many negative eigenvalues fulfils."""
    sign = (-1) ** negatives
    return Relation(
        f"{block} has {negatives} negative eigenvalues "
        f"(sign of the determinant, at a rational point next to the {place})",
        lambda at: as_ball(0),
        "<",
        lambda at: sign * block_determinant(at, objective, coordinate),
    )


def block_determinant(at: Point, objective: str, coordinate: int) -> Ball:
    """Determinant of the Hessian's block in one coordinate; across, without the rotation's zero."""
    from flint import arb_mat

    kept = list(range(at.mixture.n))
    if coordinate:
        kept.remove(next(j for j in kept if at.mixture.means[j][0]))
    rows = [component * at.mixture.dimension + coordinate for component in kept]
    return arb_mat(at.hessian(objective, rows)).det()


@lru_cache(maxsize=64)
def _points(
    objective: str,
    slice_text: str,
    whole: tuple[str, str],
    digits: int,
    weights: tuple[str, ...] = (),
) -> StationaryReport:
    """All stationary points of a slice; several checks of a claim ask for the same ones."""
    from numerics.stationary.slice_points import stationary_points

    return stationary_points(
        objective, slice_text, weights=list(weights) or None, search_range=whole, digits=digits
    )


def _named(slice_text: str, weights: tuple[str, ...]) -> str:
    return slice_text + (f", weights {', '.join(weights)}" if weights else "")


def parse(slice_text: str, weights: tuple[str, ...] = ()) -> Any:
    """Read a slice with its weights."""
    from derive.slices.slices import Slice

    return Slice.parse(slice_text, [Fraction(weight) for weight in weights] or None)


def on_slice(
    slice_text: str, a: Fraction, weights: tuple[str, ...] = (), dimension: int = 1
) -> Mixture:
    """Return the mixture of a slice at ``a``.

    Examples
    --------
    >>> print(on_slice("0,a", Fraction(5, 2)))
    means ((0), (5/2)), weights (1/2, 1/2)
    """
    found = parse(slice_text, weights)
    rest = (Fraction(0),) * (dimension - 1)
    means = tuple((constant + slope * a, *rest) for constant, slope in found.components)
    return Mixture(means, found.weights)
