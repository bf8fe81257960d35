r"""Gradient flow at any precision: Radau IIA collocation in ``s = ln(1 + tau)``, in mpmath.

The same flow and the same unknowns as `numerics.gradient_flow.integrate`. Float arithmetic is not
the only thing that must go: an order that serves 12 digits needs ten thousand times as many steps
at 24. Here the number ``k`` of stages grows with the digits (order ``2k - 1``), so a step spans
about an e-fold of ``tau`` at any precision.

*Step control.* A step is solved with ``k`` stages; one further Newton iteration, with two more
stages and started from the collocation polynomial, gives a better end. Their difference is the
estimated error of the first; it must stay below ``tolerance (max |v| + min(1, loss))`` in
each coordinate, and the second is kept.

*Evaluations.* Newton's linear system is solved for a second right side, one unit of error in every
gradient: so it is known, at each step, what an evaluation's error does to the result, and the
digits of the evaluations follow (at escape ``log10(1/loss)`` more than asked for, in the end game
``log10(tau)`` more). Iterations that cannot be accurate yet are evaluated with fewer digits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np

from numerics.descent.problem import DescentProblem
from numerics.errors import InputError, NodeLimitError
from numerics.evaluation.evaluator import Evaluator
from numerics.gradient_flow.collocation import Collocation, System, newton, radau
from numerics.gradient_flow.unknowns import Unknowns
from numerics.numbers.arithmetic import Array, digits_to_bits, make_arithmetic

_EXTRA_STAGES = 2
_MOST_ITERATIONS = 12
_MOST_STEPS = 20_000
_SAFETY = 0.7
_LARGEST_GROWTH = 2.5
_SMALLEST_STEP = 1e-12
_FIRST_STEP = 0.02
_FARTHEST = 10  # how far, in units of 1 + max|v|, an iterate may stray
_MOST_LOSS_DIGITS = 5_000
_SHARE = 2  # digits by which evaluations are better than the tolerance


def stages_for(digits: int) -> int:
    """Number of stages for a tolerance of ``10^-digits``.

    Examples
    --------
    >>> stages_for(20), stages_for(50)
    (11, 23)
    """
    return max(4, round(0.4 * digits) + 3)


class _DivergedError(ArithmeticError):
    """An iterate of Newton's method that is nowhere near the flow."""


