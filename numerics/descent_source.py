"""Gradients for descent from the population evaluator."""

from __future__ import annotations

from typing import Any

from numerics.arithmetic import Arithmetic, Array
from numerics.descent import GradientSource
from numerics.descent_problem import DescentProblem
from numerics.population import Evaluator


class _EvaluatorSource:
    """Loss and gradient of the distinct components in the coordinates of their span."""

    def __init__(self, problem: DescentProblem, arithmetic: Arithmetic) -> None:
        reduction = problem.reduction

        def evaluator(quantity: str) -> Evaluator:
            return Evaluator(
                problem.objective,
                (quantity,),
                n=len(reduction.weights),
                dimension=reduction.span,
                weights=reduction.weights,
                digits=arithmetic.digits,
                backend=problem.backend,
                max_nodes=problem.max_nodes,
                rank=reduction.rank,
            )

        self._gradient = evaluator("gradient")
        self._loss = evaluator("loss")

    def gradient(self, coordinates: Array) -> Array:
        gradient: Array = self._gradient(coordinates)["gradient"]
        return gradient

    def loss(self, coordinates: Array) -> Any:
        return self._loss(coordinates)["loss"]

    def nodes(self) -> int:
        return self._gradient.nodes


def evaluator_source(problem: DescentProblem, arithmetic: Arithmetic) -> GradientSource:
    """Return the gradients of a problem; refuses what the evaluator refuses."""
    return _EvaluatorSource(problem, arithmetic)
