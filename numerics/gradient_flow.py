r"""Gradient flow ``dv/dtau = -grad loss(v)`` over very long times, in float64.

The power laws of the end game and of the escape need ``tau`` from ``10^6`` to ``e^200``, far beyond
plain gradient descent. With :math:`s = \ln(1 + \tau)` the flow is

.. math:: \frac{dv}{ds} = -(1 + \tau)\, \nabla L(v),

stiff (the centre relaxes at rate ``1 + tau`` while the rest drifts), so it is integrated by Radau
IIA of order 5 (`scipy.integrate.Radau`; Hairer and Wanner, *Solving Ordinary Differential Equations
II*, IV.8) with the Hessian as its Jacobian.

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
the truth is of the loss's size. The flow is computed a second time at 100 times
the tolerance, and the difference is reported as the error: an estimate, usually far too large.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np

from numerics.arithmetic import Array, FloatArithmetic
from numerics.descent_problem import DescentProblem, MeansMap, plan_descent
from numerics.errors import InputError
from numerics.evaluator import Evaluator
from numerics.exact import parse_number
from numerics.machine import PRODUCT_RANK
from numerics.rationals import to_float

if TYPE_CHECKING:
    from derive.objectives import Objective

MOST_DIGITS = 12
_QUADRATURE_SHARE = 1e-3  # of the tolerance
_LOST = 1e-3  # relative error of the gradient at which the run is refused
_LOOSER = 100.0  # tolerance of the run that measures the error
_SMALLEST_GOAL = 1e-290
_LARGEST_TAU = 1e120
_MOST_STEPS = 100_000
_MP_RANK = 2  # highest rank at which mpmath's losses are affordable


@dataclass(frozen=True)
class FlowPoint:
    """The flow at one time.

    Attributes
    ----------
    tau : float
    means, centred_means : arrays, n x d
        In the user's coordinates, and relative to the teacher.
    loss : float
    loss_error : float
        Estimated absolute error: change under 100 times the tolerance, plus evaluation error.
    """

    tau: float
    means: Array
    centred_means: Array
    loss: float
    loss_error: float


@dataclass(frozen=True)
class Flow:
    """A computed flow.

    Attributes
    ----------
    points : tuple of FlowPoint
        At the recorded times, in order.
    tolerance : float
        Bound of each step's estimated relative error.
    gradient_error : float
        Largest relative error estimate of a gradient that was used.
    steps, gradients, hessians : int
        Steps and evaluations of the accurate run.
    """

    points: tuple[FlowPoint, ...]
    tolerance: float
    gradient_error: float
    steps: int
    gradients: int
    hessians: int

    @property
    def taus(self) -> Array:
        """Recorded times."""
        return np.array([point.tau for point in self.points])

    @property
    def losses(self) -> Array:
        """Losses at the recorded times."""
        return np.array([point.loss for point in self.points])


def flow(
    objective: str | Objective,
    means: object,
    *,
    tau_end: object,
    weights: object = None,
    teacher_mean: object = None,
    digits: int = 10,
    record: Sequence[object] | None = None,
    max_nodes: int | None = None,
) -> Flow:
    r"""Integrate the gradient flow of a population loss from ``tau = 0``.

    It is the limit of gradient descent with step ``eta`` after ``tau/eta`` steps as ``eta -> 0``.

    Parameters
    ----------
    objective : str or Objective
    means : n x d nested list or array
        Initial means; numbers or exact strings. Rank at most 3.
    tau_end : number
        Positive; up to 1e120.
    weights, teacher_mean
        As in `numerics.dynamics.descend`. (Noise time is a rescaling: see docs/flow.md.)
    digits : int
        The tolerance is ``10^-digits``; 3 to 12.
    record : sequence of increasing numbers from 0 to tau_end, optional
        Times wanted; default 0, the powers of ten from 1 on, and ``tau_end``.
    max_nodes : int, optional
        Refuse larger quadrature grids.

    Raises
    ------
    InputError
        Bad input, or where float64 cannot tell the gradient from rounding.

    Examples
    --------
    >>> run = flow("forward", [["1.5"], ["-1"]], tau_end="1e6", digits=8)
    >>> last = run.points[-1]
    >>> round(last.loss * last.tau**2, 3)                           # 4/64, the end-game law
    0.063
    """
    if isinstance(digits, bool) or not isinstance(digits, int) or not 3 <= digits <= MOST_DIGITS:
        raise InputError("digits", digits, f"an integer from 3 to {MOST_DIGITS}")
    taus = _times(tau_end, record)
    # The step and the number of steps only serve to plan digits (amplification of a spread).
    problem = plan_descent(
        objective,
        means,
        step_size=Fraction(1, 100),
        steps=max(1, min(10_000, math.ceil(100 * taus[-1]))),
        weights=weights,
        teacher_mean=teacher_mean,
        max_nodes=max_nodes,
    )
    if problem.reduction.rank > PRODUCT_RANK:
        raise InputError(
            "means",
            f"differences that span {problem.reduction.rank} dimensions",
            f"rank at most {PRODUCT_RANK}: beyond it gradients are samples",
        )
    tolerance = 10.0**-digits
    accurate = _Integration(problem, tolerance)
    states = accurate.run(taus)
    rough = _Integration(problem, min(1e-2, tolerance * _LOOSER)).run(taus)
    to_means = MeansMap(problem, FloatArithmetic(15))
    points = []
    for tau, state, other in zip(taus, states, rough, strict=True):
        loss, error = accurate.accurate_loss(state)
        other_loss, _ = accurate.accurate_loss(other)
        error += abs(loss - other_loss)
        points.append(FlowPoint(tau, to_means.user(state), to_means.centred(state), loss, error))
    return Flow(
        tuple(points),
        tolerance,
        accurate.gradient.worst,
        accurate.steps,
        accurate.gradient.calls,
        accurate.hessian.calls,
    )


def _times(tau_end: object, record: Sequence[object] | None) -> tuple[float, ...]:
    """Recorded times as floats, the last one ``tau_end``."""
    end = to_float(parse_number(tau_end, "tau_end"))
    if not 0 < end <= _LARGEST_TAU:
        raise InputError("tau_end", tau_end, f"a positive number up to {_LARGEST_TAU:g}")
    if record is None:
        powers = [10.0**k for k in range(math.ceil(math.log10(max(end, 1.0))))]
        return (0.0, *(tau for tau in powers if tau < end), end)
    taus = tuple(to_float(parse_number(tau, "record")) for tau in record)
    increasing = all(a < b for a, b in pairwise(taus))
    if not taus or not increasing or taus[0] < 0 or taus[-1] > end:
        raise InputError("record", list(record), "increasing numbers from 0 to tau_end")
    return taus


def _beyond(s: float, reason: str) -> InputError:
    return InputError(
        "tau_end",
        f"a time beyond tau = {math.expm1(s):.3g}",
        f"an earlier end, or fewer digits, in float64 (there: {reason})",
    )


class _Relative:
    """One quantity, with a quadrature whose error stays a small part of the value's size."""

    def __init__(self, problem: DescentProblem, quantity: str, tolerance: float) -> None:
        self.problem, self.quantity, self.tolerance = problem, quantity, tolerance
        self.goal = 1e-3 * tolerance
        self.calls = 0
        self.worst = 0.0
        self.relative_error = 0.0
        self.evaluator = self._make()

    def _make(self) -> Evaluator:
        reduction = self.problem.reduction
        return Evaluator(
            self.problem.objective,
            (self.quantity,),
            n=len(reduction.weights),
            dimension=reduction.span,
            weights=reduction.weights,
            max_nodes=self.problem.max_nodes,
            rank=reduction.rank,
            goal=self.goal,
        )

    def tighten(self, goal: float) -> None:
        """Plan for an absolute error of at most ``goal``."""
        if goal < self.goal:
            self.goal = max(goal, _SMALLEST_GOAL)
            self.evaluator = self._make()

    def __call__(self, coordinates: Array) -> Any:
        self.calls += 1
        while True:
            value = self.evaluator(coordinates)[self.quantity]
            size = float(np.abs(value).max())
            if not math.isfinite(size) or self.goal <= self.tolerance * size:
                break
            if self.goal <= _SMALLEST_GOAL:
                break
            self.tighten(self.tolerance * size * 1e-4)
        self.relative_error = self.evaluator.error / size if size else 0.0
        self.worst = max(self.worst, self.relative_error)
        return value


