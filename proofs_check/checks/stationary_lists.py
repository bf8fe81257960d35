"""Checks about lists of stationary points: complete for n = 2, found and proved for more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from proofs_check.checks.general import BallCheck, coarse, second_look
from proofs_check.checks.slices import determinant_sign, on_slice
from proofs_check.claim import Context
from proofs_check.statements.relation import Relation, as_ball
from proofs_check.verdict import FULL_BUDGET, CheckResult, Method, Verdict, inconclusive

if TYPE_CHECKING:
    from numerics.stationary.census import Census, CensusPoint
    from proofs_check.statements.mixture import Mixture

#: Where the component of the gradient on (0, a) or (0, a, -a) has changed its sign.
_BEFORE, _AFTER = Fraction(2), Fraction(3)


@dataclass(frozen=True)
class PairClassification:
    """Two components, equal weights: the stationary points that inequalities leave, by balls.

    Proved for means ``c -+ a/2`` on a line with ``1.41 <= a <= 8``, ``|c| <= 6.4``, or in the cone
    beyond; that there are no others is the proof ``F-stationary``.

    Attributes
    ----------
    points : tuple of (str, str)
        Places ``(v_1, v_2)`` on the line to four decimals, up to exchange, reflection and rotation.

    Examples
    --------
    >>> PairClassification((("0", "2.4563"),)).run(Context()).verdict
    <Verdict.PROVED: 'PROVED'>
    """

    points: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The list."""
        shown = "; ".join(f"({first}, {second})" for first, second in self.points)
        return f"all stationary points for n = 2: {shown or 'none'}"

    def run(self, context: Context) -> CheckResult:
        """Prove the list and compare."""
        from numerics.stationary.pair_classification import classify

        found = classify()
        place, distance = found.search.region
        scope = (
            f"n = 2, equal weights, means c -+ a/2 on a line: {float(distance.low)} <= a <= "
            f"{distance.high}, |c| <= {float(place.high)}; {found.between.region}"
        )
        if not found.complete:
            cone = "decided" if found.between.holds else "not decided"
            reason = f"{len(found.search.undecided)} boxes undecided; the cone is {cone}"
            return inconclusive(self.name, reason, scope, decide="smaller boxes, or more digits")
        zeros = [zero.enclosure for zero in found.search.zeros]
        missed = [box for box in zeros if not any(_holds(box, point) for point in self.points)]
        if missed:
            return missing_on_slice(self.name, "0,a", context, scope)
        if len(zeros) != len(self.points):
            return inconclusive(
                self.name,
                f"{len(zeros)} points were proved",
                scope,
                decide="a list of as many points",
            )
        notes = (
            f"{found.search.boxes} boxes for c >= 0, the rest by exchange",
            f"in the cone beyond {found.between.statement}",
        )
        return CheckResult(
            self.name,
            Verdict.PROVED,
            Method.BALL,
            scope,
            margin=found.between.margin,
            cases=found.search.boxes,
            notes=notes,
        )


def missing_on_slice(name: str, slice_text: str, context: Context, scope: str) -> CheckResult:
    """A point on a slice is missing in a list: the gradient along it changes its sign."""

    def component(at: Any) -> Any:
        return at.gradient("forward")[1][0]

    shown = f"({slice_text.replace(',', ', ')})"
    before = Relation(f"positive at a = {_BEFORE}", lambda at: as_ball(0), "<", component)
    after = Relation(
        f"the gradient on {shown}, positive at a = {_BEFORE}, keeps its sign up to a = {_AFTER}",
        lambda at: as_ball(0),
        "<",
        component,
    )
    start = BallCheck(name, before, (on_slice(slice_text, _BEFORE),)).run(coarse(context))
    return second_look(
        name,
        [(after, (on_slice(slice_text, _AFTER),))] if start.verdict is Verdict.PROVED else [],
        coarse(context),
        "a proved point is not in the list",
        scope,
        decide="an enclosure that tells it from the list",
    )


def _holds(box: Any, point: tuple[str, str]) -> bool:
    """Whether the proved ``(c, a)`` is the given point to four decimals."""
    first, second = (Fraction(mean) for mean in point)
    place = ((first + second) / 2, second - first)
    tolerance = Fraction(1, 10**4)
    return all(
        side.low >= x - tolerance and side.high <= x + tolerance
        for side, x in zip(box, place, strict=True)
    )


