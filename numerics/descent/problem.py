"""A descent as exact data: what is to be run, at how many digits, and what identifies it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from numerics.descent.clusters import Clusters, find_clusters
from numerics.descent.schedule import StepSchedule, parse_schedule
from numerics.descent.working_digits import MOST_DIGITS, WorkingDigits, plan_digits
from numerics.errors import InputError, check_integer
from numerics.evaluation.evaluator import Evaluator
from numerics.kernels import load_program
from numerics.kernels.handle import reads_logarithm
from numerics.kernels.library import source_digest
from numerics.mixtures.noise import ExactMeans, PaperCoordinates, normalization
from numerics.mixtures.problem import StudentTeacher, Teacher
from numerics.mixtures.reduction import Reduction, reduce_problem
from numerics.numbers.arithmetic import Arithmetic, Array, make_arithmetic
from numerics.numbers.exact import parse_number, rational_text

if TYPE_CHECKING:
    from derive.losses.objectives import Objective

_MOST_STEPS = 10**12
_MOST_COMPONENTS, _MOST_ENTRIES = 500, 2000  # pairs are compared exactly
_MOST_FLOAT_TIME = 300  # beyond it e^-2t leaves the range of doubles


class MeansMap:
    """Maps coordinates of the distinct components to all means; constants computed once."""

    def __init__(self, problem: DescentProblem, arithmetic: Arithmetic) -> None:
        self._directions = problem.reduction.directions(arithmetic)
        self._class_of = list(problem.reduction.class_of)
        self._scale = problem.paper.inverse_scale(arithmetic)
        origin = [[arithmetic.number(entry) for entry in problem.paper.teacher_mean]]
        self._origin = arithmetic.array(origin)

    def centred(self, coordinates: Array) -> Array:
        """Return the centred means ``v`` (n x d)."""
        return self.turned(coordinates)[self._class_of]

    def offsets(self, rows: Array) -> Array:
        """Return differences of means in the user's coordinates, row by row."""
        offsets: Array = self._scale * self.turned(rows)
        return offsets

    def turned(self, rows: Array) -> Array:
        """Return vectors in the axes of the means, row by row."""
        # Entry by entry in one order, so that a symmetry of the coordinates stays exact.
        products = rows[:, :, None] * self._directions[None, :, :]
        vectors: Array = products.sum(axis=1)
        return vectors

    def user(self, coordinates: Array) -> Array:
        """Return the means ``mu = mu* + e^t v`` (n x d)."""
        means: Array = self._origin + self._scale * self.centred(coordinates)
        return means


