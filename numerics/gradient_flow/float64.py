r"""Gradient flow in float64: SciPy's Radau IIA in ``s = ln(1 + tau)``, with our Hessian.

*Small gradients.* At escape a gradient is of size :math:`a^2 e^{-a^2/8}`, below the rounding unit
from ``a = 19`` on. That loses nothing: kernels are sums of products of responsibilities, each
accurate *relative* to itself, and the teacher is the origin. What must follow the gradient is the
quadrature, planned for an absolute error: it is planned anew for ``goal = 10^-3 tolerance
max|grad|`` whenever the gradient shrinks. (Against mpmath: relative error below 3e-14 at ``a =
40``, where the loss is 3e-86.) In the end game the
slow second derivatives, about ``1/tau``, are differences of entries of size one, and float64 ends
near ``tau = 10^16``; a run that cannot go on, or whose gradient is rounding, is refused.

*Error control.* Every step keeps the estimated local error of each coordinate below ``tolerance
(|v| + min(1, loss))``, with the loss of at most one e-fold of ``tau`` before: at escape the mean at
the truth is of the loss's size.

*Ranks above 3.* Gradients are averages over points drawn once (`numerics.quadrature.qmc`), the same
at all times, so the computed flow is the exact one of a nearby vector field. Its distance is not a
matter of the tolerance: a second run with other points measures it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np

from numerics.descent.problem import DescentProblem
from numerics.errors import InputError
from numerics.evaluation.evaluator import Evaluator
from numerics.evaluation.float_once import PRODUCT_RANK
from numerics.gradient_flow.unknowns import Unknowns
from numerics.numbers.arithmetic import Array, FloatArithmetic

_QUADRATURE_SHARE = 1e-3  # of the tolerance
_LOST = 1e-3  # relative error of the gradient at which the run is refused
_LOST_SAMPLED = 0.1  # the same where gradients are samples
_SMALLEST_GOAL = 1e-290
_MOST_STEPS = 100_000
_MP_RANK = 2  # highest rank at which mpmath's losses are affordable


def _beyond(s: float, reason: str, sampled: bool = False) -> InputError:
    remedy = "more nodes (max_nodes)" if sampled else 'fewer digits, or backend "mpmath"'
    return InputError(
        "tau_end",
        f"a time beyond tau = {math.expm1(s):.3g}",
        f"an earlier end, {remedy} (float64: {reason})",
    )


class _Relative:
    """One quantity, with a quadrature whose error stays a small part of the value's size."""

    def __init__(self, problem: DescentProblem, quantity: str, tolerance: float, seed: int) -> None:
        self.problem, self.quantity, self.tolerance = problem, quantity, tolerance
        self.seed, self.sampled = seed, problem.reduction.rank > PRODUCT_RANK
        self.goal = 1e-3 * tolerance
        self.calls = 0
        self.worst = 0.0
        self.relative_error = 0.0
        self.evaluator = self._make()

    def _make(self) -> Evaluator:
        goal = None if self.sampled else self.goal
        return self.problem.evaluator((self.quantity,), goal=goal, seed=self.seed)

    def tighten(self, goal: float) -> None:
        """Plan for an absolute error of at most ``goal``."""
        if goal < self.goal and not self.sampled:
            self.goal = max(goal, _SMALLEST_GOAL)
            self.evaluator = self._make()

    def __call__(self, coordinates: Array) -> Any:
        self.calls += 1
        while True:
            value = self.evaluator(coordinates)[self.quantity]
            size = float(np.abs(value).max())
            if not math.isfinite(size) or self.goal <= self.tolerance * size:
                break
            if self.goal <= _SMALLEST_GOAL or self.sampled:
                break
            self.tighten(self.tolerance * size * 1e-4)
        self.relative_error = self.evaluator.error / size if size else 0.0
        self.worst = max(self.worst, self.relative_error)
        return value


