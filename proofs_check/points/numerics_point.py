"""Evaluation of losses, gradients and Hessians through ``numerics``, as balls."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb

from numerics.evaluation.enclosure import Enclosure
from numerics.evaluation.evaluate import evaluate
from numerics.evaluation.expectation import expectation
from numerics.evaluation.request import FLOAT_DIGITS, SCALAR_RANK
from numerics.evaluation.result import Evaluation
from numerics.mixtures.problem import Problem
from proofs_check.points.interpreter import ball
from proofs_check.points.memory import Memory
from proofs_check.statements.exact_text import exact_rational
from proofs_check.statements.mixing import mixed, mixing
from proofs_check.statements.mixture import Mixture, coordinates

if TYPE_CHECKING:
    from derive.algebra.program import Program
    from derive.losses.objectives import Objective
    from proofs_check.statements.relation import Ball, Nested


class NumericsPoint:
    """A `proofs_check.statements.relation.Point` evaluated by ``numerics``.

    Values of the float64 and mpmath backends become balls whose radius is the error *estimate*:
    what follows from them supports, and does not prove. The ball backend's enclosures are rigorous.
    What is asked for twice, also ``elsewhere``, is evaluated once.

    Parameters
    ----------
    mixture : Mixture
        The exact point.
    digits : int
        Digits asked of ``numerics``.
    backend : {"float64", "mpmath", "ball"}
    memory : Memory or None
        That of the point from which this one was reached.

    Examples
    --------
    >>> at = NumericsPoint(Mixture.of([["0"], ["2"]]), 15, "float64")
    >>> bool(abs(at.loss("forward") - arb("0.44959950920667283")) < "1e-14")
    True
    """

    def __init__(
        self, mixture: Mixture, digits: int, backend: str, memory: Memory | None = None
    ) -> None:
        self.mixture = mixture
        self.memory = memory or Memory()
        self.digits = digits
        self.backend = backend
        self.means = [[mixing(entry) for entry in mean] for mean in mixture.means]
        self.weights = [mixing(weight) for weight in mixture.weights]

    def loss(self, objective: str | Objective) -> Ball:
        """Loss of an objective."""
        return self._evaluate(objective, "loss")

    def gradient(self, objective: str | Objective) -> list[list[Ball]]:
        """Gradient in the means, ``n x d``."""
        result: list[list[Ball]] = self._evaluate(objective, "gradient")
        return result

    def hessian(
        self, objective: str | Objective, rows: Sequence[int] | None = None
    ) -> list[list[Ball]]:
        """Hessian in the means, ``nd x nd``, or its principal submatrix in some rows."""
        result: list[list[Ball]] = self._evaluate(objective, "hessian")
        if rows is None:
            return result
        return [[result[row][column] for column in rows] for row in rows]

    def expectation(self, program: Program) -> Nested:
        """Expectation of a lowered integrand, nested in the order of its free labels.

        With a mixture teacher and an integral over more than three dimensions the numbers come
        from float64, with error estimates as radii, unless enclosures are asked for.

        Raises
        ------
        InputError
            If the integral has more dimensions than the ball backend takes.
        """
        return self._recalled(program, lambda: self._expectation(program))

    def _expectation(self, program: Program) -> Nested:
        problem = Problem.centred(self.mixture.given)
        if self.backend != "ball" and problem.mixture and problem.rank > SCALAR_RANK:
            return _nested(expectation(program, problem, min(self.digits, FLOAT_DIGITS)))
        return _nested(expectation(program, problem, self.digits, "ball"))

    @property
    def parameters(self) -> dict[str, Ball]:
        """Values of the parameters of the mixture's family, as balls."""
        return {name: mixing(value) for name, value in self.mixture.parameters}

    def total_variation(self) -> Ball:
        """Total variation between student and teacher, in one dimension; always an enclosure."""
        return self._recalled("total variation", self._total_variation)

    def _total_variation(self) -> Ball:
        from numerics.studies.total_variation import enclose_total_variation

        teacher_means, teacher_weights = self.mixture.teacher
        return enclose_total_variation(
            coordinates(self.mixture.means),
            self.mixture.weights,
            coordinates(teacher_means),
            teacher_weights,
            min(self.digits, 12),
        )

    def elsewhere(self, mixture: Mixture) -> NumericsPoint:
        """Return the same kind of evaluation at another mixture."""
        return NumericsPoint(mixture, self.digits, self.backend, self.memory)

    def _recalled(self, question: Hashable, compute: Callable[[], Nested]) -> Nested:
        return self.memory.recall(self.mixture, question, lambda: mixed(compute()))

    def _evaluate(self, objective: str | Objective, quantity: str) -> Nested:
        return self._recalled((objective, quantity), lambda: self._computed(objective, quantity))

    def _computed(self, objective: str | Objective, quantity: str) -> Nested:
        return _nested(
            evaluate(
                objective,
                self.mixture.means,
                quantity=quantity,
                weights=self.mixture.weights,
                teacher=self.mixture.teacher,
                digits=self.digits,
                backend=self.backend,
            )
        )


def _nested(result: Evaluation | Enclosure) -> Nested:
    """Balls, nested like the quantity; error estimates become radii."""
    if isinstance(result, Enclosure):
        return result.balls
    return _with_errors(result.value, result.error)


def _with_errors(value: Any, error: Any) -> Nested:
    if isinstance(value, np.ndarray):
        return [_with_errors(a, b) for a, b in zip(value, error, strict=True)]
    return ball(exact_rational(value)) + arb(0, ball(exact_rational(error)).upper())
