r"""Gradient flow ``dv/dtau = -grad loss(v)`` over very long times, in float64 or mpmath.

The power laws of the end game and of the escape need ``tau`` from ``10^6`` to ``e^200``, far beyond
plain gradient descent. With :math:`s = \ln(1 + \tau)` the flow is

.. math:: \frac{dv}{ds} = -(1 + \tau)\, \nabla L(v),

stiff (the centre relaxes at rate ``1 + tau`` while the rest drifts), so it is integrated by Radau
IIA methods (Hairer and Wanner, *Solving Ordinary Differential Equations II*, IV.8) with the Hessian
as their Jacobian: `numerics.gradient_flow.float64` (order 5, at most 12 digits) and
`numerics.gradient_flow.multiprecision` (any order, any digits).

*Error control.* Every step keeps the estimated local error of each coordinate below ``tolerance
(|v| + min(1, loss))``. The flow is computed a second time at 100 times the tolerance (mpmath: with
fewer stages, too), and the difference is reported as the error: an estimate, usually far too large.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np

from numerics.descent.problem import DescentProblem, MeansMap, plan_descent
from numerics.descent.working_digits import GUARD_DIGITS
from numerics.errors import InputError
from numerics.evaluation.float_once import PRODUCT_RANK
from numerics.gradient_flow.float64 import FloatIntegration
from numerics.gradient_flow.multiprecision import PreciseIntegration
from numerics.numbers.arithmetic import Array, FloatArithmetic, MpArithmetic
from numerics.numbers.exact import parse_number, to_float

if TYPE_CHECKING:
    from derive.losses.objectives import Objective

#: Most digits by backend.
MOST_DIGITS = {"float64": 12, "mpmath": 200}
#: Largest decimal exponent of ``tau_end`` by backend.
MOST_TAU_DIGITS = {"float64": 120, "mpmath": 1000}
_MOST_TOLERANCE_DIGITS = 400  # with those of a small spread
#: Digits where gradients are samples.
SAMPLED_DIGITS = 3
_LOOSER = 2  # digits by which the run that measures the error is looser


@dataclass(frozen=True)
class FlowPoint:
    """The flow at one time.

    Attributes
    ----------
    tau : float or mpf
    means, centred_means : arrays, n x d
        In the user's coordinates, and relative to the teacher; of float or mpf.
    loss : float or mpf
    loss_error : float or mpf
        Estimated absolute error: change under 100 times the tolerance (rank above 3: under other
        sample points), plus evaluation error; without the second run only the latter.
    """

    tau: Any
    means: Array
    centred_means: Array
    loss: Any
    loss_error: Any


@dataclass(frozen=True)
class Flow:
    """A computed flow.

    Attributes
    ----------
    points : tuple of FlowPoint
        At the recorded times, in order.
    backend : str
    tolerance : float or mpf
        Bound of each step's estimated relative error.
    gradient_error : float
        Largest relative error estimate of a gradient that was used.
    steps, gradients, hessians : int
        Steps and evaluations of the accurate run.
    """

    points: tuple[FlowPoint, ...]
    backend: str
    tolerance: Any
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
    backend: str = "float64",
    record: Sequence[object] | None = None,
    max_nodes: int | None = None,
    repeat: bool = True,
) -> Flow:
    r"""Integrate the gradient flow of a population loss from ``tau = 0``.

    It is the limit of gradient descent with step ``eta`` after ``tau/eta`` steps as ``eta -> 0``.

    Parameters
    ----------
    objective : str or Objective
    means : n x d nested list or array
        Initial means; numbers or exact strings. Rank at most 3; in float64 any, with samples.
    tau_end : number
        Positive; up to 1e120 (mpmath: 1e1000).
    weights, teacher_mean
        As in `numerics.descent.run.descend`. (Noise time is a rescaling: see docs/how-to/flow.md.)
    digits : int
        The tolerance is ``10^-digits``; 3 to 12, above rank 3 only 3 (mpmath: 3 to 200, and more
        digits are carried where means are closer together than 1).
    backend : {"float64", "mpmath"}
    record : sequence of increasing numbers from 0 to tau_end, optional
        Times wanted; default 0, the powers of ten from 1 on, and ``tau_end``.
    max_nodes : int, optional
        Refuse larger quadrature grids.
    repeat : bool
        Compute the flow a second time to measure its error. Without, half the work, and
        ``loss_error`` covers the evaluation of the loss alone.

    Raises
    ------
    InputError
        Bad input, or where float64 cannot tell the gradient from rounding.
    NodeLimitError
        If an evaluation needs more nodes than ``max_nodes``.

    Examples
    --------
    >>> run = flow("forward", [["1.5"], ["-1"]], tau_end="1e6", digits=8)
    >>> last = run.points[-1]
    >>> round(last.loss * last.tau**2, 3)                           # 4/64, the end-game law
    0.063
    """
    if backend not in MOST_DIGITS:
        raise InputError("backend", backend, '"float64" or "mpmath"')
    most = MOST_DIGITS[backend]
    if isinstance(digits, bool) or not isinstance(digits, int) or not 3 <= digits <= most:
        raise InputError("digits", digits, f'an integer from 3 to {most} with "{backend}"')
    exact = _times(tau_end, record, MOST_TAU_DIGITS[backend])
    # The step and the number of steps only serve to plan digits (amplification of a spread).
    problem = plan_descent(
        objective,
        means,
        step_size=Fraction(1, 100),
        steps=max(1, math.ceil(100 * min(exact[-1], Fraction(100)))),
        weights=weights,
        teacher=teacher_mean,
        digits=digits,
        backend=backend,
        max_nodes=max_nodes,
    )
    if problem.mixture:
        raise InputError("teacher_mean", "a mixture", "the mean of one Gaussian")
    _check_rank(problem)
    return (_float_flow if backend == "float64" else _precise_flow)(problem, exact, repeat)


def _times(tau_end: object, record: Sequence[object] | None, most: int) -> tuple[Fraction, ...]:
    """Recorded times, the last one ``tau_end`` by default."""
    end = parse_number(tau_end, "tau_end")
    if not 0 < end <= Fraction(10) ** most:
        raise InputError("tau_end", tau_end, f"a positive number up to 1e{most}")
    if record is None:
        powers = (Fraction(10) ** k for k in range(most))
        return (Fraction(0), *(tau for tau in powers if tau < end), end)
    taus = tuple(parse_number(tau, "record") for tau in record)
    increasing = all(a < b for a, b in pairwise(taus))
    if not taus or not increasing or taus[0] < 0 or taus[-1] > end:
        raise InputError("record", list(record), "increasing numbers from 0 to tau_end")
    return taus


def _check_rank(problem: DescentProblem) -> None:
    rank = problem.reduction.rank
    if rank <= PRODUCT_RANK:
        return
    if problem.backend != "float64":
        raise InputError(
            "means",
            f"differences that span {rank} dimensions",
            f'at most {PRODUCT_RANK} with backend "{problem.backend}"',
        )
    if problem.digits > SAMPLED_DIGITS:
        raise InputError(
            "digits",
            problem.digits,
            f"{SAMPLED_DIGITS} where means span {rank} > {PRODUCT_RANK} dimensions "
            "(gradients are samples)",
        )


def _float_flow(problem: DescentProblem, exact: Sequence[Fraction], repeat: bool) -> Flow:
    taus = [to_float(tau) for tau in exact]
    tolerance = 10.0**-problem.digits
    accurate = FloatIntegration(problem, tolerance)
    states = accurate.run(taus)
    others = states
    if repeat:
        sampled = problem.reduction.rank > PRODUCT_RANK
        looser = tolerance if sampled else min(1e-2, tolerance * 10.0**_LOOSER)
        others = FloatIntegration(problem, looser, problem.seed + sampled).run(taus)
    to_means = MeansMap(problem, FloatArithmetic(15))
    points = []
    for tau, state, other in zip(taus, states, others, strict=True):
        loss, error = accurate.accurate_loss(state)
        other_loss, _ = accurate.accurate_loss(other)
        error += abs(loss - other_loss)
        points.append(FlowPoint(tau, to_means.user(state), to_means.centred(state), loss, error))
    return Flow(
        tuple(points),
        "float64",
        tolerance,
        accurate.gradient.worst,
        accurate.steps,
        accurate.gradient.calls,
        accurate.hessian.calls,
    )


def _precise_flow(problem: DescentProblem, exact: Sequence[Fraction], repeat: bool) -> Flow:
    # A small spread is a coordinate to be resolved, too: its digits join the tolerance's.
    digits = problem.working_digits.total - GUARD_DIGITS
    if digits > _MOST_TOLERANCE_DIGITS:
        allowed = f"means and digits that need at most {_MOST_TOLERANCE_DIGITS} in all"
        raise InputError("means", f"a flow to {digits} digits (spread included)", allowed)
    accurate = PreciseIntegration(problem, digits)
    rough = PreciseIntegration(problem, digits - _LOOSER)
    states = accurate.run(exact)
    others = rough.run(exact) if repeat else states
    points = []
    arithmetic = MpArithmetic(accurate.working_digits)
    with arithmetic.context():
        to_means = MeansMap(problem, arithmetic)
        for tau, state, other in zip(exact, states, others, strict=True):
            loss, error = accurate.loss(state, digits)
            error += abs(loss - rough.loss(other, digits)[0])
            means, centred = to_means.user(state), to_means.centred(state)
            points.append(FlowPoint(arithmetic.number(tau), means, centred, loss, error))
    return Flow(
        tuple(points),
        "mpmath",
        mpmath.mpf(accurate.tolerance),
        accurate.gradient_error,
        accurate.steps,
        accurate.evaluations,
        accurate.evaluations,
    )
