"""The loop of gradient descent, as a stream of iterates: it runs as far as somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from numerics.numbers.arithmetic import Array

Iterate = TypeVar("Iterate")


def iterate(advance: Callable[[Iterate], Iterate | None], start: Iterate) -> Iterator[Iterate]:
    """Yield ``start``, ``advance(start)``, ...; ends at None. Nothing is computed ahead.

    Examples
    --------
    >>> from itertools import islice
    >>> list(islice(iterate(lambda value: 2 * value, 3), 4))
    [3, 6, 12, 24]
    """
    place: Iterate | None = start
    while place is not None:
        yield place
        place = advance(place)


def descent(
    evaluate: Callable[[Array], dict[str, Any]], means: Array, step_size: Any
) -> Iterator[tuple[Array, dict[str, Any]]]:
    """Yield ``(v_k, evaluate(v_k))``, ``v_{k+1} = v_k - step_size * evaluate(v_k)["gradient"]``.

    ``evaluate`` is a `numerics.evaluation.evaluator.Evaluator`; a step size of shape ``n x 1`` has
    a step for every component.

    Examples
    --------
    >>> import numpy as np
    >>> from numerics.evaluation.evaluator import Evaluator
    >>> path = descent(Evaluator("kl", ("gradient",), n=1, dimension=1), np.array([[1.0]]), 0.5)
    >>> [float(next(path)[0][0, 0]) for _ in range(3)]
    [1.0, 0.5, 0.25]
    """

    def at(place: Array) -> tuple[Array, dict[str, Any]]:
        return place, evaluate(place)

    return iterate(lambda found: at(found[0] - step_size * found[1]["gradient"]), at(means))
