"""Float64 grids about groups of centres that are far from each other.

The windows are those of the scalar backends (`numerics.quadrature.windows`), planned in MPFR
numbers from the problem's exact coordinates; their nodes are summed in floats.
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np

from derive.algebra.program import Program
from numerics.errors import InputError, NodeLimitError
from numerics.evaluation.exact_inputs import frame_inputs
from numerics.mixtures.problem import Problem
from numerics.numbers.mpfr import MP, mpfr_precision, to_mpfr
from numerics.quadrature import geometry, product
from numerics.quadrature.float_grid import ProductGrid, ProductGrids, Scene

#: No limit here: the caller has its own.
_ANY = 10**30


def separated(
    program: Program, problem: Problem, scene: Scene, grid: ProductGrid, target: float
) -> ProductGrids | None:
    """Grids with an error of at most ``target`` and fewer nodes than the one given, or None."""
    with mpfr_precision(2 * geometry.BOUND_BITS):
        inputs = frame_inputs(problem, to_mpfr, MP.sqrt)()
        origin = [to_mpfr(Fraction(float(value))) for value in scene.origin]
        moved = [[x - o for x, o in zip(row, origin, strict=True)] for row in inputs.coordinates]
        teacher = inputs.teacher
        if teacher is not None:
            rows = [[x - o for x, o in zip(r, origin, strict=True)] for r in teacher.coordinates]
            teacher = replace(teacher, coordinates=rows)
        inputs = replace(inputs, coordinates=moved, teacher=teacher)
        shape = geometry.measure(MP, inputs, program.base)
        goal = -math.log(target)
        try:
            planned = product.product_grid(
                MP, [program], inputs, shape, goal, program.base, max_nodes=_ANY
            )
        except (InputError, NodeLimitError):
            return None
    if not planned.boxes:
        return None
    centres, log_weights = scene.base_mixture(program.base)
    parts = []
    for window in planned.boxes:
        own = np.array(window.centres)
        parts.append(ProductGrid(window.plans, centres[own], log_weights[own]))
    found = ProductGrids(tuple(parts))
    return found if found.predicted_nodes() < grid.predicted_nodes() else None
