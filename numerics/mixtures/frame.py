"""From frame coordinates back to the user's axes, in any number type."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any


def to_ambient(value: Array, axes: Array, *, silent: bool) -> Array:
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

    Returns
    -------
    array
        ``()``, ``n x d`` or ``nd x nd``.

    Examples
    --------
    >>> to_ambient(np.array([[2.0]]), np.array([[0.0, 1.0]]), silent=True)
    array([[0., 2.]])
    """
    count, dimension = axes.shape
    if value.ndim == 0:
        return value
    if value.ndim == 2:
        if count == 0:  # an empty contraction would give Python's 0, not the number type's
            return np.full((len(value), dimension), 0 * value.flat[0], dtype=value.dtype)
        return np.tensordot(value[:, :count], axes, axes=(1, 0))
    block = np.tensordot(value[:, :count, :, :count], axes, axes=(3, 0))
    block = np.moveaxis(np.tensordot(block, axes, axes=(1, 0)), 3, 1)
    if silent:
        complement = np.eye(dimension, dtype=int) - np.tensordot(axes, axes, axes=(0, 0))
        block = block + np.einsum("jk,ab->jakb", value[:, count, :, count], complement)
    n = value.shape[0]
    return block.reshape(n * dimension, n * dimension)


def ambient_error(error: Array, axes: Array, *, silent: bool) -> Array:
    """Rotate absolute errors: absolute values everywhere."""
    count, dimension = axes.shape
    if error.ndim < 4 or not silent:
        return to_ambient(error, abs(axes), silent=False)
    n = error.shape[0]
    block = to_ambient(error[:, :count, :, :count], abs(axes), silent=False)
    complement = abs(np.eye(dimension, dtype=int) - np.tensordot(axes, axes, axes=(0, 0)))
    quiet = np.einsum("jk,ab->jakb", error[:, count, :, count], complement)
    return block + quiet.reshape(n * dimension, n * dimension)
