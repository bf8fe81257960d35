r"""Grids for floating-point expectations: a float bound of the kernel on the strip, and the plan.

The bound is the one proved in `numerics.majorant` (which evaluates it rigorously, for one Gaussian
teacher), extended to mixture teachers: with ``theta = a * spread`` for the student and ``theta'``
for the teacher, :math:`\sum_j |\psi_j| \le S = \sec(\theta/2)` and
:math:`\sum_t |\phi_t| \le S' = \sec(\theta'/2)`. It is evaluated by compiling a copy of the program
in which every index ``j`` and ``t`` has collapsed to one value, the largest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from derive.program import Program, Term, kind
from numerics.backends.float64 import Array, ArrayKernel, wide_dtype
from numerics.errors import InputError
from numerics.nodes import ProductGrid, Scene
from numerics.quadrature import plan_axis

_REACH = 14.0  # |x - centre| on any grid for at most 15 digits and bounds up to 1e25 or so
_ABSORBING = {"j": ("psi", "pi", "delta_component"), "t": ("phi", "rho")}


def collapse(program: Program, components: int, teachers: int) -> Program:
    """Return the program whose value bounds ``|kernel|``, for one component and one teacher.

    Coefficients become absolute values. A sum over components with a factor ``psi`` (or ``pi``, or
    a delta) is bounded by the largest cofactor times the bound of the sum of those factors, so it
    is dropped; any other sum over ``n`` components becomes a factor ``n``.

    Examples
    --------
    >>> from numerics.kernels import load_program
    >>> collapse(load_program("kl", "gradient"), 5, 1).statements[0].terms[0].coefficient
    Fraction(1, 1)
    """
    sizes = {"j": components, "t": teachers}

    def bound(term: Term) -> Term:
        count = 1
        used: set[int] = set()
        for label in term.sums:
            if kind(label) == "a":
                continue
            for position, factor in enumerate(term.factors):
                heads = _ABSORBING[kind(label)]
                if position not in used and factor.head in heads and label in factor.indices:
                    used.add(position)
                    break
            else:
                count *= sizes[kind(label)]
        return replace(term, coefficient=abs(term.coefficient) * Fraction(count))

    statements = tuple(
        replace(statement, terms=tuple(bound(term) for term in statement.terms))
        for statement in program.statements
    )
    return replace(program, statements=statements)


@dataclass(frozen=True)
class StripBound:
    """Bound of ``|kernel|`` on ``|Im x_axis| <= strip`` for one or more programs.

    Attributes
    ----------
    kernels : tuple of ArrayKernel
        Of the collapsed programs.
    """

    kernels: tuple[ArrayKernel, ...]

    @classmethod
    def build(
        cls,
        programs: Sequence[Program],
        coordinates: Sequence[int],
        components: int,
        teachers: int,
        dimension: int,
    ) -> StripBound:
        """Compile the collapsed programs."""
        return cls(
            tuple(
                ArrayKernel(
                    collapse(program, components, teachers), 1, count, 1, dimension, wide_dtype()
                )
                for program, count in zip(programs, coordinates, strict=True)
            )
        )

    def log_bound(self, scene: Extent, axis: int, strip: float) -> float:
        """Logarithm of the bound; ``inf`` where the strip reaches a pole."""
        dtype = wide_dtype()
        student = strip * scene.student_spreads[axis]
        teacher = strip * scene.teacher_spreads[axis]
        if max(student, teacher) >= math.pi:
            return math.inf
        secants = [1 / math.cos(student / 2), 1 / math.cos(teacher / 2)]
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
        inputs = {
            "psi": np.full((1, 1), secants[0], dtype=dtype),
            "phi": np.full((1, 1), secants[1], dtype=dtype),
            "v": scene.means.astype(dtype)[None],
            "theta": scene.teacher_means.astype(dtype)[None],
            "pi": np.ones(1, dtype=dtype),
            "rho": np.ones(1, dtype=dtype),
            "log_student": np.full(1, 1 + logs[0] + abs(scene.offset), dtype=dtype),
            "log_teacher": np.full(1, 1 + logs[1], dtype=dtype),
        }
        largest = max(kernel(inputs).max(initial=0.0) for kernel in self.kernels)
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
