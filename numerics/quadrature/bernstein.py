r"""Bounds of a kernel over all possible responsibilities, by Bernstein coefficients.

A kernel without logarithms is a polynomial of degree ``p`` in responsibilities that sum to one, so

.. math:: f(\psi) = \sum_{|\alpha| = p} b_\alpha B_\alpha(\psi), \qquad
          B_\alpha(\psi) = \frac{p!}{\alpha!} \psi^\alpha \ge 0, \qquad \sum_\alpha B_\alpha = 1,

and ``f(e_k)`` is the coefficient of ``p e_k``. Order the components and let ``m(alpha)`` be the
last one with ``alpha_m > 0``. The ``B_alpha`` with ``m(alpha) = m`` sum to at most
:math:`1 - (1 - \psi_m)^p \le \min(1, p \psi_m) \le (p \psi_m)^s` for every ``s`` in [0, 1], so

.. math:: |f(\psi) - f(e_k)| \le \sum_{m \ne k} D_m (p \psi_m)^s, \qquad
          D_m = \max_{m(\alpha) = m} |b_\alpha - b_{p e_k}| .

With a mixture teacher ``f`` is of degree ``p`` in ``psi`` and ``q`` in ``phi``, the basis is that
of products, and the same holds with ``max(p, q)`` for ``p`` and one order of all components.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from derive.algebra.program import Program
from numerics.kernels.arrays import Array, ArrayKernel
from numerics.quadrature.float_grid import Scene

#: Largest basis of one family, and most coefficients of all entries.
_LARGEST_BASIS = 2100
_MOST_COEFFICIENTS = 8_000_000


def degrees(program: Program) -> tuple[int, int]:
    """Degree in the student's and in the teacher's responsibilities.

    Examples
    --------
    >>> from numerics.kernels import load_program
    >>> degrees(load_program("forward", "loss")), degrees(load_program("forward", "gradient"))
    ((2, 0), (5, 0))
    """
    known = {"psi": (1, 0), "phi": (0, 1)}
    for statement in program.statements:
        terms = [[known.get(f.head, (0, 0)) for f in term.factors] for term in statement.terms]
        sums = [tuple(map(sum, zip((0, 0), *each, strict=True))) for each in terms]
        largest = [max((each[i] for each in sums), default=0) for i in (0, 1)]
        known[statement.target] = largest[0], largest[1]
    return known[program.output.target]


@dataclass(frozen=True)
class Coefficients:
    """Bernstein coefficients of a kernel.

    Attributes
    ----------
    values : array, a x b x entries
        By exponent of ``psi`` and of ``phi``.
    students, teachers : arrays of int, a x n and b x k
        The exponents.
    """

    values: Array
    students: Array
    teachers: Array

    @property
    def degree(self) -> int:
        """``max(p, q)``."""
        return int(max(self.students[0].sum(), self.teachers[0].sum()))

    def distances(
        self, dominant: tuple[int, int], student_places: Array, teacher_places: Array
    ) -> Array:
        """``D_m`` of the module's docstring for ``m = 0, 1, ...``, ``items x entries``.

        Parameters
        ----------
        dominant : pair of int
            Student and teacher that have all the responsibility before any item is added.
        student_places, teacher_places : arrays of int, n and k
            Position ``m`` of every component in the common order, -1 for the dominant ones.
        """
        last = [
            np.where(exponents > 0, places, -1).max(axis=1)
            for exponents, places in (
                (self.students, student_places),
                (self.teachers, teacher_places),
            )
        ]
        position = np.maximum(last[0][:, None], last[1][None, :])
        start = self.values[position == -1]  # one coefficient
        moved = np.abs(self.values - start)
        count = len(student_places) + len(teacher_places) - 2
        result = np.zeros((count, self.values.shape[-1]))
        for m in range(count):
            result[m] = moved[position == m].max(axis=0, initial=0.0)
        return result


def coefficients(program: Program, kernel: ArrayKernel, scene: Scene) -> Coefficients | None:
    """Expand a kernel; None if it has logarithms or too many coefficients."""
    students, teachers = len(scene.span), len(scene.teacher_span)
    p, q = degrees(program)
    sizes = math.comb(students + p - 1, p), math.comb(teachers + q - 1, q)
    entries = math.prod(kernel.shape)
    if program.log_degree or max(sizes) > _LARGEST_BASIS:
        return None
    if math.prod(sizes) * entries > _MOST_COEFFICIENTS:
        return None
    (alpha, left), (beta, right) = _basis(students, p), _basis(teachers, q)
    points = np.zeros((scene.rank, sizes[0] * sizes[1]))
    nothing = np.zeros(points.shape[1], dtype=int)
    inputs = scene.single_inputs(points, nothing, nothing, kernel.heads)
    inputs["psi"] = np.repeat(alpha / max(p, 1), sizes[1], axis=0).T
    inputs["phi"] = np.tile(beta / max(q, 1), (sizes[0], 1)).T
    if not p:
        inputs["psi"][0] = 1.0
    if not q:
        inputs["phi"][0] = 1.0
    values = kernel(inputs).reshape(entries, *sizes)
    expanded = np.einsum("xa,yb,eab->xye", left, right, values, optimize=True)
    return Coefficients(expanded, alpha, beta)


@lru_cache(maxsize=32)
def _basis(count: int, degree: int) -> tuple[Array, Array]:
    """Exponents ``alpha``, and the matrix from values at ``alpha/degree`` to coefficients."""
    chosen = itertools.combinations_with_replacement(range(count), degree)
    alpha = np.array([np.bincount(each, minlength=count) for each in map(_integers, chosen)])
    if not degree:
        return alpha, np.ones((1, 1))
    factorials = np.array([math.factorial(i) for i in range(degree + 1)], dtype=float)
    scale = factorials[degree] / factorials[alpha].prod(axis=1)
    matrix = np.ones((len(alpha), len(alpha)))
    for component in range(count):
        matrix *= (alpha[:, component, None] / degree) ** alpha[None, :, component]
    inverse = np.linalg.inv(matrix * scale)
    # A coefficient depends on values of its own components only; rounding must not mix others in.
    support = alpha > 0
    foreign = support.astype(int) @ (~support).astype(int).T
    inverse[foreign.T > 0] = 0.0
    return alpha, inverse


def _integers(values: tuple[int, ...]) -> Array:
    return np.array(values, dtype=int)