class PreciseIntegration:
    """The flow of a planned problem, with steps controlled to ``10^-digits``.

    Parameters
    ----------
    problem : DescentProblem
        With backend ``"mpmath"``.
    digits : int
        Of the tolerance: those asked for and those a small spread needs.
    """

    def __init__(self, problem: DescentProblem, digits: int) -> None:
        self.problem, self.digits = problem, digits
        self.tolerance = mpmath.mpf(10) ** -digits
        self.unknowns = Unknowns.of(problem.reduction)
        self.steps = self.rejected = self.evaluations = 0
        self.gradient_error = 0.0
        self._refused: NodeLimitError | None = None
        self.stages = stages_for(digits)
        self._step = mpmath.mpf(_FIRST_STEP)
        self._change = mpmath.mpf("1e-3")  # of the last step's first iteration
        self._influence = mpmath.mpf(1)
        self._polynomial: tuple[Any, Any, Collocation, Array, Array] | None = None
        self._evaluators: dict[tuple[tuple[str, ...], int], Evaluator] = {}

    @property
    def working_digits(self) -> int:
        """Digits of the numbers themselves: evaluations with what Newton's system may lose."""
        return self._needed(self.tolerance) + 15

    def run(self, taus: Sequence[Fraction]) -> list[Array]:
        """Return the coordinates at the given times."""
        arithmetic = make_arithmetic("mpmath", self.digits + 30)
        with arithmetic.context():
            start = self.problem.reduction.coordinates(mpmath.mpf(1), arithmetic)
        values = start.ravel()[self.unknowns.free]
        states, s = [], mpmath.mpf(0)
        for tau in taus:
            with mpmath.workdps(self.working_digits + 10):
                target = mpmath.log1p(mpmath.mpf(tau.numerator) / tau.denominator)
            while s < target:
                with mpmath.workdps(self.working_digits):
                    s, values = self._advance(s, values, target)
            with mpmath.workdps(self.working_digits):
                states.append(self.unknowns.coordinates(values))
        return states

    def loss(self, coordinates: Array, digits: int) -> tuple[Any, Any]:
        """Return the loss to about ``digits`` significant digits, and its error."""
        if not any(coordinates.flat):  # at the truth
            return mpmath.mpf(0), mpmath.mpf(0)
        wanted = digits
        while True:
            with mpmath.workdps(wanted + 20):
                evaluator = self._evaluator(("loss",), wanted)
                value = evaluator(coordinates)["loss"]
                error = evaluator.error
                if error <= abs(value) * mpmath.mpf(10) ** -digits or wanted > _MOST_LOSS_DIGITS:
                    return value, error
                size = max(abs(value), error)
                wanted = max(wanted + 5, digits + 3 + math.ceil(-mpmath.log10(size)))

    def _evaluator(self, quantities: tuple[str, ...], digits: int) -> Evaluator:
        key = (quantities, digits)
        if key not in self._evaluators:
            self._evaluators[key] = self.problem.evaluator(
                quantities, digits=digits, backend="mpmath"
            )
        return self._evaluators[key]

    def _needed(self, accuracy: Any) -> int:
        """Digits of evaluations that leave an error of at most ``accuracy``."""
        return max(6, int(mpmath.ceil(mpmath.log10(max(self._influence, 1) / accuracy))) + _SHARE)

    def _advance(self, s: Any, values: Array, target: Any) -> tuple[Any, Array]:
        """Take one accepted step towards ``target``."""
        floor, _ = self.loss(self.unknowns.coordinates(values), 1)
        floor = min(mpmath.mpf(1), abs(floor))
        while True:
            step = min(self._step, target - s)
            whole = step == target - s
            if step < _SMALLEST_STEP * (1 + s) and not whole:
                raise self._refused or self._stuck(s, "the step became too small")
            if self.steps + self.rejected > _MOST_STEPS:
                raise self._stuck(s, "too many steps")
            outcome = self._attempt(s, step, values, floor)
            factor = 0.25 if outcome is None else self._growth(outcome[1])
            accepted = outcome is not None and outcome[1] <= self.tolerance
            # A step cut short by a recorded time says nothing against the longer one.
            if not (accepted and whole and factor >= 1 and step < self._step):
                self._step = step * factor
            if outcome is not None and accepted:
                self.steps += 1
                return (target if whole else s + step), values + outcome[0]
            self.rejected += 1

    def _growth(self, estimate: Any) -> float:
        ratio = float(self.tolerance / max(estimate, self.tolerance * mpmath.mpf("1e-60")))
        factor: float = _SAFETY * ratio ** (2 / (3 * self.stages))
        return min(_LARGEST_GROWTH, max(0.2, factor))

    def _stuck(self, s: Any, reason: str) -> InputError:
        return InputError(
            "tau_end",
            f"a time beyond tau = {mpmath.nstr(mpmath.expm1(s), 3)}",
            f"an earlier end ({reason})",
        )

    def _attempt(self, s: Any, step: Any, values: Array, floor: Any) -> tuple[Array, Any] | None:
        """Solve a step; return the increment and its relative error, ``None`` if Newton fails."""
        rule = radau(self.stages, digits_to_bits(self.working_digits))
        better = radau(self.stages + _EXTRA_STAGES, digits_to_bits(self.working_digits))
        increments = self._predict(rule, s, step, values)
        try:
            solved = self._solve(rule, s, step, values, increments, floor)
            if solved is None:
                return None
            start = np.stack([rule.interpolate(solved, node) for node in better.nodes])
            system = self._system(self._needed(self.tolerance), values, final=True)
            correction = newton(better, system, s, step, values, start)
        except (ZeroDivisionError, _DivergedError):
            return None
        except NodeLimitError as error:  # a wild iterate; if it is not, the step shrinks to nothing
            self._refused = error
            return None
        scales = self._scales(values, correction.increments, floor)
        influence = max(np.abs(correction.influence).max(axis=0) / scales)
        self._influence = influence if influence > 0 else self._influence
        end = correction.increments[-1]
        estimate = max(abs(a - b) / c for a, b, c in zip(end, solved[-1], scales, strict=True))
        self._polynomial = (s, step, better, values, correction.increments)
        return end, estimate

    def _predict(self, rule: Collocation, s: Any, step: Any, values: Array) -> Array:
        """Continue the last polynomial; constant where there is none."""
        if self._polynomial is None:
            return np.array([[mpmath.mpf(0)] * len(values)] * rule.stages, dtype=object)
        start, length, old, origin, increments = self._polynomial
        rows = [
            origin + old.interpolate(increments, (s + node * step - start) / length) - values
            for node in rule.nodes
        ]
        return np.stack(rows)

    def _solve(
        self, rule: Collocation, s: Any, step: Any, values: Array, increments: Array, floor: Any
    ) -> Array | None:
        """Newton's method until the next change would be well below the tolerance."""
        accuracy = goal = self.tolerance / 10
        before = None
        for iteration in range(_MOST_ITERATIONS):
            expected = self._change if before is None else before
            accuracy = max(goal, min(expected**2, mpmath.mpf("1e-4")))
            correction = newton(
                rule, self._system(self._needed(accuracy), values), s, step, values, increments
            )
            increments = correction.increments
            scales = self._scales(values, increments, floor)
            influence = max(np.abs(correction.influence).max(axis=0) / scales)
            off = influence > self._influence * 10
            self._influence = influence if influence > 0 else self._influence
            change = max((np.abs(correction.change) / scales).ravel())
            if iteration == 0:
                self._change = min(change, mpmath.mpf(1))
            if before is not None and change > max(before, goal) and change > 1e-3:
                return None
            # Quadratic convergence, with the constant seen or at least 100.
            constant = mpmath.mpf(100)
            if before:
                constant = max(constant, min(change / before**2, 1 / before))
            if not off and accuracy <= goal and constant * change**2 <= goal:
                return increments
            before = min(change, mpmath.mpf(1))
        return None

    def _scales(self, values: Array, increments: Array, floor: Any) -> Array:
        largest = np.maximum(np.abs(values), np.abs(values + increments).max(axis=0))
        return np.asarray(largest + floor)

    def _system(self, digits: int, start: Array, final: bool = False) -> System:
        """Return the flow's right side and Jacobian near ``start``, evaluated to ``digits``."""
        limit = _FARTHEST * (1 + np.abs(start).max(initial=0))
        evaluator = self._evaluator(("gradient", "hessian"), digits)
        rates = np.array(
            [mpmath.mpf(r.numerator) / r.denominator for r in self.unknowns.rates], dtype=object
        )

        def system(s: Any, values: Array) -> tuple[Array, Array, Array]:
            if np.abs(values).max(initial=0) > limit:
                raise _DivergedError
            found = evaluator(self.unknowns.coordinates(values))
            gradient, hessian = found["gradient"], found["hessian"]
            self.evaluations += 1
            if final:
                size = np.abs(gradient).max()
                relative = float(evaluator.error / size) if size else 0.0
                self.gradient_error = max(self.gradient_error, relative)
            factors = -mpmath.exp(s) * rates
            velocity = factors * self.unknowns.of_gradient(gradient)
            jacobian = factors[:, None] * self.unknowns.of_hessian(hessian)
            return velocity, jacobian, np.abs(factors)

        return system