@dataclass(frozen=True)
class PairWeights:
    """Two components of any weights in a range: at most one stationary point with a given one far.

    The proof ``F-weights``, whose covers take minutes over the whole range.

    Examples
    --------
    >>> PairWeights().name
    'F-weights, |log(pi_2/pi_1)| <= 1/20 (11/5 at full)'
    """

    @property
    def name(self) -> str:
        """The proof's, and its ranges (said here: the proof is loaded when it is replayed)."""
        return "F-weights, |log(pi_2/pi_1)| <= 1/20 (11/5 at full)"

    def run(self, context: Context) -> CheckResult:
        """Replay it, for weights near 1/2 or for the whole range."""
        from proofs_check.proofs.check import ProofCheck
        from proofs_check.proofs.pair_weights import SMALL, WHOLE, pair_weights

        region = WHOLE if context.budget == "full" else SMALL
        found = ProofCheck("F-weights", partial(pair_weights, region=region)).run(context)
        return replace(found, name=self.name)


@dataclass(frozen=True)
class CensusPoints:
    """Stationary points of ``n`` equally weighted components: they exist and differ.

    Attributes
    ----------
    components, dimension : int
    points : tuple of (tuple of int, int)
        Multiplicities of the groups of coincident components (on a line by place, in a plane by
        distance from the truth), and index.
    starts : pair of int
        Of the search, for each budget.
    """

    components: int
    dimension: int
    points: tuple[tuple[tuple[int, ...], int], ...]
    starts: tuple[int, int]

    @property
    def name(self) -> str:
        """Sizes and the list."""
        shown = ", ".join(f"{counts}: {index}" for counts, index in self.points)
        return f"census n = {self.components}, d = {self.dimension}: {shown}"

    def run(self, context: Context) -> CheckResult:
        """Search, prove, compare."""
        from numerics.stationary.census import census

        starts = self.starts[context.budget == "full"]
        found = census(self.components, self.dimension, starts=starts, seed=context.seed)
        scope = f"n = {self.components}, d = {self.dimension}, equal weights"
        if found.unproved or found.ambiguous:
            reason = f"{len(found.unproved)} unproved, {len(found.ambiguous)} pairs not told apart"
            return inconclusive(self.name, reason, scope, decide="smaller boxes, or more digits")
        proved = {(point.multiplicities, point.index) for point in found.points}
        missing = [entry for entry in self.points if entry not in proved]
        if missing or any(point.inertia.undecided for point in found.points):
            attempts = (
                _determinant(point, index)
                for counts, index in missing
                if (point := _with_groups(found, counts)) is not None
                and point.index != index
                and point.rank == self.dimension == 1
            )
            reason = f"not found: {missing}"
            return second_look(
                self.name, attempts, coarse(context), reason, scope, decide=FULL_BUDGET
            )
        extra = len(found.points) - len(self.points)
        notes = (
            f"{starts} starts: {len(found.points)} points (the truth {found.truth} times, nowhere "
            f"{found.lost} times); that there are no others is not claimed",
            *((f"{extra} further points proved",) if extra else ()),
        )
        margin = max(side.width for point in found.points for side in point.places) / 2
        return CheckResult(
            self.name,
            Verdict.PROVED,
            Method.BALL,
            scope,
            margin=f"{float(margin):.1e}",
            cases=len(found.points),
            notes=notes,
        )


def _determinant(point: CensusPoint, index: int) -> tuple[Relation, tuple[Mixture]]:
    """Sign of the merged Hessian's determinant at a rational point next to the zero."""
    from numerics.stationary.line_system import Grouping, LineSystem
    from numerics.validated.inertia import inertia_of_balls
    from numerics.validated.interval import centre

    grouping = Grouping.uniform(point.multiplicities)
    merged = inertia_of_balls(LineSystem(grouping.weights).jacobian(point.places))
    negatives = index - (point.index - merged.negative)
    block = f"the Hessian of the groups {point.multiplicities}"
    relation = determinant_sign(block, negatives, "stationary one")
    return relation, (_mixture(centre(point.places), grouping.weights),)


def _mixture(places: Any, weights: Any) -> Mixture:
    from proofs_check.statements.mixture import Mixture

    # Twelve decimals: short, and as close as the determinant's sign needs.
    rounded = tuple((Fraction(round(place * 10**12), 10**12),) for place in places)
    return Mixture(rounded, tuple(weights))


def _with_groups(found: Census, counts: tuple[int, ...]) -> CensusPoint | None:
    return next((point for point in found.points if point.multiplicities == counts), None)
