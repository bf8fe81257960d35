r"""Proposals for importance sampling: where responsibilities cross, with explicit bounds.

Let ``c`` be the centre of a Gaussian of the base density, ``t_j(x) = pi_j exp(-|x - v_j|^2/2)`` and
``r = t_j/t_k`` for a component ``k``. With ``l = log r(c)`` and ``delta = v_j - v_k``,
:math:`\log r(x) = l + \delta \cdot (x - c)`, and completing the square gives for every real ``s``

.. math:: N(x; c, I)\, r(x)^s = C_s\, N(x; c + s\delta, I), \qquad
          \log C_s = s l + s^2 |\delta|^2/2 .

*Bounded weights.* :math:`\psi_j \le \min(1, r) \le r^s` for ``0 <= s <= 1``. The smallest ``C_s``
is that of ``s = -l/|delta|^2``, cut to [0, 1]: the point of the hyperplane ``r = 1`` nearest to
``c``. So sampling from :math:`q = \sum_j \alpha_j N(c + s_j \delta_j, I)` with weights ``w = N(c,
I)/q`` (the balance heuristic) bounds :math:`w \psi_j \le C_j/\alpha_j` at every ``x``. With a
logarithm, :math:`\log(1 + r) \le r^s/s` takes the place of ``min(1, r)`` (as ``(1 + r)^s <= 1 +
r^s``), and ``s`` minimises :math:`C_s/s`: the positive root of :math:`|\delta|^2 s^2 + l s = 1`, at
most 1.

*Kernels.* Order the components by ``C``, the dominant one ``k`` at ``c`` first. A kernel ``f`` of
degree ``p`` without logarithms has :math:`|f(\psi) - f(e_k)| \le \sum_m D_m (p \psi_m)^s` for every
``s`` in [0, 1], ``D_m`` from its Bernstein coefficients on the simplex of the first ``m``
components (`numerics.quadrature.bernstein`): a far one counts with its small ``C``, not with its
size in the bound of the near ones. With ``L_m = D_m p^s``, ``s`` as above, and ``alpha_m`` roughly
proportional to ``L_m C_m``, weights times integrand are bounded by ``W = max L_m C_m/alpha_m``,
whatever the means are.

Where there are too many coefficients, or logarithms, the majorant ``F(S)``
(`numerics.quadrature.majorant`) bounds the kernel where the responsibilities' absolute values sum
to at most ``S``: a polynomial with nonnegative coefficients, and ``|f(psi) - f(psi')| <= F'(1) |psi
- psi'|_1`` for responsibilities ``psi``, ``psi'`` (each monomial is multilinear; change one factor
after the other). Add the components one after the other: with the ``m``-th the responsibilities
become ``(1 - e) psi + e e_m``, ``e <= min(1, r)`` for ``r = t_m/t_k`` and any ``k`` before it, a
change of ``2e``. Hence ``sum_m L_m psi_m`` with ``L_m = 2 F_m'(1)``, ``F_m`` the majorant of the
first ``m`` components only. A kernel of degree 1 in the logarithms changes by at most ``(2 F' + F)
log(1 + r)`` instead, apart from ``log t_k``, which is linear in ``x`` and integrated exactly. A
mixture teacher's components join in the same way, with ``F(S, S)`` for ``F``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from derive.algebra.program import Program
from numerics.kernels.arrays import Array, ArrayKernel
from numerics.quadrature.bernstein import Coefficients, coefficients
from numerics.quadrature.float_grid import Scene
from numerics.quadrature.majorant import FloatBounds, Sizes, majorant

#: From here on the base Gaussian itself covers a crossing: it lies within 1.7 standard deviations.
NEAR = 0.25
_REFERENCES = 64  # the first components, against which the others are measured
_STEP = 2.0**-10  # of the difference quotient that bounds the majorant's derivative
_TINY = 1e-300
_REACH = 12.0  # |x - centre of the proposal| of any point drawn


@dataclass(frozen=True)
class Crossings:
    """The components of one mixture as a Gaussian ``N(c, I)`` sees them.

    Attributes
    ----------
    order : array of int, n
        The component of largest responsibility at ``c`` first; then always the one with the
        largest factor against those before it, so that factors descend.
    exponents, log_factors : arrays, n
        ``s_j`` and ``log C_j`` (0 for the dominant one).
    shifts : array, n x r
        ``s_j (v_j - v_k)``: proposals are ``N(c + shift, I)``.
    """

    order: Array
    exponents: Array
    log_factors: Array
    shifts: Array


def crossings(
    centre: Array, means: Array, log_weights: Array, *, logarithm: bool = False
) -> Crossings:
    """Find for every component the proposal that bounds its part of the integrand.

    Parameters
    ----------
    centre : array, r
    means : array, n x r
    log_weights : array, n
    logarithm : bool
        Whether ``log(1 + r)`` is to be bounded, and not ``min(1, r)`` alone.

    Returns
    -------
    Crossings
        The inequality is in the module's docstring.

    Examples
    --------
    >>> found = crossings(np.zeros(1), np.array([[0.0], [10.0]]), np.log([0.5, 0.5]))
    >>> found.log_factors.tolist(), found.shifts.ravel().tolist()
    ([0.0, -12.5], [0.0, 5.0])
    """
    gaps = means - centre
    heights = log_weights - (gaps * gaps).sum(axis=1) / 2
    dominant = int(heights.argmax())
    factors, shifts = np.full(len(means), np.inf), np.zeros(gaps.shape)
    exponents = np.zeros(len(means))
    order = [dominant]
    left = np.arange(len(means)) != dominant
    while left.any():
        newest = order[-1]
        if len(order) <= _REFERENCES:
            s, value = _smallest(gaps, heights, newest, logarithm)
            better = left & (value < factors)
            factors[better], exponents[better] = value[better], s[better]
            shifts[better] = s[better, None] * (gaps[better] - gaps[newest])
        order.append(int(np.where(left, factors, -np.inf).argmax()))
        left[order[-1]] = False
    factors[dominant] = 0.0
    return Crossings(np.array(order), exponents, factors, shifts)


def _smallest(gaps: Array, heights: Array, against: int, logarithm: bool) -> tuple[Array, Array]:
    """Exponents ``s`` and ``log C`` of all components against one."""
    delta = gaps - gaps[against]
    square = (delta * delta).sum(axis=1)
    level = heights - heights[against]
    with np.errstate(divide="ignore", invalid="ignore"):
        if logarithm:
            root = np.sqrt(level * level + 4 * square)
            s = np.where(level > 0, 2 / (level + root), (root - level) / (2 * square))
            s = np.where(square > 0, np.minimum(s, 1.0), 1.0)
            return s, s * level + s * s * square / 2 - np.log(s)
        s = np.clip(-level / square, 0.0, 1.0)
    s = np.where(square > 0, s, np.where(level < 0, 1.0, 0.0))
    return s, s * level + s * s * square / 2


@dataclass(frozen=True)
class Outlook:
    """One Gaussian of the base: what it sees of student and teacher, in order of importance.

    Attributes
    ----------
    centre : array, r
    log_weight : float
        Of the Gaussian in the base density.
    student, teacher : int
        Dominant components there.
    owners, teachers : arrays of int, m
        The student or teacher component that each item is (-1 in the other array). Items are sorted
        by ``log_factors``, largest first; the dominant ones are not among them.
    exponents, log_factors : arrays, m
        ``s_m`` and ``log C_m``.
    log_slopes : array, m x entries
        ``log L_m`` for each entry of the output (one column: for all of them).
    shifts : array, m x r
    """

    centre: Array
    log_weight: float
    student: int
    teacher: int
    owners: Array
    teachers: Array
    exponents: Array
    log_factors: Array
    log_slopes: Array
    shifts: Array

    @property
    def log_sizes(self) -> Array:
        """Logarithms of ``weight * L_m C_m``, which bound what the items contribute."""
        return np.asarray(self.log_weight + self.log_slopes + self.log_factors[:, None])

    @property
    def far(self) -> Array:
        """Which items the Gaussian itself does not cover."""
        return np.asarray(self.log_factors < np.log(NEAR))


def outlooks(
    program: Program,
    scene: Scene,
    kernel: ArrayKernel | None = None,
    *,
    logarithm: bool | None = None,
) -> list[Outlook]:
    """Look at student and teacher from every Gaussian of the base density.

    Parameters
    ----------
    program : Program
    scene : Scene
    kernel : ArrayKernel, optional
        The program compiled, if the slopes ``L_m`` are wanted (else they count as 1).
    logarithm : bool, optional
        Whether to bound ``log(1 + r)``; default: if the program has logarithms.
    """
    if logarithm is None:
        logarithm = program.log_degree > 0
    expansion = coefficients(program, kernel, scene) if kernel else None
    centres, log_weights = scene.base_mixture(program.base)
    result = []
    for centre, log_weight in zip(centres, log_weights, strict=True):
        student = crossings(centre, scene.span, scene.log_weights, logarithm=logarithm)
        teacher = crossings(
            centre, scene.teacher_span, scene.teacher_log_weights, logarithm=logarithm
        )
        students, teachers = student.order[1:], teacher.order[1:]
        factors = np.concatenate([student.log_factors[students], teacher.log_factors[teachers]])
        exponents = np.concatenate([student.exponents[students], teacher.exponents[teachers]])
        shifts = np.concatenate([student.shifts[students], teacher.shifts[teachers]])
        order = np.argsort(-factors, kind="stable")
        view = Outlook(
            centre=centre,
            log_weight=float(log_weight),
            student=int(student.order[0]),
            teacher=int(teacher.order[0]),
            owners=np.concatenate([students, np.full(len(teachers), -1)])[order],
            teachers=np.concatenate([np.full(len(students), -1), teachers])[order],
            exponents=exponents[order],
            log_factors=factors[order],
            log_slopes=np.zeros((len(order), 1)),
            shifts=shifts[order],
        )
        if kernel is not None and len(order):
            slopes = _slopes(view, scene, program, kernel, expansion)
            view = replace(view, log_slopes=np.log(np.maximum(slopes, _TINY)))
        result.append(view)
    return result


def _slopes(
    view: Outlook,
    scene: Scene,
    program: Program,
    kernel: ArrayKernel,
    expansion: Coefficients | None,
) -> Array:
    """``L_m``: by Bernstein coefficients, or by majorants where those are too many."""
    if expansion is None:
        slope = _majorant_slopes(view, scene, program, kernel)
        return np.asarray(slope[:, None])
    places = [np.full(len(rows), -1) for rows in (scene.span, scene.teacher_span)]
    for place, items in zip(places, (view.owners, view.teachers), strict=True):
        own = np.flatnonzero(items >= 0)
        place[items[own]] = own
    moved = expansion.distances((view.student, view.teacher), *places)
    return np.asarray(moved * float(max(expansion.degree, 1)) ** view.exponents[:, None])


def _majorant_slopes(view: Outlook, scene: Scene, program: Program, kernel: ArrayKernel) -> Array:
    """``2 F_m'(1)`` (with a logarithm ``2 F_m' + F_m``), all in one evaluation of the majorant."""

    def running(rows: Array, first: int, items: Array) -> list[Any]:
        """Largest coordinates among the dominant component and the first ``m`` items."""
        sizes = np.zeros((len(items), kernel.sizes["a"]))
        sizes[:, : rows.shape[1]] = np.abs(rows[first])
        own = items >= 0
        sizes[own, : rows.shape[1]] = np.maximum(
            sizes[own, : rows.shape[1]], np.abs(rows[items[own]])
        )
        return list(np.maximum.accumulate(sizes, axis=0).T)

    mixture = len(scene.teacher_span) > 1
    sizes = Sizes(
        len(scene.span),
        running(scene.means, view.student, view.owners),
        kernel.dimension,
        len(scene.teacher_span) if mixture else 0,
        running(scene.teacher_means, view.teacher, view.teachers) if mixture else (),
    )
    low, high = (
        majorant(FloatBounds(), program, sizes, total, total if mixture else None)
        for total in (1.0, 1.0 + _STEP)
    )
    slope = 2 * (high - low) / _STEP
    if program.log_degree:
        slope = slope + low
        if not bare_logarithm(program):
            slope = slope * (1 + _largest_logarithm(scene, view))
    return np.asarray(np.broadcast_to(slope, len(view.owners)))


def _largest_logarithm(scene: Scene, view: Outlook) -> float:
    """Bound of ``|log t_k|`` wherever points are drawn."""
    shift = float(np.sqrt((view.shifts**2).sum(axis=1)).max())
    reach = float(np.sqrt((view.centre**2).sum())) + shift + _REACH
    logs = 0.0
    for rows, weights in (
        (scene.span, scene.log_weights),
        (scene.teacher_span, scene.teacher_log_weights),
    ):
        norms = np.sqrt((rows * rows).sum(axis=1))
        logs = max(logs, float((norms * reach + norms**2 / 2 + np.abs(weights)).max()))
    origin = float(np.sqrt(scene.origin @ scene.origin))
    return logs + origin * (reach + origin / 2) + abs(float(scene.offset))


def bare_logarithm(program: Program) -> bool:
    """Whether logarithms only occur as terms of the output, with constant coefficients.

    Examples
    --------
    >>> from numerics.kernels import load_program
    >>> bare_logarithm(load_program("kl", "loss"))
    True
    """
    for statement in program.statements:
        for term in statement.terms:
            if any(factor.head.startswith("log_") for factor in term.factors) and (
                len(term.factors) > 1 or statement is not program.output
            ):
                return False
    return True
