"""Gradients for descent from the evaluator, and plain steps while nobody looks at iterates."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol, runtime_checkable

import numpy as np

from numerics.descent.problem import DescentProblem
from numerics.descent.result import GradientSource
from numerics.descent.schedule import StepSchedule
from numerics.evaluation.evaluator import Evaluator
from numerics.evaluation.result import NativeTeacher
from numerics.evaluation.scalar_backend import NotInDoublesError, expectations
from numerics.kernels import load_program
from numerics.kernels.numba_loop import FEWEST_STEPS
from numerics.numbers.arithmetic import Arithmetic, Array
from numerics.numbers.balls import BALL, ball
from numerics.quadrature.float_sums import FEWEST_NODES as FEWEST_IN_DOUBLES
from numerics.quadrature.float_sums import MOST_DIGITS
from numerics.quadrature.inputs import Inputs
from numerics.quadrature.slopes import derivative_bound

#: Accuracy of the Hessian: in a mean-value form it multiplies a radius.
_HESSIAN_DIGITS = 6
#: The same in two and three dimensions of integration, where digits are dear.
_HESSIAN_DIGITS_ABOVE = 3
#: The same over boxes, which doubles resolve less well.
_BOX_DIGITS = 2
#: A gradient in doubles may have so many digits less than asked for: balls take 20 times as long,
#: and a run whose radius becomes too large is repeated.
_MISSED_DIGITS = 2


class Planned:
    """An evaluator of one quantity, with the point its quadrature in use was planned at."""

    def __init__(self, evaluator: Evaluator, quantity: str) -> None:
        self.evaluator = evaluator
        self.quantity = quantity
        self.anchor: Array | None = None
        self._grid: object = None

    def __call__(self, coordinates: Array, spanning: Array | None = None) -> Any:
        """Evaluate; remembers where the quadrature was planned."""
        value = self.evaluator(coordinates, spanning)[self.quantity]
        # float64 keeps a grid while it serves; which one it is depends on the run's past.
        grid = self.evaluator.grid
        if grid is not self._grid:
            self._grid, self.anchor = grid, coordinates
        return value

    def restore(self, anchor: Array | None) -> None:
        """Plan as an earlier run did."""
        if anchor is not None:
            self(anchor)


class _EvaluatorSource:
    """Loss and gradient of the distinct components in the coordinates of their span."""

    def __init__(self, problem: DescentProblem, arithmetic: Arithmetic) -> None:
        reduction = problem.reduction
        teacher = None
        if problem.mixture:
            scale = problem.paper.scale(arithmetic)
            rows = reduction.teacher_coordinates(scale, arithmetic)
            teacher = NativeTeacher(rows, reduction.teacher_weights)

        def evaluator(quantities: tuple[str, ...], digits: int, rank: int) -> Evaluator:
            return problem.evaluator(
                quantities,
                digits=digits,
                backend=problem.backend,
                rank=rank,
                seed=problem.seed,
                teacher=teacher,
            )

        def planned(quantity: str, digits: int) -> Planned:
            return Planned(evaluator((quantity,), digits, reduction.rank), quantity)

        self._problem = problem
        self._gradient = planned("gradient", arithmetic.digits)
        self._loss = planned("loss", arithmetic.digits)
        self._long = problem.backend == "float64" and problem.steps >= FEWEST_STEPS
        digits = _HESSIAN_DIGITS if reduction.rank < 2 else _HESSIAN_DIGITS_ABOVE
        self._hessian = planned("hessian", digits) if arithmetic.rigorous else None
        self._latest = self._gradient.evaluator
        self._digits, self._rigorous = arithmetic.digits, arithmetic.rigorous
        self._nodes = 0  # of the latest sum in doubles, if that was the latest of all

        @lru_cache(maxsize=4)
        def both(rank: int) -> Evaluator:
            return evaluator(("gradient", "hessian"), arithmetic.digits, rank)

        self._both = both

    def gradient(self, coordinates: Array) -> Array:
        if self._digits <= MOST_DIGITS:
            quick = self._in_doubles("gradient", coordinates, self._digits)
            if quick is not None:
                least = self._digits - _MISSED_DIGITS
                if BALL.missing_bits(quick.flat, least) <= 0:
                    return quick
        self._latest = self._gradient.evaluator
        gradient: Array = self._gradient(coordinates)
        self._nodes = 0
        return gradient

    def loss(self, coordinates: Array, spanning: Array | None = None) -> Any:
        return self._loss(coordinates, spanning)

    def hessian(self, coordinates: Array) -> Array:
        if self._hessian is None:
            raise TypeError("Hessians over boxes need the ball backend")
        hessian: Array = self._hessian(coordinates)
        return hessian

    def box_hessian(self, coordinates: Array) -> Array | None:
        if self.nodes() < FEWEST_IN_DOUBLES:
            return None
        hessian = self._in_doubles("hessian", coordinates, _BOX_DIGITS)
        return None if hessian is None else hessian.reshape(coordinates.size, coordinates.size)

    def _in_doubles(self, quantity: str, coordinates: Array, digits: int) -> Array | None:
        """Enclose by sums in doubles, however accurate; None where these do not serve."""
        problem, reduction = self._problem, self._problem.reduction
        if not self._rigorous or not 1 < reduction.rank == reduction.span or problem.mixture:
            return None
        rows = [list(row) for row in coordinates]
        inputs = Inputs(rows, rows, [ball(weight) for weight in reduction.weights])
        programs = [load_program(problem.objective, quantity)]
        limit = problem.max_nodes
        try:
            found = expectations(
                BALL, programs, inputs, digits=digits, max_nodes=limit, only_doubles=True
            )
        except NotInDoublesError:
            return None
        self._nodes = found.nodes
        return found.values[0]

    def collapsed(
        self, coordinates: Array, rank: int, spanning: Array | None
    ) -> tuple[Array, Array]:
        self._latest = self._both(rank)
        values = self._latest(coordinates, spanning)
        self._nodes = 0
        return values["gradient"], values["hessian"].reshape(2 * coordinates.shape)

    def hessian_derivative_bound(self, radii: Sequence[Any]) -> Any:
        return self._derivative_bound("hessian", radii)

    def gradient_derivative_bound(self, radii: Sequence[Any]) -> Any:
        return self._derivative_bound("gradient", radii)

    def _derivative_bound(self, quantity: str, radii: Sequence[Any]) -> Any:
        program = load_program(self._problem.objective, quantity)
        return derivative_bound(program, self._problem.n, radii, len(radii))

    def descend(
        self, coordinates: Array, factors: Array, rows: Array, count: int
    ) -> tuple[Array, int]:
        if not self._long:
            return coordinates, 0
        return self._gradient.evaluator.descend(coordinates, factors, rows, count)

    def nodes(self) -> int:
        return self._nodes or self._latest.nodes

    def errors(self) -> tuple[Any, Any]:
        return self._latest.error, self._loss.evaluator.error

    def anchors(self) -> tuple[Array | None, Array | None]:
        return self._gradient.anchor, self._loss.anchor

    def restore(self, anchors: tuple[Array | None, Array | None]) -> None:
        self._gradient.restore(anchors[0])
        self._loss.restore(anchors[1])


def evaluator_source(problem: DescentProblem, arithmetic: Arithmetic) -> GradientSource:
    """Return the gradients of a problem; refuses what the evaluator refuses."""
    return _EvaluatorSource(problem, arithmetic)


@runtime_checkable
class Leaper(Protocol):
    """A gradient source that can take several steps in one call."""

    def descend(
        self, coordinates: Array, factors: Array, rows: Array, count: int
    ) -> tuple[Array, int]:
        """Take at most ``count`` steps ``v[j] -= factors[j] * gradient[rows[j]]``.

        Returns the last iterate and the number of steps: fewer, even none, where single steps are
        needed, and no more after an overflow.
        """


def unseen(step: int, schedule: StepSchedule, every: int | None) -> int:
    """Steps from iterate ``step`` to the next that may be recorded, monitored or resized.

    Parameters
    ----------
    step : int
    schedule : StepSchedule
    every : int or None
        Interval of recording.

    Examples
    --------
    >>> from fractions import Fraction
    >>> schedule = StepSchedule((0, 1001), (Fraction(1), Fraction(2)))
    >>> unseen(1000, schedule, None), unseen(1001, schedule, None), unseen(1001, schedule, 3)
    (1, 7, 1)
    """
    unit = 1 << max(0, step.bit_length() - 7)  # as in `numerics.fates.criteria.monitored`
    ahead = unit - step % unit
    if every is not None:
        ahead = min(ahead, every - step % every)
    for start in schedule.starts:
        if start > step:
            ahead = min(ahead, start - step)
    return ahead


def plain_steps(
    source: GradientSource,
    coordinates: Array,
    factor: Array,
    representative: list[int] | None,
    most: int,
) -> tuple[Array, int]:
    """Take between one and ``most`` steps; return the last iterate and their number."""
    if most > 1 and isinstance(source, Leaper):
        rows = np.arange(len(coordinates)) if representative is None else np.array(representative)
        moved, done = source.descend(coordinates, factor, rows, most)
        if done:
            return moved, done
    gradient = source.gradient(coordinates)
    if representative is not None:
        gradient = gradient[representative]
    return np.asarray(coordinates - factor * gradient), 1
