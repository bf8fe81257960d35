r"""Sequences along gradient flows whose limits are claimed: the escape and the end game.

Flows are computed once per process and precision, and serve checks and controls alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import mpmath

from proofs_check.checks.limits import Number, Sample
from proofs_check.claim import Context

if TYPE_CHECKING:
    from numerics.gradient_flow.integrate import FlowPoint

_WORKING = 60


@dataclass(frozen=True)
class FlowStart:
    """Where a flow starts, and when it is looked at.

    Attributes
    ----------
    means : n x d texts
    quick, full : tuple of text
        Times, as ``"1e6"`` or ``"e20"`` for ``e^20``, by budget.
    weights : tuple of text or None
    objective : str
    backend : str
    """

    means: tuple[tuple[str, ...], ...]
    quick: tuple[str, ...]
    full: tuple[str, ...]
    weights: tuple[str, ...] | None = None
    objective: str = "forward"
    backend: str = "mpmath"

    @property
    def components(self) -> int:
        """Number ``n`` of components."""
        return len(self.means)

    def points(self, context: Context, digits: int) -> tuple[FlowPoint, ...]:
        """The flow at the budget's times."""
        return _flow(self, self.quick if context.budget == "quick" else self.full, digits)


def _time(text: str) -> Any:
    with mpmath.workdps(_WORKING):
        return mpmath.exp(mpmath.mpf(text[1:])) if text.startswith("e") else mpmath.mpf(text)


@lru_cache(maxsize=32)
def _flow(start: FlowStart, times: tuple[str, ...], digits: int) -> tuple[FlowPoint, ...]:
    from numerics.gradient_flow.integrate import flow

    taus = [_time(text) for text in times]
    return flow(
        start.objective,
        start.means,
        tau_end=taus[-1],
        record=taus,
        weights=start.weights,
        digits=digits,
        backend=start.backend,
        repeat=False,  # two precisions are compared anyway
    ).points


def resummed_logarithm(tau: Number, slope: str = "1.5") -> Number:
    r"""``X`` with ``X - 1.5 ln X = ln tau + (1/2) ln pi - ln 2``.

    ``X = l + 1.5 ln l + (1/2) ln pi - ln 2 + o(1)``, ``l = ln tau``: along the escape
    ``X`` is ``a^2/8`` up to ``O(1/X)``, and deviations are power series in ``1/X``.

    Examples
    --------
    >>> mpmath.nstr(resummed_logarithm(mpmath.exp(20)), 6)
    '24.6887'
    """
    factor = mpmath.mpf(slope)
    right = mpmath.log(tau) + mpmath.log(mpmath.pi) / 2 - mpmath.log(2)
    return mpmath.findroot(lambda x: x - factor * mpmath.log(x) - right, right + 5)


def _sequence(
    start: FlowStart, term: Callable[[FlowPoint, Number], Number], slope: str = "1.5"
) -> Callable[[Context, int], Sequence[Sample]]:
    def samples(context: Context, digits: int) -> Sequence[Sample]:
        result = []
        points = start.points(context, digits)
        with mpmath.workdps(_WORKING):
            for point in points:
                x = resummed_logarithm(mpmath.mpf(point.tau), slope)
                label = f"ln tau = {mpmath.nstr(mpmath.log(point.tau), 4)}"
                result.append(Sample(1 / x, term(point, x), label))
        return result

    return samples


def escape_constant(start: FlowStart, escaping: int, slope: str = "1.5") -> Any:
    """``2 k/(L tau) - X`` with ``k`` escaping components; the limit is claimed to be -2."""
    return _sequence(start, lambda point, x: 2 * escaping / (point.loss * point.tau) - x, slope)


def escape_level(start: FlowStart) -> Any:
    """``L tau X``; the limit is claimed to be ``2(n - 1)``."""
    return _sequence(start, lambda point, x: point.loss * point.tau * x)


def time_exponent(start: FlowStart) -> Any:
    """``-d ln L / d ln tau``, from the gradient at the flow's means; the claimed limit is 1."""
    return _sequence(start, lambda point, x: _decay(start, point))


def logarithm_exponent(start: FlowStart) -> Any:
    """``(-d ln L/d ln tau - 1) X``: the power of ``ln tau`` beside ``1/tau``; claimed 1."""
    return _sequence(start, lambda point, x: (_decay(start, point) - 1) * x)


def _decay(start: FlowStart, point: FlowPoint) -> Number:
    """``tau |grad L|^2/L``: along the flow ``dL/dtau = -|grad L|^2``."""
    return point.tau * _squared_gradient(start, point) / point.loss


def _squared_gradient(start: FlowStart, point: FlowPoint) -> Number:
    from numerics import Evaluation, evaluate

    # The gradient is of the order of the loss at escape, of its power 3/2 in the end game.
    digits = 15 + int(-2 * mpmath.log10(point.loss))
    found = evaluate(
        start.objective,
        point.centred_means.tolist(),
        quantity="gradient",
        weights=start.weights,
        digits=digits,
        backend="mpmath",
    )
    assert isinstance(found, Evaluation)
    return sum(entry * entry for entry in found.value.flat)


def end_game_level(start: FlowStart) -> Callable[[Context, int], Sequence[Sample]]:
    """``L tau^2``, against ``1/tau``."""

    def samples(context: Context, digits: int) -> Sequence[Sample]:
        result = []
        points = start.points(context, digits)
        with mpmath.workdps(_WORKING):
            for point in points:
                tau = mpmath.mpf(point.tau)
                label = f"tau = {mpmath.nstr(tau, 3)}"
                result.append(Sample(1 / tau, mpmath.mpf(point.loss) * tau**2, label))
        return result

    return samples
