"""Losses and gradients as plain floats, for curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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


def _evaluate(
    objective: str, means: Sequence[Sequence[Any]], quantity: str, options: dict[str, Any]
) -> Any:
    from numerics import evaluate

    return evaluate(objective, means, quantity=quantity, digits=DIGITS, **options)
