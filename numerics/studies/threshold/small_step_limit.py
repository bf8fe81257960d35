r"""The threshold law's constant in the limit of small steps: a number of the gradient flow.

Two components of weight 1/2 on a line, centre ``c`` and half spread :math:`\delta`. Far out the
flow is :math:`\dot c = -c`, :math:`\dot\delta = 2 c^2 \delta` to first order
(`derive.limits.amplification`), so :math:`\delta e^{c^2}` is conserved. What separates the flows
that converge from those that escape is the stable manifold of the stationary point ``(0, a)``
(Theorem U): its Hessian has one negative eigenvalue, so the manifold is a curve; one branch leads
back to the far coincident cluster. Along it :math:`\ln\delta + c^2` tends to a limit, and that is
:math:`k(0)`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from numerics.evaluation.evaluator import Evaluator

_OFFSET = 1e-6  # along the tangent of the stable manifold; the error is its square
_FAR = 3.9  # beyond it delta is below 1e-5 and the law's error, its square, below 1e-10


def flow_constant() -> float:
    """Return ``k(0)`` for two components, in float64 to about eight decimals.

    The stable manifold is followed backwards in time, in which nearby flows approach it.

    Examples
    --------
    >>> round(flow_constant(), 8)
    3.10956123
    """
    from scipy.integrate import solve_ivp
    from scipy.optimize import brentq

    gradient = Evaluator("forward", ("gradient",), n=2, dimension=1)
    hessian = Evaluator("forward", ("hessian",), n=2, dimension=1)

    def along(a: float) -> float:
        return float(gradient(np.array([[0.0], [a]]))["gradient"][0, 0])

    root = brentq(along, 2.0, math.sqrt(8), xtol=1e-15)
    saddle = np.array([0.0, root])
    values, vectors = np.linalg.eigh(hessian(saddle[:, None])["hessian"])
    if not values[0] < 0 < values[1]:
        raise ArithmeticError("the stationary point is no saddle")
    tangent = vectors[:, 1]
    inwards = math.copysign(1.0, tangent[0] - tangent[1])  # towards smaller spread

    turn = np.array([[0.5, 0.5], [0.5, -0.5]])  # to centre and half difference, each accurate

    def backwards(_: float, halves: Any) -> Any:
        places = np.array([[halves[0] + halves[1]], [halves[0] - halves[1]]])
        return turn @ gradient(places)["gradient"][:, 0]

    def far(_: float, halves: Any) -> float:
        return float(abs(halves[0]) - _FAR)

    far.terminal = True  # type: ignore[attr-defined]
    start = turn @ (saddle + _OFFSET * inwards * tangent)
    path = solve_ivp(backwards, (0, 100), start, "DOP853", rtol=1e-12, atol=1e-20, events=far)
    centre, half = path.y[:, -1]
    if path.status != 1:
        raise ArithmeticError("the stable manifold does not lead to a far cluster")
    return float(math.log(abs(half)) + centre**2)