class _Integration:
    """The flow in ``s = ln(1 + tau)`` in the coordinates of the means' span."""

    def __init__(self, problem: DescentProblem, tolerance: float) -> None:
        share = _QUADRATURE_SHARE * tolerance
        self.tolerance = tolerance
        self.gradient = _Relative(problem, "gradient", share)
        self.hessian = _Relative(problem, "hessian", share)
        self._loss = _Relative(problem, "loss", share)
        self.steps = 0
        self._step: float | None = None
        self._problem = problem
        arithmetic = FloatArithmetic(15)
        reduction = problem.reduction
        start = reduction.coordinates(1.0, arithmetic)
        self.shape = start.shape
        # Unknowns: one component per orbit of the exact symmetries, without its fixed zeros.
        rows, signs = reduction.symmetry.representative, np.array(reduction.symmetry.signs)
        free = (signs != 0) & (np.array(rows) == np.arange(len(rows)))[:, None]
        self.free = np.flatnonzero(free.ravel())
        position = np.zeros(signs.size, dtype=int)
        position[self.free] = np.arange(self.free.size)
        source = position.reshape(self.shape)[list(rows)].ravel()
        self.expansion = np.zeros((signs.size, self.free.size))
        self.expansion[np.arange(signs.size), source] = signs.ravel()
        multiplicities = np.repeat(reduction.multiplicities, self.shape[1])
        self.rates = 1.0 / multiplicities[self.free]
        self.start = start.ravel()[self.free]

    def coordinates(self, unknowns: Array) -> Array:
        """Return the coordinates of all distinct components."""
        return np.asarray((self.expansion @ unknowns).reshape(self.shape))

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
        reduction = self._problem.reduction
        while True:
            wanted = math.ceil(-math.log10(self.tolerance * size)) + 1
            evaluator = Evaluator(
                self._problem.objective,
                ("loss",),
                n=len(reduction.weights),
                dimension=reduction.span,
                weights=reduction.weights,
                digits=max(1, wanted),
                backend="mpmath",
                rank=rank,
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
        gradient = self.gradient(self.coordinates(unknowns)).ravel()
        if self.gradient.relative_error > _LOST:
            raise _beyond(s, "the gradient is as small as its rounding")
        return np.asarray(-math.exp(s) * self.rates * gradient[self.free])

    def jacobian(self, s: float, unknowns: Array) -> Array:
        """Return the derivative of the velocity."""
        # An escaping mean's second derivatives are as small as the gradient.
        self.hessian.tighten(self.gradient.goal)
        hessian = self.hessian(self.coordinates(unknowns))
        rows = self.rates[:, None] * (hessian[self.free] @ self.expansion)
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
                loss, _ = self.loss(self.coordinates(unknowns))
                floor = max(self.tolerance * min(1.0, loss), 1e-250)
                unknowns = self._advance(Radau, s, unknowns, stop, floor)
                s = stop
            states.append(self.coordinates(unknowns))
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
