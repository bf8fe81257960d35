"""Results turned from the coordinates of integration back to the user's axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from derive.algebra.program import Program, kind

Array = Any


def output_kinds(program: Program) -> str:
    """Kinds of the output's indices: ``""`` (loss), ``"ja"`` (gradient), ``"jaja"`` (Hessian)."""
    return "".join(kind(label) for label in program.output.indices)


def turns(program: Program) -> bool:
    """Whether `to_ambient` turns the program's output."""
    return output_kinds(program) in ("", "ja", "jaja")


def to_ambient(value: Array, axes: Array, *, silent: bool, errors: bool = False) -> Array:
    """Rotate a result from frame coordinates to the user's.

    Parameters
    ----------
    value : array
        ``()``, ``n x s`` or ``n x s' x n x s'``, where ``s' = s + 1`` with a silent axis, whose
        block is the same for every direction perpendicular to the frame.
    axes : array, s x d
        Orthonormal rows.
    silent : bool
        Whether ``s < d``.
    errors : bool
        Whether these are absolute errors: then all coefficients count by their size.

    Returns
    -------
    array
        ``()``, ``n x d`` or ``n x d x n x d``.

    Examples
    --------
    >>> to_ambient(np.array([[2.0]]), np.array([[0.0, 1.0]]), silent=True)
    array([[0., 2.]])
    """
    count, dimension = axes.shape
    turn = abs(axes) if errors else axes
    if value.ndim == 0:
        return value
    if value.ndim == 2:
        if count == 0:  # an empty contraction would give Python's 0, not the number type's
            return np.full((len(value), dimension), 0 * value.flat[0], dtype=value.dtype)
        return np.tensordot(value[:, :count], turn, axes=(1, 0))
    block = np.tensordot(value[:, :count, :, :count], turn, axes=(3, 0))
    block = np.moveaxis(np.tensordot(block, turn, axes=(1, 0)), 3, 1)
    if silent:
        complement = np.eye(dimension, dtype=int) - np.tensordot(axes, axes, axes=(0, 0))
        complement = abs(complement) if errors else complement
        block = block + np.einsum("jk,ab->jakb", value[:, count, :, count], complement)
    return block