@dataclass(frozen=True)
class DescentProblem(StudentTeacher):
    """Everything that determines the iterates, exact.

    Student and teacher are in the user's coordinates ``mu``, the teacher's repeated means merged.

    Attributes
    ----------
    objective : str or Objective
    paper : PaperCoordinates
        Noise time and teacher mean (of a mixture: its overall mean), the origin of ``v``.
    schedule : StepSchedule
        Step sizes in ``mu``.
    steps, digits, backend, seed, max_nodes
        As asked for.
    reduction : Reduction
    working_digits : WorkingDigits
    clusters : tuple of tuple of int
        Near-coincident distinct components that are held as a centre and deviations (ball).
    """

    objective: str | Objective
    paper: PaperCoordinates
    schedule: StepSchedule
    steps: int
    digits: int
    backend: str
    seed: int
    max_nodes: int | None
    reduction: Reduction
    working_digits: WorkingDigits
    clusters: Clusters = ()

    @property
    def objective_name(self) -> str:
        """Name of the objective; a user's own one is marked so that no theorem is applied to it."""
        if isinstance(self.objective, str):
            return self.objective
        return f"user:{self.objective.name}"

    @property
    def centred_teacher(self) -> ExactMeans:
        """The teacher's means counted from its overall mean (not yet scaled by ``e^-t``)."""
        return self.paper.shifted(self.teacher.means)

    @property
    def normalization(self) -> str:
        """The sentence that fixes the factors of loss and step."""
        return normalization(self.objective_name)

    @property
    def clustered(self) -> tuple[int, ...]:
        """Components that belong to a cluster."""
        inside = {i for members in self.clusters for i in members}
        return tuple(i for i, home in enumerate(self.reduction.class_of) if home in inside)

    def _kernels(self) -> str:
        """Digest of what the kernels come from, a user's own integrand included."""
        if isinstance(self.objective, str):
            return source_digest()
        program = json.dumps(load_program(self.objective, "gradient").to_data(), sort_keys=True)
        return hashlib.sha256((source_digest() + program).encode()).hexdigest()

    def evaluator(self, quantities: Sequence[str], **settings: Any) -> Evaluator:
        """Return an `Evaluator` in the coordinates of the distinct components' span.

        The settings are the evaluator's own; limit of nodes and rank are the problem's by default.
        """
        reduction = self.reduction
        return Evaluator(
            self.objective,
            quantities,
            n=len(reduction.weights),
            dimension=reduction.span,
            weights=reduction.weights,
            **{"max_nodes": self.max_nodes, "rank": reduction.rank, **settings},
        )

    def identity(self) -> Mapping[str, Any]:
        """Return plain data that a checkpoint must agree with, kernels included."""
        return {
            "objective": self.objective_name,
            "means": [[rational_text(entry) for entry in row] for row in self.means],
            "weights": [rational_text(entry) for entry in self.weights],
            "teacher_means": [
                [rational_text(entry) for entry in row] for row in self.teacher.means
            ],
            "teacher_weights": [rational_text(entry) for entry in self.teacher.weights],
            "time": rational_text(self.paper.time),
            "step_size": self.schedule.text(),
            "steps": self.steps,
            "digits": self.digits,
            "backend": self.backend,
            "seed": self.seed,
            "max_nodes": self.max_nodes,
            "kernels": self._kernels(),
        }

    def step_factors(self, arithmetic: Arithmetic) -> tuple[list[int] | None, list[Array]]:
        """Return what an update multiplies the gradient with.

        The row to take each component's gradient from (None: its own), and for every stretch of
        the schedule the step in ``v`` times sign over multiplicity (distinct x s).
        """
        symmetry = self.reduction.symmetry
        factors: list[Array] = []
        for value in self.schedule.values:
            step = self.paper.centred_step(value, arithmetic)
            rows = [
                [step * sign / multiplicity for sign in signs]
                for signs, multiplicity in zip(
                    symmetry.signs, self.reduction.multiplicities, strict=True
                )
            ]
            factors.append(arithmetic.array(rows))
        own = symmetry.representative == tuple(range(len(symmetry.representative)))
        return (None if own else list(symmetry.representative)), factors

    def squared_distances(
        self, coordinates: Array, arithmetic: Arithmetic
    ) -> tuple[tuple[Fraction, Fraction], ...]:
        """Return exact bounds of all components' squared distances to the nearest teacher mean.

        For one Gaussian that is ``|v_i|^2``.
        """
        return tuple(bounds for _, bounds in self.nearest(coordinates, arithmetic))

    def nearest(
        self, coordinates: Array, arithmetic: Arithmetic
    ) -> tuple[tuple[int, tuple[Fraction, Fraction]], ...]:
        """Return each component's nearest teacher mean and bounds of the squared distance to it.

        Where enclosures leave open which mean that is, the bounds hold all the same; the lower ones
        are 0 where that of a ball's square is not.
        """
        found = [
            [arithmetic.bounds(square) for square in arithmetic.squared_norms(rows)]
            for rows in self._from_teacher(coordinates, arithmetic)
        ]
        distinct = []
        for candidates in zip(*found, strict=True):
            uppers = [upper for _, upper in candidates]
            lower = max(Fraction(0), min(low for low, _ in candidates))
            distinct.append((uppers.index(min(uppers)), (lower, min(uppers))))
        return tuple(distinct[index] for index in self.reduction.class_of)

    def _from_teacher(self, coordinates: Array, arithmetic: Arithmetic) -> list[Array]:
        """Coordinates counted from each of the teacher's means."""
        if not self.mixture:
            return [coordinates]
        scale = self.paper.scale(arithmetic)
        return [coordinates - row for row in self.reduction.teacher_coordinates(scale, arithmetic)]

    def largest_centred_step(self, step: int, arithmetic: Arithmetic) -> Fraction:
        """Return an upper bound of all steps in ``v`` from ``step`` on (exact at ``t = 0``)."""
        largest = self.schedule.largest_from(step)
        if not self.paper.time:
            return largest
        return arithmetic.bounds(self.paper.centred_step(largest, arithmetic))[1]


