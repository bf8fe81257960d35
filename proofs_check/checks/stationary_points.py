"""Checks about stationary points off the slices: one at a place, and a branch in the weights."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from proofs_check.checks.general import coarse, second_look
from proofs_check.claim import Context
from proofs_check.statements.mixture import Mixture
from proofs_check.statements.relation import Relation, as_ball
from proofs_check.verdict import CheckResult, Method, Verdict, inconclusive

if TYPE_CHECKING:
    from derive.losses.objectives import Objective
    from numerics.stationary.pair_branch import Branch
    from numerics.validated.interval import Box


@dataclass(frozen=True)
class PointNear:
    """A loss has exactly one stationary point near a place on a line, by Krawczyk's operator.

    Where there is none the gradient at the place is larger than the radius times the Hessian
    allows, which refutes the statement.

    Attributes
    ----------
    means, weights : tuple of str
        The place, one number per component.
    radius : str
        Every mean of the point is within it.
    objective : str or Objective
    teacher : tuple of str
        Means of an equally weighted mixture as teacher; by default it is ``N(0, 1)``.
    minimum : bool
        Whether the point is a strict local minimum, too: its Hessian is positive definite.
    digits : int
        Of the enclosures.

    Examples
    --------
    >>> PointNear(("0", "2.45628"), ("1/2", "1/2"), "1/10000").run(Context()).verdict
    <Verdict.PROVED: 'PROVED'>
    """

    means: tuple[str, ...]
    weights: tuple[str, ...]
    radius: str
    objective: str | Objective = "forward"
    teacher: tuple[str, ...] = ()
    minimum: bool = False
    digits: int = 15

    @property
    def name(self) -> str:
        """Place, radius, weights, and what else is not the default."""
        place, shares = ", ".join(self.means), ", ".join(self.weights)
        kind = "local minimum" if self.minimum else "point"
        text = f"{kind} within {self.radius} of ({place}), weights {shares}"
        return f"{text}, teacher ({', '.join(self.teacher)})" if self.teacher else text

    def run(self, context: Context) -> CheckResult:
        """Apply Krawczyk's operator to the box; look at the gradient where it shows nothing."""
        from numerics.mixtures.problem import Teacher
        from numerics.numbers.balls import precision
        from numerics.stationary.line_system import LineSystem
        from numerics.validated.inertia import inertia_of_balls
        from numerics.validated.interval import box_around
        from numerics.validated.krawczyk import prove_zero, refine

        rows = [[mean] for mean in self.teacher]
        teacher = Teacher.from_user({"means": rows}, 1) if rows else None
        weights = tuple(Fraction(weight) for weight in self.weights)
        system = LineSystem(weights, self.digits, self.objective, teacher)
        place = [Fraction(mean) for mean in self.means]
        box = box_around(place, Fraction(self.radius))
        scope = "every mean within the radius"
        zero = prove_zero(system, box)
        if zero is None:
            return self._refute(context, system, box, scope)
        zero = refine(system, zero, Fraction(self.radius) / 10**8)
        margin = max(side.width for side in zero.enclosure) / 2
        notes: tuple[str, ...] = (f"v = ({', '.join(f'{float(x):.10f}' for x in zero.centre)})",)
        if self.minimum:
            with precision(4 * self.digits + 64):
                signs = inertia_of_balls(system.jacobian(zero.enclosure))
            notes += (f"Hessian: {signs}",)
            if signs.positive < len(place):
                return inconclusive(
                    self.name,
                    f"no local minimum was shown; {notes[-1]}",
                    scope,
                    decide="another place or radius",
                )
        return CheckResult(
            self.name,
            Verdict.PROVED,
            Method.BALL,
            scope,
            margin=f"{float(margin):.2e}",
            digits=system.digits,
            notes=notes,
        )

    def _refute(self, context: Context, system: Any, box: Box, scope: str) -> CheckResult:
        """``|grad_i|`` at the place is at most the radius times a row sum of the Hessian."""
        from numerics.numbers.balls import exact_rational, precision

        with precision(96):
            rows = [sum((abs(x) for x in row), as_ball(0)) for row in system.jacobian(box)]
            if not all(row.is_finite() for row in rows):
                return inconclusive(
                    self.name,
                    "no bound of the Hessian on so large a box",
                    scope,
                    decide="a smaller radius",
                )
            bounds = [exact_rational(row.upper()) * Fraction(self.radius) for row in rows]
        relation = Relation(
            f"there is a stationary point within {self.radius}: the gradient there is at most the "
            "radius times the largest row sum of the Hessian on the box",
            lambda at: [abs(row[0]) for row in at.gradient(self.objective)],
            "<=",
            lambda at: [as_ball(bound) for bound in bounds],
        )
        mixture = Mixture.of(
            [[mean] for mean in self.means], self.weights, [[mean] for mean in self.teacher]
        )
        return second_look(
            self.name,
            [(relation, (mixture,))],
            coarse(context),
            "Krawczyk's operator shows nothing",
            scope,
            decide="a smaller radius around a better approximation",
        )


