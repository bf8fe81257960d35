r"""Whether a run stands at a stationary point that is not the truth: gradient and Hessian there.

Everything is float64 and proves nothing. A point counts as a local optimum when the gradient is
small, the Hessian is positive definite (but for rotations that leave the teacher as it is, along
which the loss is constant), the Newton correction is small, and the loss lies above the least one
that is known. That is 0 where the student's weights can be grouped into the teacher's, so that it
equals the teacher, and otherwise the loss with components placed on the teacher's means. Far
components have both a tiny gradient and a tiny Hessian: their Newton correction is not small, and
they are not taken for stationary.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import islice, product
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from numerics.errors import InputError
from numerics.evaluation.evaluate import evaluate

if TYPE_CHECKING:
    from derive.losses.objectives import Objective

Floats = NDArray[np.float64]
Kind = Literal["moving", "local optimum", "least loss", "saddle", "flat", "unmatched", "unknown"]

#: Largest norm of the gradient, and of the Newton correction, at a stationary point.
SMALL_GRADIENT, SMALL_CORRECTION = 1e-5, 1e-3
#: Smallest eigenvalue and loss that are told from zero.
_LEAST_EIGENVALUE, _LEAST_LOSS = 1e-6, 1e-9
#: A loss that a slow, flat approach to the least one may still have at so small a gradient.
_ON_THE_WAY = 1e-4
_DIGITS = 12
_MOST_ASSIGNMENTS = 20_000
_MOST_PLACEMENTS = 64


@dataclass(frozen=True)
class Standing:
    """Where a run stands.

    Attributes
    ----------
    kind : str
        ``moving``: the gradient is not small. ``least loss``: the loss is 0 up to its
        error. ``local optimum``: as the module says. ``saddle``: a negative eigenvalue. ``flat``:
        an eigenvalue too close to zero to tell, and a loss well above 0. ``unmatched``: a local
        minimum, but no lower loss is known.
        ``unknown``: float64 does not take these means.
    detail : str
        The numbers, or why there are none.
    closed : bool
        Of a saddle: whether no direction down is among those that the run can take.
    """

    kind: Kind
    detail: str
    closed: bool = False


def reaches_zero(weights: Sequence[Fraction], teacher: Sequence[Fraction]) -> bool | None:
    """Whether the student's weights can be grouped into the teacher's; None: too many to try.

    Then, and only then, the student can equal the teacher (distinct means), and the loss vanish.

    Examples
    --------
    >>> third, half = Fraction(1, 3), Fraction(1, 2)
    >>> reaches_zero([third] * 3, [third, 2 * third]), reaches_zero([third] * 3, [half, half])
    (True, False)
    """
    tried = 0

    @cache
    def fits(index: int, room: tuple[Fraction, ...]) -> bool:
        nonlocal tried
        if index == len(order):
            return True
        tried += 1
        if tried > _MOST_ASSIGNMENTS:
            raise RecursionError
        weight = order[index]
        for k, left in enumerate(room):
            if left >= weight and left not in room[:k]:
                rest = tuple(sorted((*room[:k], left - weight, *room[k + 1 :])))
                if fits(index + 1, rest):
                    return True
        return False

    order = sorted(weights, reverse=True)
    if len(order) < len(teacher):
        return False
    try:
        return fits(0, tuple(sorted(teacher)))
    except RecursionError:
        return None


def standing(
    objective: str | Objective,
    means: Sequence[Sequence[float]],
    weights: Sequence[Fraction],
    teacher_means: Sequence[Sequence[float]],
    teacher_weights: Sequence[Fraction],
    moves: Floats | None = None,
) -> Standing:
    """Say where a student stands, by the loss, its gradient and its Hessian in float64.

    Parameters
    ----------
    objective : str or Objective
    means : n x d floats
    weights : n rationals
    teacher_means : k x d floats
        Distinct.
    teacher_weights : k rationals
    moves : nd x m floats, optional
        Orthonormal directions (columns) that the run can take
        (`numerics.mixtures.reduction.Reduction.moves`); default all.

    Examples
    --------
    >>> half = [Fraction(1, 2)] * 2
    >>> standing("reverse", [[3.0615], [3.0615]], half, [[-2.0], [3.0]], half).kind
    'moving'
    """
    teacher = {"means": [list(row) for row in teacher_means], "weights": list(teacher_weights)}

    def value_of(quantity: str, rows: Sequence[Sequence[float]] = means) -> Any:
        return evaluate(
            objective,
            [list(row) for row in rows],
            quantity=quantity,
            weights=list(weights),
            teacher=teacher,
            digits=_DIGITS,
        )

    try:
        gradient = value_of("gradient")
        norm = float(np.linalg.norm(gradient.value))
        detail = f"gradient of norm {norm:.2g}"
        if not norm + float(np.linalg.norm(gradient.error)) <= SMALL_GRADIENT:
            return Standing("moving", detail)
        loss = value_of("loss")
        resolved = max(_LEAST_LOSS, 10 * loss.error)
        if loss.value <= resolved:
            return Standing("least loss", f"{detail}, loss {loss.value:.2g}")
        hessian = value_of("hessian")
        kind, least = _by_hessian(hessian, gradient.value, means, teacher_means)
        detail += f", least eigenvalue of the Hessian {least:.2g}, loss {loss.value:.6g}"
        if kind == "flat" and loss.value <= _ON_THE_WAY:
            return Standing("moving", detail)
        if kind is not None:
            closed = kind == "saddle" and moves is not None and not _descends(hessian, moves)
            return Standing(kind, detail, closed)
        if reaches_zero(weights, teacher_weights):
            return Standing("local optimum", f"{detail} above the 0 of a student like the teacher")
        placements = _placements(teacher_means, len(weights))
        lower = min(float(value_of("loss", rows).value) for rows in placements)
    except InputError as error:
        return Standing("unknown", f"float64 does not take {error.argument}: {error.value}")
    if lower < loss.value - resolved:
        detail += f" above {lower:.6g}, its value with components on the teacher's means"
        return Standing("local optimum", detail)
    return Standing("unmatched", detail)


def _by_hessian(
    hessian: Any,
    gradient: Floats,
    means: Sequence[Sequence[float]],
    teacher_means: Sequence[Sequence[float]],
) -> tuple[Kind | None, float]:
    """What the Hessian rules out, and its least eigenvalue across the rotations."""
    free = across_rotations(np.array(means), np.array(teacher_means))
    least = float(np.linalg.eigvalsh(free.T @ hessian.value @ free)[0])
    noise = _noise(hessian)
    if abs(least) <= noise or np.linalg.norm(gradient) > SMALL_CORRECTION * abs(least):
        return "flat", least
    return ("saddle" if least < 0 else None), least


def _noise(hessian: Any) -> float:
    """Largest eigenvalue that is not told from zero."""
    return max(_LEAST_EIGENVALUE, float(np.linalg.norm(hessian.error)))


def _descends(hessian: Any, moves: Floats) -> bool:
    """Whether the loss curves down along one of the directions."""
    curvatures = np.linalg.eigvalsh(moves.T @ hessian.value @ moves)
    return bool(curvatures.min(initial=0.0) < -_noise(hessian))


def _placements(
    teacher_means: Sequence[Sequence[float]], components: int
) -> Iterator[tuple[Sequence[float], ...]]:
    """Ways to place the components on the teacher's means: all, or the first of them."""
    return islice(product(teacher_means, repeat=components), _MOST_PLACEMENTS)


def across_rotations(means: Floats, teacher: Floats) -> Floats:
    """Orthonormal basis (columns) of the directions across all rotations that fix the teacher.

    Examples
    --------
    >>> across_rotations(np.array([[0.0, 0.0], [2.0, 0.0]]), np.zeros((1, 2))).shape
    (4, 3)
    """
    n, dimension = means.shape
    shifted = teacher - teacher[0]
    _, sizes, rows = np.linalg.svd(shifted, full_matrices=True)
    rank = int((sizes > 1e-9 * max(1.0, float(np.abs(shifted).max()))).sum())
    across = rows[rank:]  # directions in which the teacher does not extend
    places = (means - teacher[0]) @ across.T
    tangents = [
        (np.outer(places[:, a], across[b]) - np.outer(places[:, b], across[a])).reshape(-1)
        for a in range(len(across))
        for b in range(a)
    ]
    if not tangents:
        return np.eye(n * dimension)
    _, sizes, rows = np.linalg.svd(np.array(tangents), full_matrices=True)
    rank = int((sizes > 1e-6 * max(1.0, float(sizes.max()))).sum())
    return np.asarray(rows[rank:].T)