def plan_descent(
    objective: str | Objective,
    means: object,
    *,
    step_size: object,
    steps: int,
    weights: object = None,
    teacher: object = None,
    time: object = 0,
    digits: int = 15,
    backend: str = "float64",
    seed: int = 0,
    max_nodes: int | None = None,
) -> DescentProblem:
    """Read a user's input, reduce it exactly and choose the working digits.

    Raises
    ------
    InputError
        Naming the argument, its value and what is allowed.

    Examples
    --------
    >>> plan_descent("forward", [[6], ["5.999999"]], step_size="0.1", steps=10).reduction.rank
    1
    """
    make_arithmetic(backend, 15)  # refuses an unknown backend
    check_integer("digits", digits, 1, MOST_DIGITS)
    check_integer("steps", steps, 1, _MOST_STEPS)
    check_integer("seed", seed, 0, 2**63 - 1)
    if max_nodes is not None:
        check_integer("max_nodes", max_nodes, 1, 2**63 - 1)
    if backend == "float64" and digits > 15:
        raise InputError("digits", digits, "at most 15 for float64; use mpmath or ball for more")
    given = StudentTeacher.from_user(means, weights, teacher).merged()
    size = given.n * given.dimension
    if size > _MOST_ENTRIES or given.n > _MOST_COMPONENTS:
        allowed = f"at most {_MOST_COMPONENTS} components, {_MOST_ENTRIES} numbers, for a descent"
        raise InputError("means", f"{given.n} components of {given.dimension} numbers", allowed)
    paper = PaperCoordinates(_overall_mean(given.teacher), parse_number(time, "time"))
    schedule = parse_schedule(step_size, parse_number)
    theta = paper.shifted(given.teacher.means) if given.mixture else ()
    reduction = reduce_problem(
        paper.shifted(given.means),
        given.weights,
        theta,
        given.teacher.weights if given.mixture else (),
    )
    name = objective if isinstance(objective, str) else objective.name
    if backend == "float64" and paper.time > _MOST_FLOAT_TIME:
        raise InputError(
            "time",
            paper.time,
            f"at most {_MOST_FLOAT_TIME} for float64 (mpmath and ball take more)",
        )
    clusters: Clusters = ()
    if backend == "ball" and not given.mixture:
        clusters = _choose_clusters(objective, reduction, paper.time, digits)
    working_digits = plan_digits(
        reduction, name, schedule, steps, paper.time, backend, digits, clusters
    )
    return DescentProblem(
        given.means,
        given.weights,
        given.teacher,
        objective,
        paper,
        schedule,
        steps,
        digits,
        backend,
        seed,
        max_nodes,
        reduction,
        working_digits,
        clusters,
    )


def _choose_clusters(
    objective: str | Objective, reduction: Reduction, time: Fraction, digits: int
) -> Clusters:
    """Clusters, unless the Hessian's derivatives have no bound (`numerics.quadrature.slopes`)."""
    found = find_clusters(reduction, time, digits)
    return () if found and reads_logarithm([load_program(objective, "hessian")]) else found


def _overall_mean(teacher: Teacher) -> tuple[Fraction, ...]:
    columns: Sequence[Sequence[Fraction]] = tuple(zip(*teacher.means, strict=True))
    return tuple(
        sum((w * entry for w, entry in zip(teacher.weights, column, strict=True)), Fraction(0))
        for column in columns
    )