@dataclass(frozen=True)
class WeightBranch:
    """The point (0, a) of equal weights continues to unequal ones, as one smooth curve of saddles.

    Attributes
    ----------
    quick, full : pair of str
        Range of the weight of the far component, for each budget.
    """

    quick: tuple[str, str]
    full: tuple[str, str]

    @property
    def name(self) -> str:
        """What is followed."""
        return "branch in the weights from (0, a)"

    def run(self, context: Context) -> CheckResult:
        """Cover the range by tubes."""
        from numerics.stationary.weight_branch import branch_of_pair, means_at

        low, high = self.full if context.budget == "full" else self.quick
        branch = branch_of_pair(Fraction(low), Fraction(high))
        scope = f"n = 2, weight of the far component from {low} to {high}, any d"
        if not branch.complete:
            return inconclusive(
                self.name,
                branch.reason or "the range is not covered",
                scope,
                decide="a narrower range of weights, or shorter tubes",
            )
        if not branch.saddle:
            return inconclusive(
                self.name,
                "a sign of the Hessian is undecided",
                scope,
                decide="a narrower range of weights",
            )
        ends = "; ".join(self._end(branch, Fraction(weight), means_at) for weight in (low, high))
        notes = (f"{len(branch.tubes)} tubes, each joined to the next, all saddles (d = 1)", ends)
        return CheckResult(
            self.name, Verdict.PROVED, Method.BALL, scope, cases=len(branch.tubes), notes=notes
        )

    @staticmethod
    def _end(branch: Branch, weight: Fraction, means_at: Any) -> str:
        found = means_at(branch, weight)
        if found is None:
            return f"weight {weight}: not covered"
        places = ", ".join(f"{float(side.middle):.4f}" for side in found)
        return f"weight {weight}: v = ({places}) to about {float(found[0].width):.0e}"


@dataclass(frozen=True)
class PlanarPoint:
    """The forward loss has a stationary point near a place in the plane, by a bordered system.

    Attributes
    ----------
    means : tuple of (str, str)
        The place; equal weights.
    radius : str
        Every coordinate of the point is within it, in the rotation that the place fixes.
    index : int
        Number of negative eigenvalues (d = 2).
    """

    means: tuple[tuple[str, str], ...]
    radius: str
    index: int

    @property
    def name(self) -> str:
        """The place."""
        places = ", ".join(f"({x}, {y})" for x, y in self.means)
        return f"point within {self.radius} of {places}, index {self.index}"

    def run(self, context: Context) -> CheckResult:
        """Apply Krawczyk's operator with the rotation fixed; count signs."""
        from numerics.stationary.plane_system import PlanarSystem
        from numerics.validated.interval import box_around
        from numerics.validated.krawczyk import prove_zero

        rows = tuple((Fraction(x), Fraction(y)) for x, y in self.means)
        count = len(rows)
        system = PlanarSystem((Fraction(1, count),) * count, rows)
        place = [*(entry for row in rows for entry in row), Fraction(0)]
        scope = f"n = {count}, d = 2, every coordinate within the radius"
        zero = prove_zero(system, box_around(place, Fraction(self.radius)))
        if zero is None:
            return inconclusive(
                self.name,
                "Krawczyk's operator shows nothing",
                scope,
                decide="a smaller radius around a better approximation",
            )
        places = zero.enclosure[:-1]
        signs = system.inertia(places)
        if signs.undecided or signs.negative != self.index:
            return inconclusive(
                self.name,
                f"signs: {signs}",
                scope,
                decide="a smaller radius around a better approximation",
            )
        margin = max(side.width for side in places) / 2
        return CheckResult(
            self.name,
            Verdict.PROVED,
            Method.BALL,
            scope,
            margin=f"{float(margin):.1e}",
            digits=system.digits,
            notes=(f"Hessian: {signs}; the zero is the rotation's",),
        )