class FloatIntegration:
    """The flow in ``s = ln(1 + tau)`` in the coordinates of the means' span."""

    def __init__(self, problem: DescentProblem, tolerance: float, seed: int = 0) -> None:
        share = _QUADRATURE_SHARE * tolerance
        self.tolerance = tolerance
        self.gradient = _Relative(problem, "gradient", share, seed)
        self.hessian = _Relative(problem, "hessian", share, seed)
        self._loss = _Relative(problem, "loss", share, seed)
        self.steps = 0
        self._step: float | None = None
        self._problem = problem
        self.unknowns = Unknowns.of(problem.reduction)
        self.rates = np.array([float(rate) for rate in self.unknowns.rates])
        start = problem.reduction.coordinates(1.0, FloatArithmetic(15))
        self.start = start.ravel()[self.unknowns.free]

    def loss(self, coordinates: Array) -> tuple[float, float]:
        """Return the loss and its evaluation error."""
        value = float(self._loss(coordinates))
        return value, float(self._loss.evaluator.error)

    def accurate_loss(self, coordinates: Array) -> tuple[float, float]:
        """Return the loss, from mpmath where float64 rounds it away (the KL loss cancels)."""
        value, error = self.loss(coordinates)
        rank = self._problem.reduction.rank
        if error <= self.tolerance * abs(value) or not 1 <= rank <= _MP_RANK or not value:
            return value, error
        size = max(abs(value), error)
        while True:
            wanted = math.ceil(-math.log10(self.tolerance * size)) + 1
            evaluator = self._problem.evaluator(
                ("loss",), digits=max(1, wanted), backend="mpmath", max_nodes=None
            )
            with mpmath.workdps(max(1, wanted) + 20):
                rows = [[mpmath.mpf(float(entry)) for entry in row] for row in coordinates]
                loss = evaluator(rows)["loss"]
                value, error = float(loss), float(evaluator.error)
            if error <= self.tolerance * abs(value) or size < _SMALLEST_GOAL:
                return value, error + math.ulp(value)
            size *= 1e-6

    def velocity(self, s: float, unknowns: Array) -> Array:
        """Return ``dv/ds``."""
        if not np.isfinite(unknowns).all():
            raise _beyond(s, "a step that is not finite")
        gradient = self.gradient(self.unknowns.coordinates(unknowns))
        sampled = self.gradient.sampled
        if self.gradient.relative_error > (_LOST_SAMPLED if sampled else _LOST):
            raise _beyond(s, "the gradient is as small as its error", sampled)
        return np.asarray(-math.exp(s) * self.rates * self.unknowns.of_gradient(gradient))

    def jacobian(self, s: float, unknowns: Array) -> Array:
        """Return the derivative of the velocity."""
        # An escaping mean's second derivatives are as small as the gradient.
        self.hessian.tighten(self.gradient.goal)
        hessian = self.hessian(self.unknowns.coordinates(unknowns))
        rows = self.rates[:, None] * self.unknowns.of_hessian(hessian)
        return np.asarray(-math.exp(s) * rows)

    def run(self, taus: Sequence[float]) -> list[Array]:
        """Return the coordinates at the given times."""
        from scipy.integrate import Radau

        states = []
        s, unknowns = 0.0, self.start
        for tau in taus:
            target = math.log1p(tau)
            while s < target:
                # The absolute tolerance follows the loss, at least once per e-fold of tau.
                stop = min(target, s + 1.0)
                loss, _ = self.loss(self.unknowns.coordinates(unknowns))
                floor = max(self.tolerance * min(1.0, loss), 1e-250)
                unknowns = self._advance(Radau, s, unknowns, stop, floor)
                s = stop
            states.append(self.unknowns.coordinates(unknowns))
        return states

    def _advance(
        self, method: Callable[..., Any], s: float, unknowns: Array, stop: float, floor: float
    ) -> Array:
        """Integrate from ``s`` to ``stop``."""
        first = self._step
        solver = method(
            self.velocity, s, unknowns, stop,
            rtol=self.tolerance, atol=floor, jac=self.jacobian,
            first_step=None if first is None else min(first, stop - s),
        )  # fmt: skip
        longest = 0.0
        while solver.status == "running":
            message = solver.step()
            self.steps += 1
            if solver.status == "failed" or self.steps > _MOST_STEPS:
                raise _beyond(solver.t, message or "too many steps")
            longest = max(longest, solver.h_abs)
        self._step = longest
        return np.asarray(solver.y)
