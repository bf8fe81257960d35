r"""Grids for floating-point expectations: a float bound of the kernel on the strip, and the plan.

The bound is `numerics.quadrature.majorant` evaluated in floats, and the logarithms' bounds with it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from derive.algebra.program import Program
from numerics.errors import InputError
from numerics.kernels.arrays import Array, wide_dtype
from numerics.quadrature.float_grid import ProductGrid, Scene
from numerics.quadrature.majorant import FloatBounds, Sizes, majorant
from numerics.quadrature.trapezoid import plan_axis

_REACH = 14.0  # |x - centre| on any grid for at most 15 digits and bounds up to 1e25 or so


@dataclass(frozen=True)
class StripBound:
    """Bound of ``|kernel|`` on ``|Im x_axis| <= strip`` for one or more programs.

    Attributes
    ----------
    programs : sequence of Program
    coordinates : sequence of int
        The number of coordinates of each.
    components, teachers, dimension : int
    """

    programs: Sequence[Program]
    coordinates: Sequence[int]
    components: int
    teachers: int
    dimension: int

    def log_bound(self, scene: Extent, axis: int, strip: float) -> float:
        """Logarithm of the bound; ``inf`` where the strip reaches a pole."""
        dtype = wide_dtype()
        student = strip * scene.student_spreads[axis]
        teacher = strip * scene.teacher_spreads[axis]
        if max(student, teacher) >= math.pi:
            return math.inf
        secants = (1 / math.cos(student / 2), 1 / math.cos(teacher / 2))
        far = scene.centre_radius + _REACH
        shift = scene.origin_radius * (far + strip + scene.origin_radius / 2)
        logs = [
            radius * (far + strip + radius / 2)
            + math.log(secants[i])
            + math.pi / 2
            + offset
            + shift
            for i, (radius, offset) in enumerate(
                ((scene.student_radius, abs(scene.offset)), (scene.teacher_radius, 0.0))
            )
        ]
        wide = dtype(secants[0]), dtype(secants[1])
        logarithms = dtype(1 + logs[0] + abs(scene.offset)), dtype(1 + logs[1])
        rows = (scene.means.astype(dtype), scene.teacher_means.astype(dtype))
        largest = dtype(0)
        with np.errstate(over="ignore", invalid="ignore"):
            for program, count in zip(self.programs, self.coordinates, strict=True):
                means, theta = ([*row, *[dtype(0)] * (count - len(row))] for row in rows)
                sizes = Sizes(self.components, means, self.dimension, self.teachers, theta)
                value = majorant(FloatBounds(dtype), program, sizes, *wide, logarithms)
                largest = np.maximum(largest, value)
        if not np.isfinite(largest):
            raise InputError(
                "means",
                f"means up to {float(scene.means.max()):.3g} in size",
                "means whose loss and derivatives are floats",
            )
        return float(np.log(np.maximum(largest, dtype(1e-300))))


@dataclass(frozen=True)
class Extent:
    """Sizes of a scene that a plan depends on.

    Attributes
    ----------
    means, teacher_means : arrays, s
        Largest absolute coordinates.
    student_spreads, teacher_spreads : tuples of float, one per integration axis
    student_radius, teacher_radius, centre_radius, origin_radius : float
        Largest norms in the span (of means, base centres, and the origin of integration).
    offset : float
        As in `Scene`.
    low, high : tuples of float
        Range of the base centres on every axis.
    """

    means: Array
    teacher_means: Array
    student_spreads: tuple[float, ...]
    teacher_spreads: tuple[float, ...]
    student_radius: float
    teacher_radius: float
    centre_radius: float
    origin_radius: float
    offset: float
    low: tuple[float, ...]
    high: tuple[float, ...]

    @classmethod
    def of(cls, scene: Scene, centres: Array) -> Extent:
        """Measure a scene whose base density has the given centres."""
        return cls(
            means=np.abs(scene.means).max(axis=0),
            teacher_means=np.abs(scene.teacher_means).max(axis=0),
            student_spreads=_floats(np.ptp(scene.differences, axis=0)),
            teacher_spreads=_floats(np.ptp(scene.teacher_span, axis=0)),
            student_radius=_radius(scene.span),
            teacher_radius=_radius(scene.teacher_span),
            centre_radius=_radius(centres),
            origin_radius=_radius(scene.origin[None]),
            offset=float(scene.offset),
            low=_floats(centres.min(axis=0)),
            high=_floats(centres.max(axis=0)),
        )


def _floats(values: Array) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _radius(rows: Array) -> float:
    return float(np.sqrt((rows * rows).sum(axis=1)).max(initial=0.0))


def plan_grid(
    bound: StripBound, extent: Extent, centres: Array, log_weights: Array, target: float
) -> ProductGrid:
    """Plan the product grid whose discretisation and truncation error is at most ``target``.

    One axis at a time: the rule on one axis is exact up to its bound for any real values of the
    other coordinates, and the weights of the other axes sum to one, so the errors add up.
    """
    rank = len(extent.low)
    plans = tuple(
        plan_axis(
            math.log(target / rank),
            max(extent.student_spreads[axis], extent.teacher_spreads[axis]),
            extent.low[axis],
            extent.high[axis],
            lambda strip, axis=axis: bound.log_bound(extent, axis, strip),  # type: ignore[misc]
        )
        for axis in range(rank)
    )
    return ProductGrid(plans, centres, log_weights)
