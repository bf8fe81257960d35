r"""How fast the expectation of a kernel can change with the means: a bound, no quadrature.

A kernel :math:`k` without logarithms is a polynomial in responsibilities and means. For every
``x``, component ``l`` and coordinate ``c``

.. math:: \frac{\partial \psi_j}{\partial v_{l,c}} = \psi_j (1[j = l] - \psi_l)(x - v_l)_c, \qquad
          \sum_j \Big|\frac{\partial \psi_j}{\partial v_{l,c}}\Big|
          = 2 \psi_l (1 - \psi_l) |x - v_l|_c \le \tfrac12 |x - v_l|_c .

The program runs as in `numerics.quadrature.majorant` (on the real line), each number with two more:
a bound :math:`|\partial k| \le \beta_0 + \beta_1 |x - v_l|_c`. Where the expectation is over the
student, the density adds :math:`|k|\, \psi_l |x - v_l|_c`. With :math:`R_c \ge |v_{j,c}|` and
:math:`E|z| = \sqrt{2/\pi}`, :math:`E|x - v_l|_c` is at most :math:`\sqrt{2/\pi} + R_c` under the
teacher and :math:`\sqrt{2/\pi} + 2R_c` under the student.

The bound is crude: it serves where it multiplies something tiny.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flint import arb

from derive.algebra.program import Program
from numerics.errors import InputError
from numerics.numbers.balls import BALL
from numerics.quadrature.majorant import Sizes, majorant


@dataclass(frozen=True)
class _Bounded:
    """Bounds of ``|f|``, and of ``|df| <= still + moving |x - v|``; all nonnegative."""

    size: Any
    still: Any
    moving: Any

    def __add__(self, other: _Bounded) -> _Bounded:
        return _Bounded(
            self.size + other.size, self.still + other.still, self.moving + other.moving
        )

    def __mul__(self, other: _Bounded) -> _Bounded:
        return _Bounded(
            self.size * other.size,
            self.size * other.still + self.still * other.size,
            self.size * other.moving + self.moving * other.size,
        )


class _BoundedArithmetic:
    """The part of `numerics.numbers.protocols.ScalarArithmetic` that a majorant runs on."""

    def constant(self, value: Any) -> _Bounded:
        """Return a number that does not depend on the means."""
        return _Bounded(BALL.constant(value), arb(0), arb(0))

    def maximum(self, left: _Bounded, right: _Bounded) -> _Bounded:
        """Return bounds that serve for both."""
        return _Bounded(
            left.size.max(right.size), left.still.max(right.still), left.moving.max(right.moving)
        )


def derivative_bound(
    program: Program, components: int, radii: Sequence[Any], dimension: int
) -> Any:
    """Bound every derivative of every entry of ``E[kernel]`` in a coordinate of a mean.

    Parameters
    ----------
    program : Program
        One Gaussian teacher at the origin, no logarithms.
    components : int
    radii : sequence of arb
        ``max_j |v_j[a]|`` over the (convex) set of means in question, for every coordinate.
    dimension : int
        Ambient dimension ``d``.

    Returns
    -------
    arb
        An upper bound.

    Raises
    ------
    InputError
        If the program reads logarithms.

    Examples
    --------
    >>> from numerics.kernels import load_program
    >>> hessian = load_program("forward", "hessian")
    >>> bool(derivative_bound(hessian, 2, [arb(1)], 1) > 1)
    True
    """
    if program.log_degree or "log_student" in program.inputs:
        raise InputError("objective", program.name, "a kernel without logarithms")
    arithmetic: Any = _BoundedArithmetic()
    means = [_Bounded(arb(arb(radius).abs_upper()), arb(1), arb(0)) for radius in radii]
    responsibility = _Bounded(arb(1), arb(0), arb(1) / 2)
    bound = majorant(arithmetic, program, Sizes(components, means, dimension), responsibility)
    normal = (2 / arb.pi()).sqrt()
    radius = arb(0)
    for mean in means:
        radius = radius.max(mean.size)
    student = program.base == "student"
    distance = normal + (2 * radius if student else radius)
    total = bound.still + bound.moving * distance
    if student:
        total += bound.size * normal
    return arb(total.abs_upper())
