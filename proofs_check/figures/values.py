"""Losses and gradients as plain floats, for curves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from proofs_check.statements.mixture import Mixture

#: Digits of a curve's points.
DIGITS = 12


def loss(objective: str, means: Sequence[Sequence[Any]], **options: Any) -> float:
    """Return a loss; options are those of `numerics.evaluate`.

    Examples
    --------
    >>> round(loss("forward", [[0], [2.5]]), 6)
    0.479258
    """
    found: Any = _evaluate(objective, means, "loss", options)
    return float(found.value)


def gradient(objective: str, means: Sequence[Sequence[Any]], **options: Any) -> list[list[float]]:
    """Return a gradient, ``n x d``.

    Examples
    --------
    >>> len(gradient("kl", [[0], [2.5]]))
    2
    """
    found: Any = _evaluate(objective, means, "gradient", options)
    return [[float(entry) for entry in row] for row in found.value]


def distances(
    objective: str, means: Sequence[Sequence[Any]], step_size: str, steps: int, **options: Any
) -> list[list[float]]:
    """Return the distances from the truth along a descent: one list per component.

    Examples
    --------
    >>> [round(curve[-1], 3) for curve in distances("kl", [[1], [1]], "1", 3)]
    [0.125, 0.125]
    """
    from numerics.descent.result import RunOptions
    from numerics.descent.run import descend

    rows: list[list[float]] = []

    def observe(_: int, centred: Any) -> None:
        rows.append([math.hypot(*map(float, mean)) for mean in centred])

    run = RunOptions(every=1, observe=observe)
    descend(objective, means, step_size=step_size, steps=steps, options=run, **options)
    return [list(curve) for curve in zip(*rows, strict=True)]


def _evaluate(
    objective: str, means: Sequence[Sequence[Any]], quantity: str, options: dict[str, Any]
) -> Any:
    from numerics import evaluate

    return evaluate(objective, means, quantity=quantity, digits=DIGITS, **options)


def least_losses(
    descent: str, measured: str, start: Mixture, step_size: Fraction, steps: int
) -> list[float]:
    """Return, for every N, the least measured loss of the first N steps over ``|V_0|^2``.

    Examples
    --------
    >>> least_losses("kl", "forward", Mixture.of([["2"]]), Fraction(1, 2), 3)
    [1.0, 0.25, 0.0625]
    """
    from itertools import accumulate

    from proofs_check.checks.descent_steps import squared_norm
    from proofs_check.checks.rates import run

    losses = (loss for loss, _ in run(descent, measured, start, step_size, steps))
    return [least / float(squared_norm(start)) for least in accumulate(losses, min)]


@lru_cache(maxsize=32)
def certified_spreads(distance: int, step_size: str) -> tuple[float, float]:
    """Logarithms of two spreads ``|v_1 - v_2|``: certified to converge, certified to escape.

    Examples
    --------
    >>> low, high = certified_spreads(3, "1/10")
    >>> -3.6 < low < high < -3.5
    True
    """
    from numerics.studies.threshold.certified import find_threshold

    found = find_threshold(distance, step_size)
    assert found.converging is not None
    assert found.escaping is not None
    return found.converging.log_spread[1], found.escaping.log_spread[0]
